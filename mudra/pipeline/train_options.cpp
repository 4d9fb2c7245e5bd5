#include "mudra/pipeline/train_options.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "mudra/base/error.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/networks.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/train/classifier.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kLayerDecay = 0.9;  // with --from; light-gesture-net's first layer learns at a quarter

// Calls visit(name, field) for every option, in the order of config.json.
template <typename Options, typename Visit>
void for_each_field(Options& options, Visit&& visit) {
  visit("data", options.data);
  visit("split", options.split);
  visit("shares", options.shares);
  visit("augment", options.augment);
  visit("network", options.network);
  visit("from", options.from);
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

graph::Graph light_gesture_net_of(const TrainOptions& options, std::size_t classes) {
  graph::LightGestureNet net{.classes = static_cast<int>(classes), .expansion = options.expansion};
  if (options.activation == "relu") net.activation = graph::ActivationKind::kRelu;
  read_channels(options.channels, net);
  return light_gesture_net(net);
}

void refuse_options_of_light_gesture_net(const TrainOptions& options) {
  const TrainOptions defaults;
  if (options.activation != defaults.activation || options.channels != defaults.channels ||
      options.expansion != defaults.expansion)
    fail("--channels, --expansion and --activation are light-gesture-net's; leave them out");
}

// The network of a file.
PthModel load_network(const std::filesystem::path& path) {
  const bool is_onnx = path.extension() == ".onnx";
  if (!is_onnx && path.extension() != ".pth") fail("{}: not an .onnx or .pth", path.string());
  PthModel model;
  if (is_onnx) {
    model.network = format::load_onnx(path);
    model.class_names = model.network.class_names;
  } else {
    model = load_pth_model(path);
  }
  return model;
}

// The network with an output for each of `wanted`: those of `known` as they are, by name, others new.
graph::Graph with_classes(const graph::Graph& network, const std::vector<std::string>& known,
                          const std::vector<std::string>& wanted, std::uint64_t seed) {
  std::vector<int> rows;
  for (const std::string& name : wanted) {
    const std::int32_t row = data::index_of(known, name);
    rows.push_back(row < 0 ? train::kNewRow : row);
  }
  return train::with_outputs(network, rows, seed);
}

graph::Graph suited_network(const std::filesystem::path& path, const TrainOptions& options,
                            const std::vector<std::string>& classes, const data::PictureShape& pictures) {
  const PthModel model = load_network(path);
  return with_context(path.string(), [&] {
    const graph::Shape& input = model.network.tensor(model.network.input).shape;
    if (device::picture_shape(input) != pictures)
      fail("it takes an input [{}], and the pictures are {}", fmt::join(input, ", "),
           data::text_of(pictures));
    const std::vector<std::string> known = known_classes(options);
    if (!known.empty() && known != classes)
      return with_classes(train::with_own_constants(model.network), known, classes, options.seed);
    const std::int64_t outputs = model.network.tensor(model.network.output).shape.back();
    if (!std::cmp_equal(outputs, classes.size()))
      fail("it tells {} classes apart, and the pictures have {} ({}); give it that many outputs", outputs,
           classes.size(), fmt::join(classes, ", "));
    if (!model.class_names.empty() && model.class_names != classes)
      fail("its classes are {}, those of the pictures {}; order the folders as its classes are",
           fmt::join(model.class_names, ", "), fmt::join(classes, ", "));
    return train::with_own_constants(model.network);
  });
}

graph::Graph network_of(const TrainOptions& options, const std::vector<std::string>& classes,
                        const data::PictureShape& pictures) {
  const std::string file = network_file(options);
  if (!options.from.empty() && options.network != TrainOptions().network)
    fail("--from brings its own network; leave --network out");
  if (file.empty() && options.network == TrainOptions().network) {
    if (pictures != data::PictureShape{})
      fail("light-gesture-net takes {} pictures, and these are {}; choose another --network",
           data::text_of(data::PictureShape{}), data::text_of(pictures));
    return light_gesture_net_of(options, classes.size());
  }
  refuse_options_of_light_gesture_net(options);
  if (!file.empty()) return suited_network(file, options, classes, pictures);
  const graph::BuiltInNetwork* built_in = graph::find_network(options.network);
  if (built_in == nullptr)
    fail("--network {}: neither an .onnx file nor one of {}", options.network, network_names());
  return built_in->build({pictures.height, pictures.width, pictures.channels},
                         static_cast<int>(classes.size()));
}

// What the weights of `network` were trained with stays.
device::Normalization normalization_for(const TrainOptions& options, const graph::Graph& network,
                                        const data::PictureShape& pictures) {
  const auto stated = stated_normalization(network.metadata, pictures);
  if (options.normalize.empty()) return stated.value_or(device::Normalization{});
  const auto wanted = with_context(
      "--normalize", [&] { return graph::normalization_named(options.normalize, pictures.channels); });
  if (!options.from.empty() && stated && *stated != wanted)
    fail("--from {}: it was trained with --normalize {}; leave --normalize out", options.from,
         graph::text_of(*stated));
  return wanted;
}

}  // namespace

