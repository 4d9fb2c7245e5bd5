#include "mudra/studio/studio.hpp"

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

struct StudioCommand {
  studio::StudioOptions options;  // of which the folder is a model with --export
  std::string out;
  bool closed = false, json = false;
};

Answer export_site(const StudioCommand& command) {
  const std::string& file = command.options.folder;
  const deploy::DeployModel model = deploy::load_deploy_model(file);
  with_context(file, [&] {
    if (!deploy::info_on_board(model).takes_pictures()) fail("it takes no pictures");
  });
  const studio::Site site = studio::write_site(command.out, model);
  return {.text = printed("{}: a page of {} bytes, and a model of {}. To see it on this computer:\n"
                          "  python3 -m http.server --bind 127.0.0.1 --directory {} 8000\n"
                          "and http://127.0.0.1:8000 in a browser; elsewhere a camera needs https.\n",
                          command.out, site.page_bytes, site.model_bytes, shell_word(command.out)),
          .json = {{"out", command.out}, {"page_bytes", site.page_bytes}, {"model_bytes", site.model_bytes}}};
}

}  // namespace

void add_studio(CLI::App& app) {
  const auto typed = std::make_shared<StudioCommand>();
  CLI::App* command = app.add_subcommand(
      "studio", "Open a page for pictures, training and models; or write one on which a model sees a camera");
  command->add_option("FOLDER", typed->options.folder, "What the page works in; with --export an .espdl file")
      ->required();
  CLI::Option* out = command->add_option("--export", typed->out,
                                         "Write a page for any file server to this new or empty folder");
  constexpr int kMostPort = 65535;
  command->add_option("--board", typed->options.board, "A board's port, to send models to")->excludes(out);
  command->add_option("--port", typed->options.port, "Of the page, on this computer only; any that is free")
      ->check(CLI::Range(1, kMostPort))
      ->excludes(out);
  command->add_flag("--no-open", typed->closed, "Show the page's link without opening it")->excludes(out);
  command->add_flag("--json", typed->json, "With --export: print {out, page_bytes, model_bytes}")->needs(out);
  command->footer(
      "\nThe page is for this computer alone: its link has a secret, which the browser keeps as a cookie.\n"
      "Phones cannot open it. Ctrl-C ends it, and lets a training save.\n\nExamples:\n"
      "  mudra studio my-hands --board /dev/ttyUSB0\n"
      "  mudra studio run/best.espdl --export site");
  command->callback([typed] {
    if (!typed->out.empty()) return say(export_site(*typed), typed->json);
    typed->options.open = !typed->closed;
    studio::run_studio(typed->options);
  });
}

}  // namespace mudra::cli
