#include <memory>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/cli/answer.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/studio/site.hpp"

namespace mudra::cli {
namespace {

struct StudioOptions {
  std::string model, out;
  bool json = false;
};

Answer run_studio(const StudioOptions& options) {
  const deploy::DeployModel model = deploy::load_deploy_model(options.model);
  with_context(options.model, [&] {
    if (!deploy::info_on_board(model).takes_pictures()) fail("it takes no pictures");
  });
  const studio::Site site = studio::write_site(options.out, model);
  return {.text = printed("{}: a page of {} bytes, and a model of {}. To see it on this computer:\n"
                          "  python3 -m http.server --bind 127.0.0.1 --directory {} 8000\n"
                          "and http://127.0.0.1:8000 in a browser; elsewhere a camera needs https.\n",
                          options.out, site.page_bytes, site.model_bytes, shell_word(options.out)),
          .json = {{"out", options.out}, {"page_bytes", site.page_bytes}, {"model_bytes", site.model_bytes}}};
}

}  // namespace

void add_studio(CLI::App& app) {
  const auto options = std::make_shared<StudioOptions>();
  CLI::App* command = app.add_subcommand("studio", "Write a page on which a model sees a browser's camera");
  command->add_option("MODEL", options->model, "An .espdl file")->required();
  command->add_option("--export", options->out, "Folder to write; must be new or empty")->required();
  command->add_flag("--json", options->json, "Print {out, page_bytes, model_bytes}");
  command->footer("\nExample:\n  mudra studio run/best.espdl --export site");
  command->callback([options] { say(run_studio(*options), options->json); });
}

}  // namespace mudra::cli