std::string network_names() {
  std::vector<std::string_view> names;
  for (const graph::BuiltInNetwork& network : graph::built_in_networks()) names.push_back(network.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void choose_by_size(TrainOptions& options, std::size_t examples) {
  constexpr int kEpochs = 12, kPatience = 5, kSteps = 300, kPatientSteps = 125;
  constexpr int kEpochsFrom = 3, kStepsFrom = 600;
  constexpr std::size_t kSmallestBatch = 8, kBatch = 32, kWantedSteps = 8;
  const auto batch_for = std::clamp(std::bit_floor(examples / kWantedSteps), kSmallestBatch, kBatch);
  if (options.batch == 0)
    options.batch = static_cast<int>(std::max<std::size_t>(2, std::min(batch_for, examples)));
  const int steps = std::max(1, static_cast<int>(examples) / options.batch);
  const auto epochs_of = [steps](int wanted) { return (wanted + steps - 1) / steps; };
  const bool goes_on = !options.from.empty();
  if (options.epochs == 0)
    options.epochs =
        goes_on ? std::max(kEpochsFrom, epochs_of(kStepsFrom)) : std::max(kEpochs, epochs_of(kSteps));
  if (options.learning_rate == 0) options.learning_rate = goes_on ? 2e-3 : 3e-3;
  if (options.patience == 0 && goes_on) options.patience = options.epochs;
  if (options.patience == 0) options.patience = std::max(kPatience, epochs_of(kPatientSteps));
}

Json to_json(const TrainOptions& options) {
  Json json;
  for_each_field(options, [&](const char* name, const auto& field) { json[name] = field; });
  if (!options.normalize.empty()) json["normalize"] = options.normalize;
  if (options.without_rendered) json["without_rendered"] = true;
  return json;
}

TrainOptions options_from_json(const Json& json) {
  TrainOptions options;
  try {
    for_each_field(options, [&](const char* name, auto& field) { json.at(name).get_to(field); });
    options.normalize = json.value("normalize", "");
    options.without_rendered = json.value("without_rendered", false);
  } catch (const Json::exception&) {
    fail("not the options of a training");
  }
  return options;
}

std::string network_file(const TrainOptions& options) {
  if (!options.from.empty()) return model_file(options.from).string();
  return options.network.ends_with(".onnx") ? options.network : "";
}

std::vector<std::string> known_classes(const TrainOptions& options) {
  if (options.from.empty()) return {};
  const Model model = load_model(model_file(options.from));
  return model.names_are == ClassNames::kUnknown ? std::vector<std::string>() : model.class_names;
}

std::optional<data::PictureShape> wanted_pictures(const TrainOptions& options) {
  const std::string file = network_file(options);
  if (file.empty()) return std::nullopt;
  const PthModel model = load_network(file);
  const graph::Shape& input = model.network.tensor(model.network.input).shape;
  const auto shape = device::picture_shape(input);
  if (!shape)
    fail("{}: it takes an input [{}], not one gray or colour picture with sides of {} to {}", file,
         fmt::join(input, ", "), device::kMinPictureSide, device::kMaxPictureSide);
  return shape;
}

train::TrainingConfig training_config(const TrainOptions& options, const std::vector<std::string>& classes,
                                      const data::PictureShape& pictures) {
  train::TrainingConfig config;
  config.network = network_of(options, classes, pictures);
  graph::state_normalization(config.network.metadata, normalization_for(options, config.network, pictures));
  config.keeps_weights = config.keeps_average = !options.from.empty();
  if (config.keeps_weights) config.layer_decay = kLayerDecay;
  config.epochs = options.epochs;
  config.batch = options.batch;
  config.learning_rate = options.learning_rate;
  config.average_epochs = options.average;
  config.early_stopping.patience = options.patience;
  config.seed = options.seed;
  return config;
}

}  // namespace mudra::pipeline
