#include "mudra/cli/model.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/cli/espdl_predictor.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/tflite_int8.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/train/network_graph.hpp"

namespace mudra::cli {
namespace {

constexpr int kBatch = 64;

// The file meant by `path`, which may be a RUN folder.
std::filesystem::path model_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at cannot be read either, which says why
  if (!std::filesystem::is_directory(path, ignored)) return path;
  auto file = path / "model.pth";
  if (!std::filesystem::exists(file, ignored))
    fail("{}: a folder without model.pth, so no RUN", path.string());
  return file;
}

// What a file says about itself and its pictures, beside the network.
void take_names(Model& model, std::vector<std::string> names,
                const std::map<std::string, std::string>& metadata, std::int64_t outputs) {
  const auto pixels = metadata.find("preprocessing");
  if (pixels != metadata.end() && pixels->second != kPixels) fail("it wants other pixels than '{}'", kPixels);
  if (names.empty()) {
    model.class_names = assumed_class_names(static_cast<int>(outputs));
    model.names_are = ClassNames::kAssumed;
  } else {
    check_class_names(names, outputs);
    model.class_names = std::move(names);
  }
}

template <typename Sizes>
void check_input(const Sizes& shape) {
  if (!std::ranges::equal(shape, std::vector<std::int64_t>{1, data::kImageSide, data::kImageSide, 1}))
    fail("it takes an input [{}], not 96x96 gray pictures", fmt::join(shape, ", "));
}

void take_graph(Model& model, const graph::Graph& source) {
  graph::Graph graph = fold_batch_normalization(source);
  check_input(graph.tensor(graph.input).shape);
  const graph::Shape& output = graph.tensor(graph.output).shape;
  if (graph.tensor(graph.output).layout != graph::Layout::kNc)
    fail("its output [{}] is not one row of scores", fmt::join(output, ", "));
  take_names(model, graph.class_names, graph.metadata, output[1]);
  graph.class_names = model.class_names;
  model.network = std::move(graph);
}

void take_int8(Model& model, format::TfliteModel network) {
  check_input(network.tensor(network.input).shape);
  const std::vector<int>& output = network.tensor(network.output).shape;
  if (output.size() != 2) fail("its output [{}] is not one row of scores", fmt::join(output, ", "));
  take_names(model, network.class_names, network.metadata, output[1]);
  model.network = std::move(network);
}

Model load_pth(const std::filesystem::path& file) {
  PthModel loaded = load_pth_model(file);
  Model model{.format = "pth", .network = {}, .trained = std::move(loaded.network), .class_names = {}};
  graph::Graph graph = train::graph_of(*model.trained);
  graph.class_names = std::move(loaded.class_names);
  take_graph(model, graph);
  return model;
}

Model load_onnx(const std::filesystem::path& file) {
  Model model{.format = "onnx", .network = {}, .trained = {}, .class_names = {}};
  const graph::Graph graph = format::load_onnx(file);
  with_context(file.string(), [&] { take_graph(model, graph); });
  return model;
}

Model load_tflite(const std::filesystem::path& file) {
  Model model{.format = "tflite", .network = {}, .trained = {}, .class_names = {}};
  format::TfliteModel network = format::load_tflite(file);
  with_context(file.string(), [&] {
    if (network.is_int8())
      take_int8(model, std::move(network));
    else
      take_graph(model, graph_of(network));
  });
  return model;
}

// Calls run(real values, logits) with the pixels of the pictures.
template <typename Run>
auto score_with(Run run) {
  return [run, values = std::vector<float>()](std::span<const std::uint8_t> images,
                                              std::span<float> logits) mutable {
    values.resize(images.size());
    std::ranges::transform(images, values.begin(),
                           [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
    run(std::span<const float>(values), logits);
  };
}

}  // namespace

std::vector<std::string> assumed_class_names(int classes) {
  if (classes == data::kGestures) return {std::begin(data::kGestureNames), std::end(data::kGestureNames)};
  std::vector<std::string> names;
  for (int c = 0; c < classes; ++c) names.push_back(fmt::format("class {}", c));
  return names;
}

Model load_model(const std::filesystem::path& path) {
  const auto file = model_file(path);
  const std::string extension = file.extension().string();
  if (extension == ".espdl") fail("{}: an integer model; the float one is needed here", file.string());
  Model model = extension == ".onnx"     ? load_onnx(file)
                : extension == ".tflite" ? load_tflite(file)
                                         : load_pth(file);
  model.bytes = std::filesystem::file_size(file);
  return model;
}

report::Predictor predictor_of(const Model& model) {
  report::Predictor predictor;
  predictor.format = model.format;
  predictor.class_names = model.class_names;
  predictor.bytes = model.bytes;
  predictor.max_batch = kBatch;
  if (const auto* graph = std::get_if<graph::Graph>(&model.network)) {
    predictor.multiply_adds = quant::multiply_adds(*graph);
    const auto runner = std::make_shared<graph::FloatRunner>(
        *graph, graph::FloatRunner::Options{.max_batch = kBatch, .keep = {}});
    predictor.score = score_with(
        [runner](std::span<const float> images, std::span<float> logits) { runner->run(images, logits); });
  } else {
    const auto runner =
        std::make_shared<format::TfliteInt8Runner>(std::get<format::TfliteModel>(model.network));
    predictor.score = score_with(
        [runner](std::span<const float> images, std::span<float> logits) { runner->run(images, logits); });
  }
  return predictor;
}

LoadedPredictor load_predictor(const std::filesystem::path& path) {
  if (path.extension() == ".espdl") return load_espdl_predictor(path);
  const Model model = load_model(path);
  return {predictor_of(model), model.names_are};
}

void tell_assumed_names(const LoadedPredictor& model, const std::filesystem::path& path) {
  if (model.names_are == ClassNames::kAssumed)
    fmt::print(stderr, "{} does not name its classes; taken to be {}\n", path.string(),
               fmt::join(model.predictor.class_names, ", "));
}

}  // namespace mudra::cli
