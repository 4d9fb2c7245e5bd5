#include "mudra/cli/train_options.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "mudra/base/error.hpp"
#include "mudra/data/augment.hpp"
#include "mudra/graph/light_gesture_net.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

// Calls visit(name, field) for every option, in the order of config.json.
template <typename Options, typename Visit>
void for_each_field(Options& options, Visit&& visit) {
  visit("data", options.data);
  visit("split", options.split);
  visit("shares", options.shares);
  visit("augment", options.augment);
  visit("activation", options.activation);
  visit("channels", options.channels);
  visit("expansion", options.expansion);
  visit("epochs", options.epochs);
  visit("batch", options.batch);
  visit("learning_rate", options.learning_rate);
  visit("average", options.average);
  visit("patience", options.patience);
  visit("seed", options.seed);
}

int whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    fail("--channels: '{}' is not a whole number; write for example 16,24/2,24,32/2,32", text);
  return value;
}

// "24/2" -> {24, stride 2}; "24" -> {24, stride 1}
graph::LightGestureNet::Block block_of(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {whole_number(text), 1};
  return {whole_number(text.substr(0, slash)), whole_number(text.substr(slash + 1))};
}

void read_channels(std::string_view text, graph::LightGestureNet& network) {
  network.blocks.clear();
  bool first = true;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    if (first)
      network.first_channels = whole_number(part);
    else
      network.blocks.push_back(block_of(part));
    first = false;
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

void add_options(CLI::App& command, TrainOptions& options) {
  command.add_option(
      "--data", options.data,
      "Sets to learn from: .npz, a folder or .zip of pictures, or synthetic[:N] for N freshly rendered "
      "hands an epoch");
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
  command.add_option("--activation", options.activation, "relu6, or relu (exact to equalize later)")
      ->check(CLI::IsMember({"relu6", "relu"}))
      ->capture_default_str();
  command
      .add_option("--channels", options.channels, "Of the first convolution and the blocks; /2 for stride 2")
      ->capture_default_str();
  command.add_option("--expansion", options.expansion, "Of the blocks")
      ->check(CLI::Range(2, 16))
      ->capture_default_str();
  command
      .add_option("--epochs", options.epochs, "Times through the data, and as many draws of rendered hands")
      ->check(CLI::Range(1, 100000))
      ->default_str("12, more for few pictures");
  command.add_option("--batch", options.batch, "Images a step")
      ->check(CLI::Range(2, 1024))
      ->default_str("32, less for few pictures");
  command.add_option("--learning-rate", options.learning_rate, "At the start; falls along half a cosine")
      ->check(CLI::Range(1e-8, 10.0))
      ->capture_default_str();
  command.add_option("--average", options.average, "Average the weights over this many last epochs")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command
      .add_option("--patience", options.patience, "Epochs without a lower validation loss before stopping")
      ->check(CLI::Range(1, 100000))
      ->default_str("5, more for few pictures");
  command.add_option("--seed", options.seed, "Of everything random")->capture_default_str();
}

void choose_by_size(TrainOptions& options, std::size_t examples) {
  constexpr int kEpochs = 12, kPatience = 5, kSteps = 300, kPatientSteps = 125;
  constexpr std::size_t kSmallestBatch = 8, kBatch = 32, kWantedSteps = 8;
  const auto batch_for = std::clamp(std::bit_floor(examples / kWantedSteps), kSmallestBatch, kBatch);
  if (options.batch == 0)
    options.batch = static_cast<int>(std::max<std::size_t>(2, std::min(batch_for, examples)));
  const int steps = std::max(1, static_cast<int>(examples) / options.batch);
  const auto epochs_of = [steps](int wanted) { return (wanted + steps - 1) / steps; };
  if (options.epochs == 0) options.epochs = std::max(kEpochs, epochs_of(kSteps));
  if (options.patience == 0) options.patience = std::max(kPatience, epochs_of(kPatientSteps));
}

Json to_json(const TrainOptions& options) {
  Json json;
  for_each_field(options, [&](const char* name, const auto& field) { json[name] = field; });
  return json;
}

TrainOptions options_from_json(const Json& json) {
  TrainOptions options;
  try {
    for_each_field(options, [&](const char* name, auto& field) { json.at(name).get_to(field); });
  } catch (const Json::exception&) {
    fail("not the options of a training");
  }
  return options;
}

train::TrainingConfig training_config(const TrainOptions& options, int classes) {
  train::TrainingConfig config;
  graph::LightGestureNet net{.classes = classes, .expansion = options.expansion};
  if (options.activation == "relu") net.activation = graph::ActivationKind::kRelu;
  read_channels(options.channels, net);
  config.network = light_gesture_net(net);
  config.epochs = options.epochs;
  config.batch = options.batch;
  config.learning_rate = options.learning_rate;
  config.average_epochs = options.average;
  config.early_stopping.patience = options.patience;
  config.seed = options.seed;
  return config;
}

}  // namespace mudra::cli
