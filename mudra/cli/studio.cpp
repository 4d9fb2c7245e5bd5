#include "mudra/studio/studio.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/cli/answer.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/studio/demo.hpp"
#include "mudra/studio/site.hpp"

namespace mudra::cli {
namespace {

namespace fs = std::filesystem;

struct StudioCommand {
  studio::StudioOptions options;  // of which the folder is a model with --export
  std::string out;
  bool closed = false, json = false, demo = false;
};

// The model of a RUN folder, or the file itself.
fs::path model_of(const fs::path& named) {
  if (!fs::is_directory(named)) return named;
  for (const char* name : {"best.espdl", "model.espdl"})
    if (fs::exists(named / name)) return named / name;
  fail("{}: has no integers yet, best.espdl or model.espdl: mudra quantize", named.string());
}

Answer export_site(const StudioCommand& command) {
  const fs::path file = model_of(command.options.folder);
  const fs::path report = file.parent_path() / "report.html";
  const studio::SiteContent content = {.name = file.filename().string(),
                                       .model = deploy::load_deploy_model(file),
                                       .report = fs::is_regular_file(report) ? report : fs::path()};
  with_context(file.string(), [&] {
    if (!deploy::info_on_board(content.model).takes_pictures()) fail("it takes no pictures");
  });
  const studio::Site site = studio::write_site(command.out, content);
  const std::string reported =
      site.report_bytes == 0 ? "" : fmt::format(", and its run's report of {}", site.report_bytes);
  return {.text = printed("{}: a page of {} bytes, a model of {}{}. To see it on this computer:\n"
                          "  python3 -m http.server --bind 127.0.0.1 --directory {} 8000\n"
                          "and http://127.0.0.1:8000 in a browser; elsewhere a camera needs https.\n",
                          command.out, site.page_bytes, site.model_bytes, reported, shell_word(command.out)),
          .json = {{"out", command.out},
                   {"page_bytes", site.page_bytes},
                   {"model_bytes", site.model_bytes},
                   {"report_bytes", site.report_bytes}}};
}

}  // namespace

void add_studio(CLI::App& app) {
  const auto typed = std::make_shared<StudioCommand>();
  CLI::App* command = app.add_subcommand(
      "studio", "Open a page for pictures, training and models; or write one on which a model sees a camera");
  CLI::Option* folder =
      command->add_option("FOLDER", typed->options.folder,
                          "What the page works in; with --export an .espdl file or a RUN folder");
  CLI::Option* demo =
      command->add_flag("--demo", typed->demo, "Open run/studio, made of what make demo left in run/demo")
          ->excludes(folder);
  CLI::Option* out =
      command
          ->add_option("--export", typed->out, "Write a page for any file server to this new or empty folder")
          ->excludes(demo);
  constexpr int kMostPort = 65535;
  command->add_option("--board", typed->options.board, "A board's port, to send models to")->excludes(out);
  command->add_option("--port", typed->options.port, "Of the page, on this computer only; any that is free")
      ->check(CLI::Range(1, kMostPort))
      ->excludes(out);
  command->add_flag("--no-open", typed->closed, "Show the page's link without opening it")->excludes(out);
  command
      ->add_flag("--json", typed->json, "With --export: print {out, page_bytes, model_bytes, report_bytes}")
      ->needs(out);
  command->footer(
      "\nThe page is for this computer alone: its link has a secret, which the browser keeps as a cookie.\n"
      "Phones cannot open it. Ctrl-C ends it, and lets a training save.\n\nExamples:\n"
      "  mudra studio my-hands --board /dev/ttyUSB0\n"
      "  mudra studio run/best.espdl --export site");
  command->callback([typed, folder] {
    if (typed->demo) typed->options.folder = studio::demo_folder("run/demo", "run/studio").string();
    if (typed->options.folder.empty()) throw CLI::RequiredError(folder->get_name());
    if (!typed->out.empty()) return say(export_site(*typed), typed->json);
    typed->options.open = !typed->closed;
    studio::run_studio(typed->options);
  });
}

}  // namespace mudra::cli
