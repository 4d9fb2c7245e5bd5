#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/reproduction.hpp"
#include "mudra/cli/step_commands.hpp"
#include "mudra/pipeline/steps.hpp"

namespace mudra::cli {
namespace {

using pipeline::Step;
using Files = std::vector<std::string>;

// A step that runs `settings` in this process, and says what one would type for it. With `as_json` the last
// of `makes` gets the command's answer.
template <typename Settings>
Step step_of(const std::string& title, Files command, const Settings& settings, const Files& reads,
             const Files& makes, bool as_json = false) {
  std::ranges::move(cli::words_of(settings), std::back_inserter(command));
  if (as_json) command.emplace_back("--json");
  const std::string file = as_json ? makes.back() : "";
  const auto work = [settings, file] {
    const Answer answer = cli::run(settings);
    if (!answer.failure.empty()) fail("{}", answer.failure);
    if (file.empty())
      print_err(answer.text + answer.remark);
    else
      write_text(file, text_of_json(answer.json));
  };
  return {title, command, reads, makes, file, std::same_as<Settings, pipeline::TrainRequest>, work};
}

pipeline::TrainRequest training(const Reproduction& run, const Files& data, const std::string& split,
                                int epochs, const std::string& out) {
  pipeline::TrainRequest request{.options = {}, .out = out, .resume = true};
  request.options.data = data;
  request.options.split = split;
  // With ReLU, not ReLU6, all recipes keep the network's function until they round.
  request.options.activation = "relu";
  request.options.epochs = epochs;
  request.options.seed = run.seed;
  return request;
}

pipeline::QuantizeSettings quantizing(const std::string& recipe, const std::string& out) {
  pipeline::QuantizeSettings settings;
  settings.model = "model.pth";
  settings.sets = {"seen.npz"};
  settings.recipe.name = recipe;
  if (recipe == "mixed") settings.recipe.budget = "macs=25%";
  settings.out = out;
  return settings;
}

// From pictures of hands to a project for the chip, each step a function of mudra/pipeline.
std::vector<Step> story(const Reproduction& run) {
  std::vector<Step> steps;
  const auto add = [&steps](const auto&... parts) { steps.push_back(step_of(parts...)); };
  const Files set = run.data.empty() ? Files{"hands"} : run.data;
  if (run.data.empty())
    add("Render 25 people", Files{"data", "synth"},
        pipeline::RenderSettings{.out = "hands", .per_class = 16, .people = 25, .seed = run.seed}, Files{},
        set);
  const bool by_people = run.split == "subject", as_given = run.split == "given";
  add(fmt::format("Put {} aside, which nothing sees before it is judged on them",
                  by_people  ? "people"
                  : as_given ? "the set's own pictures to judge by"
                             : "frames"),
      Files{"data", "split"},
      pipeline::SplitSettings{.sets = set, .out = ".", .split = run.split, .seed = run.seed}, set,
      Files{"seen.npz", "unseen.npz"});
  // The set's own parts are only whole with those that judge.
  const Files learned = as_given ? Files{"seen.npz", "unseen.npz"} : Files{"seen.npz"};
  Files material = learned;
  if (run.hands > 0) material.push_back(fmt::format("synthetic:{}", run.hands));
  add(fmt::format("Train on the others{}", run.hands > 0 ? ", and on freshly rendered hands" : ""),
      Files{"train"}, training(run, material, run.split, run.epochs, "."), learned,
      Files{"model.pth", "metrics.jsonl", "config.json"});
  if (by_people)  // longer, with fewer pictures an epoch
    add("Train on a random split, to see what such a figure is worth", Files{"train"},
        training(run, {"seen.npz"}, "random", 3 * run.epochs, "random_split"), Files{"seen.npz"},
        Files{"random_split/model.pth"});
  add("Export for PyTorch, ONNX Runtime and TensorFlow Lite, each file read back", Files{"export"},
      pipeline::ExportSettings{
          .model = "model.pth", .out = "exported", .sets = {"seen.npz"}, .keep_going = true},
      Files{"model.pth", "seen.npz"}, Files{"exported", "export.json"}, true);
  for (const std::string recipe : {"int8", "mixed", "equalized", "best"}) {
    const std::string file = recipe + ".espdl";
    add("Integers for the chip, recipe " + recipe, Files{"quantize"}, quantizing(recipe, file),
        Files{"model.pth", "config.json", "seen.npz"}, Files{file});
    add("What that cost, layer by layer", Files{"analyze"},
        pipeline::AnalyzeSettings{.model = "model.pth", .espdl = file, .sets = {"unseen.npz"}},
        Files{"model.pth", file, "unseen.npz"}, Files{recipe + ".noise.json"}, true);
  }
  add("A firmware project with the best of them", Files{"deploy"},
      pipeline::DeploySettings{.model = "best.espdl", .out = "firmware"}, Files{"best.espdl"},
      Files{"firmware"});
  if (!run.recorded.empty())
    add("Recorded runs of a real chip, computed again", Files{"replay"},
        pipeline::ReplaySettings{.runs = run.recorded}, Files{run.recorded}, Files{"replay.json"}, true);
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
