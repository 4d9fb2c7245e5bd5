#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/own_command.hpp"
#include "mudra/cli/reproduction.hpp"
#include "mudra/cli/steps.hpp"

namespace mudra::cli {
namespace {

// From pictures of hands to a project for the chip, one command of this program after the other.
std::vector<Step> story(const Reproduction& run) {
  using Files = std::vector<std::string>;
  const std::string seed = fmt::to_string(run.seed), epochs = fmt::to_string(run.epochs);
  const std::string longer = fmt::to_string(3 * run.epochs);  // with fewer pictures an epoch
  const std::string hands = fmt::format("synthetic:{}", run.hands);
  const Files set = run.data.empty() ? Files{"hands"} : run.data;
  std::vector<Step> steps;
  if (run.data.empty())
    steps.push_back({"Render 25 people",
                     words("data synth --out hands --people 25 --per-class 16 --seed", seed),
                     {},
                     {"hands"}});
  steps.push_back({"Put people aside, whom nothing sees before it is judged on them",
                   words("data split", set, "--out . --split", run.split, "--seed", seed),
                   set,
                   {"seen.npz", "unseen.npz"}});
  steps.push_back({"Train on the others, and on freshly rendered hands",
                   words("train --data seen.npz", run.hands > 0 ? Files{"--data", hands} : Files{}, "--split",
                         run.split, "--epochs", epochs, "--seed", seed, "--resume --out ."),
                   {"seen.npz"},
                   {"model.pth", "metrics.jsonl", "config.json"},
                   {},
                   Unfinished::kResume});
  steps.push_back({"Train on a random split, to see what such a figure is worth",
                   words("train --data seen.npz --split random --epochs", longer, "--seed", seed,
                         "--resume --out random_split"),
                   {"seen.npz"},
                   {"random_split/model.pth"},
                   {},
                   Unfinished::kResume});
  steps.push_back({"Export for PyTorch, ONNX Runtime and TensorFlow Lite, each file read back",
                   words("export model.pth --out exported --data seen.npz --json"),
                   {"model.pth", "seen.npz"},
                   {"exported", "export.json"},
                   "export.json"});
  const std::vector<std::pair<std::string, Files>> recipes = {
      {"int8", {}}, {"mixed", {"--budget", "macs=25%"}}, {"equalized", {}}, {"best", {}}};
  for (const auto& [recipe, options] : recipes) {
    const std::string file = recipe + ".espdl", noise = recipe + ".noise.json";
    steps.push_back({"Integers for the chip, recipe " + recipe,
                     words("quantize model.pth --data seen.npz --recipe", recipe, options, "--out", file),
                     {"model.pth", "seen.npz"},
                     {file}});
    steps.push_back({"What that cost, layer by layer",
                     words("analyze model.pth", file, "--data unseen.npz --json"),
                     {"model.pth", file, "unseen.npz"},
                     {noise},
                     noise});
  }
  steps.push_back({"A firmware project with the best of them",
                   words("deploy best.espdl --out firmware"),
                   {"best.espdl"},
                   {"firmware"}});
  if (!run.recorded.empty())
    steps.push_back({"Recorded runs of a real chip, computed again",
                     words("replay", run.recorded, "--json"),
                     {run.recorded},
                     {"replay.json"},
                     "replay.json"});
  return steps;
}

}  // namespace

void add_reproduce(CLI::App& app) {
  const auto run = std::make_shared<Reproduction>();
  CLI::App* command =
      app.add_subcommand("reproduce", "The whole story in one folder, ending in a page to show");
  add_options(*command, *run);
  command->footer("\nExample:\n  mudra reproduce --out run/all --seed 1");
  command->callback([run] { reproduce(*run, story(*run)); });
}

}  // namespace mudra::cli
