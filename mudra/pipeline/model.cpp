#include "mudra/pipeline/model.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/tflite_int8.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/decision_rule.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/pipeline/espdl_predictor.hpp"
#include "mudra/quant/lower.hpp"

namespace mudra::pipeline {
namespace {

constexpr int kBatch = 64;

void take_classes(Model& model, NamedClasses classes) {
  model.class_names = std::move(classes.names);
  model.names_are = classes.are;
  model.notes.insert(model.notes.end(), classes.notes.begin(), classes.notes.end());
}

// Of an input [1, height, width, channels].
template <typename Sizes>
data::PictureShape picture_of(const Sizes& sizes) {
  const auto shape = device::picture_shape(std::vector<std::int64_t>(sizes.begin(), sizes.end()));
  if (!shape)
    fail("it takes an input [{}], not one gray or colour picture with sides of {} to {}",
         fmt::join(sizes, ", "), device::kMinPictureSide, device::kMaxPictureSide);
  return *shape;
}

// Weights that are no numbers make every answer wrong, or hide behind an activation that clips.
void check_finite(const graph::Graph& graph) {
  for (const graph::Tensor& tensor : graph.tensors) {
    if (!tensor.values || tensor.type != graph::Type::kFloat32) continue;
    const std::vector<float>& values = graph::float_values(tensor);
    const auto broken = std::ranges::count_if(values, [](float value) { return !std::isfinite(value); });
    if (broken > 0)
      fail("tensor '{}': {} of its {} values are not finite; train or export the network again", tensor.name,
           broken, values.size());
  }
}

// What the user says of a network that does not say it itself.
struct Given {
  const std::vector<std::string>& names;
  const std::string& normalize;
};

void take_graph(Model& model, const graph::Graph& source, const Given& given) {
  check_finite(source);
  graph::Graph graph = fold_batch_normalization(source);
  check_finite(graph);
  model.picture = picture_of(graph.tensor(graph.input).shape);
  const graph::Shape& output = graph.tensor(graph.output).shape;
  if (graph.tensor(graph.output).layout != graph::Layout::kNc)
    fail("its output [{}] is not one row of scores", fmt::join(output, ", "));
  model.normalization = settle_normalization(graph.metadata, model.picture, given.normalize, model.notes);
  static_cast<void>(graph::stated_decision_rule(graph.metadata));
  if (model.trained) graph::state_normalization(model.trained->metadata, model.normalization);
  take_classes(model, name_classes(graph.class_names, given.names,
                                   model.trained || is_articles_network(graph), output[1]));
  if (model.names_are != ClassNames::kUnknown) graph.class_names = model.class_names;
  model.network = std::move(graph);
}

void take_int8(Model& model, format::TfliteModel network, const Given& given) {
  model.picture = picture_of(network.tensor(network.input).shape);
  const std::vector<int>& output = network.tensor(network.output).shape;
  if (output.size() != 2) fail("its output [{}] is not one row of scores", fmt::join(output, ", "));
  model.normalization = settle_normalization(network.metadata, model.picture, given.normalize, model.notes);
  take_classes(model, name_classes(network.class_names, given.names, false, output[1]));
  model.network = std::move(network);
}

Model load_pth(const std::filesystem::path& file, const Given& given) {
  PthModel loaded = load_pth_model(file);
  Model model{.format = "pth",
              .network = {},
              .trained = std::move(loaded.network),
              .picture = {},
              .class_names = {},
              .notes = {}};
  graph::Graph graph = *model.trained;
  graph.class_names = std::move(loaded.class_names);
  with_context(file.string(), [&] { take_graph(model, graph, given); });
  return model;
}

Model load_onnx(const std::filesystem::path& file, const Given& given) {
  Model model{.format = "onnx", .network = {}, .trained = {}, .picture = {}, .class_names = {}, .notes = {}};
  const graph::Graph graph = format::load_onnx(file, &model.notes);
  with_context(file.string(), [&] { take_graph(model, graph, given); });
  return model;
}

Model load_tflite(const std::filesystem::path& file, const Given& given) {
  Model model{
      .format = "tflite", .network = {}, .trained = {}, .picture = {}, .class_names = {}, .notes = {}};
  format::TfliteModel network = format::load_tflite(file);
  model.notes = network.notes;
  with_context(file.string(), [&] {
    if (network.is_int8())
      take_int8(model, std::move(network), given);
    else
      take_graph(model, graph_of(network), given);
  });
  return model;
}

// Scores of what `runner` makes of the pixels' values.
template <typename Runner>
auto score_with(std::shared_ptr<Runner> runner, const report::Predictor& predictor,
                const device::Normalization& normalization) {
  return [runner, picture = predictor.picture.bytes(), classes = predictor.class_names.size(),
          pixels = graph::PixelValues(normalization),
          values = std::vector<float>()](std::span<const std::uint8_t> images) mutable {
    values.resize(images.size());
    pixels.convert(images, values);
    std::vector<float> logits(images.size() / picture * classes);
    runner->run(values, logits);
    return report::Scores{std::move(logits), 0};
  };
}

}  // namespace

std::filesystem::path model_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at cannot be read either, which says why
  if (!std::filesystem::is_directory(path, ignored)) return path;
  for (const char* name : {"model.pth", "model.onnx"})
    if (auto file = path / name; std::filesystem::exists(file, ignored)) return file;
  fail("{}: a folder without model.pth or model.onnx, so no RUN", path.string());
}

