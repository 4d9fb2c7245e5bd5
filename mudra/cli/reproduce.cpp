#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mudra/cli/commands.hpp"
#include "mudra/cli/own_command.hpp"
#include "mudra/cli/reproduction.hpp"
#include "mudra/cli/steps.hpp"

namespace mudra::cli {
namespace {

// From pictures of hands to a project for the chip, one command of this program after the other.
std::vector<Step> story(const Reproduction& run) {
  using Files = std::vector<std::string>;
  std::vector<Step> steps;
  const auto add = [&steps](const std::string& title, const Files& command, const Files& reads,
                            const Files& makes) {
    steps.push_back({title, command, reads, makes});
  };
  const std::string seed = fmt::to_string(run.seed), epochs = fmt::to_string(run.epochs);
  const std::string longer = fmt::to_string(3 * run.epochs);  // with fewer pictures an epoch
  const Files rendered = run.hands > 0 ? words("--data", fmt::format("synthetic:{}", run.hands)) : Files{};
  const Files set = run.data.empty() ? Files{"hands"} : run.data;

  if (run.data.empty())
    add("Render 25 people", words("data synth --out hands --people 25 --per-class 16 --seed", seed), {}, set);
  const bool by_people = run.split == "subject", as_given = run.split == "given";
  add(fmt::format("Put {} aside, which nothing sees before it is judged on them",
                  by_people  ? "people"
                  : as_given ? "the set's own pictures to judge by"
                             : "frames"),
      words("data split", set, "--out . --split", run.split, "--seed", seed), set,
      {"seen.npz", "unseen.npz"});
  // The set's own parts are only whole with those that judge.
  const Files learned = as_given ? Files{"seen.npz", "unseen.npz"} : Files{"seen.npz"};
  // With ReLU, not ReLU6, all recipes keep the network's function until they round.
  add(fmt::format("Train on the others{}", run.hands > 0 ? ", and on freshly rendered hands" : ""),
      words("train --data", learned, rendered, "--activation relu --split", run.split, "--epochs", epochs,
            "--seed", seed, "--resume --out ."),
      learned, {"model.pth", "metrics.jsonl", "config.json"});
  if (by_people)
    add("Train on a random split, to see what such a figure is worth",
        words("train --data seen.npz --activation relu --split random --epochs", longer, "--seed", seed,
              "--resume --out random_split"),
        {"seen.npz"}, {"random_split/model.pth"});
  add("Export for PyTorch, ONNX Runtime and TensorFlow Lite, each file read back",
      words("export model.pth --out exported --data seen.npz --keep-going --json"), {"model.pth", "seen.npz"},
      {"exported", "export.json"});
  const std::pair<std::string, Files> recipes[] = {
      {"int8", {}}, {"mixed", {"--budget", "macs=25%"}}, {"equalized", {}}, {"best", {}}};
  for (const auto& [recipe, options] : recipes) {
    const std::string file = recipe + ".espdl";
    add("Integers for the chip, recipe " + recipe,
        words("quantize model.pth --data seen.npz --recipe", recipe, options, "--out", file),
        {"model.pth", "seen.npz"}, {file});
    add("What that cost, layer by layer", words("analyze model.pth", file, "--data unseen.npz --json"),
        {"model.pth", file, "unseen.npz"}, {recipe + ".noise.json"});
  }
  add("A firmware project with the best of them", words("deploy best.espdl --out firmware"), {"best.espdl"},
      {"firmware"});
  if (!run.recorded.empty())
    add("Recorded runs of a real chip, computed again", words("replay", run.recorded, "--json"),
        {run.recorded}, {"replay.json"});
  return steps;
}

}  // namespace

void add_reproduce(CLI::App& app) {
  const auto run = std::make_shared<Reproduction>();
  CLI::App* command =
      app.add_subcommand("reproduce", "The whole story in one folder, ending in a page to show");
  add_options(*command, *run);
  command->footer("\nExample:\n  mudra reproduce --out run/all --seed 1");
  command->callback([run] {
    choose_split(*run);
    reproduce(*run, story(*run));
  });
}

}  // namespace mudra::cli
