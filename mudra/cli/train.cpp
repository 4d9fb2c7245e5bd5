#include "mudra/pipeline/train_network.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mudra/base/error.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"
#include "mudra/data/augment.hpp"
#include "mudra/graph/networks.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const pipeline::TrainedFold& fold) {
  return {{"run", fold.folder.string()},
          {"weights", fold.trained.averaged ? "averaged" : "best epoch"},
          {"validation_loss", fold.trained.validation_loss},
          {"validation_accuracy", fold.trained.validation_accuracy},
          {"test", Json::parse(report::json_of(fold.test))}};
}

std::string text_of(const pipeline::TrainedFold& fold) {
  return printed("\n{}: kept the {} (validation loss {:.3f}, accuracy {:.1f} %)\n", fold.file.string(),
                 fold.trained.averaged ? "averaged weights of the last epochs" : "weights of the best epoch",
                 fold.trained.validation_loss, 100 * fold.trained.validation_accuracy) +
         report::text_of(fold.test);
}

}  // namespace

void add_options(OptionTable& command, pipeline::TrainRequest& request) {
  pipeline::TrainOptions& options = request.options;
  command.add_option(
      "--data", options.data,
      "Sets to learn from: .npz, a folder or .zip of pictures, or synthetic[:N][,light=...] for N "
      "freshly rendered hands an epoch");
  add_rendering_options(command, request.hands, request.without_none);
  command
      .add_option("--split", options.split,
                  "What is held out: given (the parts train, valid and test that a set states), subject "
                  "(people), loso, or random (frames); unless said, given where it is, else subject")
      ->check(CLI::IsMember({"given", "subject", "loso", "random"}));
  command.add_option("--shares", options.shares, "Of a random split: training/validation/test")
      ->check(CLI::IsMember({"80/10/10", "70/15/15"}))
      ->capture_default_str();
  command.add_option("--augment", options.augment, "Random changes to the pictures of data sets")
      ->check(CLI::IsMember(data::augmentation_preset_names()))
      ->capture_default_str();
  command
      .add_option("--network", options.network,
                  fmt::format("{}; or an .onnx, whose structure is trained anew", pipeline::network_names()))
      ->type_name("NAME|FILE.onnx")
      ->capture_default_str();
  command
      .add_option(
          "--from", options.from,
          "A RUN folder, .pth or .onnx: goes on with its network and weights, also to other classes, with "
          "settings for few pictures")
      ->type_name("MODEL");
  command
      .add_flag("--without-rendered", options.without_rendered,
                "With --from a network of hands: no rendered ones are mixed in")
      ->needs("--from");
  command
      .add_option("--activation", options.activation,
                  "Of light-gesture-net: relu6, or relu (exact to equalize later)")
      ->check(CLI::IsMember({"relu6", "relu"}))
      ->capture_default_str();
  command
      .add_option("--channels", options.channels,
                  "Of light-gesture-net's first convolution and blocks; /2 for stride 2")
      ->capture_default_str();
  command.add_option("--expansion", options.expansion, "Of light-gesture-net's blocks")
      ->check(CLI::Range(2, 16))
      ->capture_default_str();
  command
      .add_option("--epochs", options.epochs, "Times through the data, and as many draws of rendered hands")
      ->check(CLI::Range(1, 100000))
      ->default_str("12, more for few pictures; with --from for 600 steps");
  command.add_option("--batch", options.batch, "Images a step")
      ->check(CLI::Range(2, 1024))
      ->default_str("32, less for few pictures");
  add_normalize_option(command, options.normalize, "kept in all that is made of the network")
      ->default_str("as the network's file states, else none");
  command.add_option("--learning-rate", options.learning_rate, "At the start; falls along half a cosine")
      ->check(CLI::Range(1e-8, 10.0))
      ->default_str("3e-3, with --from 2e-3");
  command.add_option("--average", options.average, "Average the weights over this many last epochs")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command
      .add_option("--patience", options.patience, "Epochs without a lower validation loss before stopping")
      ->check(CLI::Range(1, 100000))
      ->default_str("5, more for few pictures; with --from none");
  command.add_option("--seed", options.seed, "Of everything random")->capture_default_str();
  command.add_option("--out", request.out, "The RUN folder to write")->required();
  command.add_option("--threads", request.threads,
                     "Threads; 0: one per core; the result does not depend on it");
  command.add_flag("--resume", request.resume, "Go on where an interrupted training stopped");
}

Answer run(const pipeline::TrainRequest& request) {
  std::vector<pipeline::TrainedFold> folds;
  try {
    folds = pipeline::train_network(request);
  } catch (Error& error) {
    if (error.kind == ErrorKind::kInterrupted)
      error.text +=
          fmt::format("; all is saved, go on with: mudra train --resume --out {}", shell_word(request.out));
    throw;
  }
  Answer answer{.text = {}, .json = Json::array()};
  double accuracy = 0;
  for (const pipeline::TrainedFold& fold : folds) {
    answer.text += text_of(fold);
    answer.json.push_back(json_of(fold));
    accuracy += report::accuracy_of(fold.test) / static_cast<double>(folds.size());
  }
  if (folds.size() > 1)
    answer.text += fmt::format(
        "\nleave-one-subject-out: mean accuracy {:.1f} % over {} subjects, each unseen by its network\n",
        100 * accuracy, folds.size());
  return answer;
}

void add_train(CLI::App& app) {
  CLI::App& command = add_command<pipeline::TrainRequest>(
      app, "train", "Train a network and judge it on people it has not seen");
  std::string networks = "Networks:\n";
  for (const auto& [name, text, build] : graph::built_in_networks())
    networks += fmt::format("  {:<18} {}\n", name, text);
  command.footer(networks +
                 "\nExample: mudra train --data synthetic:8000 --data leapGestRecog --out run/first");
}

}  // namespace mudra::cli
