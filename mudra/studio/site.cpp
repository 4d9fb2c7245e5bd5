#include "mudra/studio/site.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "mudra/studio/web_files.hpp"

namespace mudra::studio {

namespace {

constexpr const char* kReport = "report.html";

}  // namespace

nlohmann::ordered_json about_model(const SiteContent& content) {
  const deploy::Deployment plan = deploy::plan_deployment(content.model, {});
  const auto chosen = std::ranges::find(plan.variants, plan.config.weights, &deploy::WeightVariant::weights);
  nlohmann::ordered_json about = {{"name", content.name}};
  if (chosen != plan.variants.end()) {
    about["chip_us"] = chosen->time.estimate;
    about["chip_us_range"] = {chosen->time.low, chosen->time.high};
  }
  about["report"] = content.report.empty() ? nlohmann::ordered_json(nullptr) : kReport;
  return about;
}

Site write_site(const std::filesystem::path& folder, const SiteContent& content) {
  if (std::ranges::find(web_files(), "engine.wasm", &WebFile::name) == web_files().end())
    fail(
        "this mudra was built without an engine for browsers: bash scripts/setup.sh wasm, and build it "
        "again");
  const std::string about =
      about_model(content).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  PendingFolder made(folder);
  Site site{.page_bytes = about.size(), .model_bytes = content.model.bytes.size()};
  for (const WebFile& file : web_files()) {
    if (file.of_studio) continue;
    write_file(made.path() / file.name, file.bytes);
    site.page_bytes += file.bytes.size();
  }
  write_text(made.path() / "model.json", about);
  write_file(made.path() / "model.espdl", content.model.bytes);
  if (!content.report.empty()) {
    const auto report = read_file(content.report);
    site.report_bytes = report.size();
    write_file(made.path() / kReport, report);
  }
  made.commit();
  return site;
}

}  // namespace mudra::studio
