// A folder of files that any file server makes a page of: a model at work on a browser's camera.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "mudra/deploy/deployment.hpp"

namespace mudra::studio {

struct SiteContent {
  std::string name;  // of the model, for people: "best.espdl"
  deploy::DeployModel model;
  std::filesystem::path report = {};  // the page of its run, to be shown too; empty: there is none
};

struct Site {
  std::size_t page_bytes = 0;  // all but the model and the report
  std::size_t model_bytes = 0, report_bytes = 0;
};

// What the page says of its model: {name, chip_us, chip_us_range: [low, high], report: null or a file beside
// the page}. The time is that of a picture at 240 MHz, estimated. Throws Error for what the engine refuses.
nlohmann::ordered_json about_model(const SiteContent& content);

// Writes the page and the model, without what is packed behind it, to `folder`, which must be missing or
// empty. Throws Error where this program has no engine for browsers, as about_model, and kIo.
Site write_site(const std::filesystem::path& folder, const SiteContent& content);

}  // namespace mudra::studio
