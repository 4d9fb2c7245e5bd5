#include "mudra/studio/site.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "mudra/studio/web_files.hpp"

namespace mudra::studio {

Site write_site(const std::filesystem::path& folder, const deploy::DeployModel& model) {
  if (std::ranges::find(web_files(), "engine.wasm", &WebFile::name) == web_files().end())
    fail(
        "this mudra was built without an engine for browsers: bash scripts/setup.sh wasm, and build it "
        "again");
  PendingFolder made(folder);
  Site site{.model_bytes = model.bytes.size()};
  for (const WebFile& file : web_files()) {
    if (file.of_studio) continue;
    write_file(made.path() / file.name, file.bytes);
    site.page_bytes += file.bytes.size();
  }
  write_file(made.path() / "model.espdl", model.bytes);
  made.commit();
  return site;
}

}  // namespace mudra::studio
