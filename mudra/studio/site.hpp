// A folder of files that any file server makes a page of: a model at work on a browser's camera.
#pragma once

#include <cstddef>
#include <filesystem>

#include "mudra/deploy/deployment.hpp"

namespace mudra::studio {

struct Site {
  std::size_t page_bytes = 0;  // all but the model
  std::size_t model_bytes = 0;
};

// Writes the page and `model`, without what is packed behind it, to `folder`, which must be missing or empty.
// Throws Error where this program has no engine for browsers, and kIo.
Site write_site(const std::filesystem::path& folder, const deploy::DeployModel& model);

}  // namespace mudra::studio