bool is_articles_network(const graph::Graph& network) {
  const auto weights_of = [](const graph::Graph& graph) {
    std::vector<graph::Shape> shapes;
    for (const graph::Node& node : graph.nodes)
      if (graph::has_weights(node)) shapes.push_back(graph.tensor(node.inputs[1]).shape);
    return shapes;
  };
  return weights_of(network) == weights_of(graph::light_gesture_net({}));
}

NamedClasses name_classes(std::vector<std::string> stored, const std::vector<std::string>& given,
                          bool of_article, std::int64_t outputs) {
  NamedClasses classes;
  if (!stored.empty()) {
    format::check_class_names(stored, outputs);
    if (!given.empty() && given != stored)
      classes.notes.push_back(
          fmt::format("it names its classes itself ({}); --classes is not used", fmt::join(stored, ", ")));
    classes.names = std::move(stored);
  } else if (!given.empty()) {
    with_context("--classes", [&] { format::check_class_names(given, outputs); });
    classes.names = given;
  } else if (of_article && outputs == data::kGestures) {
    classes.names = {std::begin(data::kGestureNames), std::end(data::kGestureNames)};
    classes.are = ClassNames::kAssumed;
  } else {
    for (std::int64_t c = 0; c < outputs; ++c) classes.names.push_back(fmt::format("class {}", c));
    classes.are = ClassNames::kUnknown;
  }
  return classes;
}

device::Normalization settle_normalization(std::map<std::string, std::string>& metadata,
                                           const data::PictureShape& picture, const std::string& given,
                                           std::vector<std::string>& notes) {
  const auto stated = stated_normalization(metadata, picture);
  if (given.empty()) return stated.value_or(device::Normalization{});
  const auto wanted =
      with_context("--normalize", [&] { return graph::normalization_named(given, picture.channels); });
  if (stated && *stated != wanted)
    notes.push_back(fmt::format("it states itself how pixels become numbers ({}); --normalize is not used",
                                graph::text_of(*stated)));
  graph::state_normalization(metadata, stated.value_or(wanted));
  return stated.value_or(wanted);
}

bool give_normalization(format::EspdlFile& file, const std::string& given, std::vector<std::string>& notes) {
  graph::Graph& graph = file.graph;
  const auto picture = device::picture_shape(graph.tensor(graph.input).shape);
  if (given.empty() || !picture) return false;
  const auto before = graph.metadata;
  settle_normalization(graph.metadata, *picture, given, notes);
  return graph.metadata != before;
}

std::vector<std::string> listed_names(const std::string& text) {
  std::vector<std::string> names;
  if (text.empty()) return names;
  for (std::size_t first = 0; first <= text.size();) {
    const std::size_t end = std::min(text.find(',', first), text.size());
    names.push_back(text.substr(first, end - first));
    first = end + 1;
  }
  return names;
}

Model load_model(const std::filesystem::path& path, const std::vector<std::string>& class_names,
                 const std::string& normalize) {
  const Given given{class_names, normalize};
  const auto file = model_file(path);
  const std::string extension = file.extension().string();
  if (extension == ".espdl") fail("{}: an integer model; the float one is needed here", file.string());
  Model model = extension == ".onnx"     ? load_onnx(file, given)
                : extension == ".tflite" ? load_tflite(file, given)
                                         : load_pth(file, given);
  model.bytes = std::filesystem::file_size(file);
  return model;
}

report::Predictor predictor_of(const Model& model) {
  report::Predictor predictor;
  predictor.format = model.format;
  predictor.class_names = model.class_names;
  predictor.bytes = model.bytes;
  predictor.picture = model.picture;
  predictor.max_batch = kBatch;
  if (const auto* graph = std::get_if<graph::Graph>(&model.network)) {
    predictor.multiply_adds = graph::multiply_adds(*graph);
    if (const auto rule = graph::stated_decision_rule(graph->metadata))
      predictor.threshold = graph::threshold_of(*rule);
    predictor.score = score_with(std::make_shared<graph::FloatRunner>(
                                     *graph, graph::FloatRunner::Options{.max_batch = kBatch, .keep = {}}),
                                 predictor, model.normalization);
  } else {
    predictor.score =
        score_with(std::make_shared<format::TfliteInt8Runner>(std::get<format::TfliteModel>(model.network)),
                   predictor, model.normalization);
  }
  return predictor;
}

LoadedPredictor load_predictor(const std::filesystem::path& path, const std::vector<std::string>& class_names,
                               const std::string& normalize) {
  if (path.extension() == ".espdl") return load_espdl_predictor(path, class_names, normalize);
  const Model model = load_model(path, class_names, normalize);
  return {predictor_of(model), model.names_are, model.notes};
}

void tell_notes(ClassNames names_are, const std::vector<std::string>& class_names,
                const std::vector<std::string>& notes, const std::filesystem::path& path) {
  for (const std::string& note : notes) print_err("{}: {}\n", path.string(), note);
  if (names_are == ClassNames::kAssumed)
    print_err("{} does not name its classes; taken to be {}, as in the article it is of\n", path.string(),
              fmt::format("{}", fmt::join(class_names, ", ")));
  if (names_are == ClassNames::kUnknown)
    print_err("{} does not name its classes, so they have numbers; name them with --classes A,B,...\n",
              path.string());
}

}  // namespace mudra::pipeline
