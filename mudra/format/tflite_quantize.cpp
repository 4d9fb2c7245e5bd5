#include <algorithm>
#include <cmath>
#include <limits>

#include "mudra/base/error.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/pass.hpp"

namespace mudra::format {
namespace {

using graph::Type;

constexpr int kBatch = 32;  // images of one float run

struct Range {
  float low = 0, high = 0;  // holds 0, which padding needs exactly

  void include(float value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

// The asymmetric int8 numbers of a range; as TensorFlow Lite chooses them.
TfliteQuantization quantization_of(Range range) {
  constexpr double kLowest = -128, kSteps = 255;
  if (range.low == range.high) range.high = 1;  // a tensor of zeros
  const double low = range.low, scale = (double{range.high} - low) / kSteps;
  if (!std::isfinite(scale) || scale < double{std::numeric_limits<float>::min()})
    fail("values from {} to {} cannot be quantized", range.low, range.high);
  const double zero_point = std::clamp(std::round(kLowest - low / scale), kLowest, kLowest + kSteps);
  return {{static_cast<float>(scale)}, {static_cast<std::int64_t>(zero_point)}, 0};
}

void require_finite(const TfliteTensor& tensor) {
  for (const float value : std::get<std::vector<float>>(*tensor.values))
    if (!std::isfinite(value)) fail("'{}' holds {}, which cannot be quantized", tensor.name, value);
}

// Symmetric, one scale per slice of `axis`.
TfliteTensor quantized_weights(const TfliteTensor& weight, int axis, bool per_channel) {
  constexpr float kMost = 127;
  const auto& values = std::get<std::vector<float>>(*weight.values);
  const auto channels =
      static_cast<std::size_t>(per_channel ? weight.shape[static_cast<std::size_t>(axis)] : 1);
  const bool innermost = axis + 1 == std::ssize(weight.shape);
  const std::size_t per_slice = values.size() / channels;
  const auto channel_of = [&](std::size_t i) {
    return !per_channel ? 0 : innermost ? i % channels : i / per_slice;
  };
  std::vector<float> scales(channels, 0.0f);
  for (std::size_t i = 0; i < values.size(); ++i)
    scales[channel_of(i)] = std::max(scales[channel_of(i)], std::abs(values[i]));
  for (float& scale : scales) scale = scale > kMost * std::numeric_limits<float>::min() ? scale / kMost : 1;
  std::vector<std::int8_t> integers(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    integers[i] =
        static_cast<std::int8_t>(std::clamp(std::round(values[i] / scales[channel_of(i)]), -kMost, kMost));
  return {.name = weight.name,
          .shape = weight.shape,
          .type = Type::kInt8,
          .quantization = {scales, std::vector<std::int64_t>(channels, 0), axis},
          .values = std::move(integers)};
}

TfliteTensor quantized_bias(const TfliteTensor& bias, float input_scale,
                            const std::vector<float>& weight_scales) {
  // Room for the sum of products above it.
  constexpr double kMost = 1 << 30;
  const auto& values = std::get<std::vector<float>>(*bias.values);
  TfliteQuantization quantization;
  std::vector<std::int32_t> integers;
  for (std::size_t c = 0; c < values.size(); ++c) {
    const float scale = input_scale * weight_scales[weight_scales.size() == 1 ? 0 : c];
    integers.push_back(
        static_cast<std::int32_t>(std::clamp(std::round(double{values[c]} / double{scale}), -kMost, kMost)));
    if (c < weight_scales.size()) {
      quantization.scales.push_back(scale);
      quantization.zero_points.push_back(0);
    }
  }
  return {.name = bias.name,
          .shape = bias.shape,
          .type = Type::kInt32,
          .quantization = std::move(quantization),
          .values = std::move(integers)};
}

// The ranges of the graph's tensors over all images, by name.
std::map<std::string, Range> ranges_of(const graph::Graph& graph, std::span<const float> images) {
  std::vector<graph::TensorIndex> keep;
  for (const graph::Node& node : graph.nodes) keep.push_back(node.output);
  graph::FloatRunner runner(graph, {.max_batch = kBatch, .keep = keep});
  const std::size_t size = runner.input_size(), count = images.size() / size;
  if (count == 0 || images.size() % size != 0) fail("no whole number of calibration images");
  std::map<std::string, Range> ranges;
  std::vector<float> outputs(kBatch * runner.output_size());
  for (std::size_t first = 0; first < count; first += kBatch) {
    const std::size_t batch = std::min<std::size_t>(kBatch, count - first);
    runner.run(images.subspan(first * size, batch * size),
               std::span(outputs).first(batch * runner.output_size()));
    for (const graph::TensorIndex i : keep) {
      const auto values = runner.kept(i);
      const auto [low, high] = std::ranges::minmax(values);
      Range& range = ranges[graph.tensor(i).name];
      range.include(low);
      range.include(high);
    }
  }
  return ranges;
}

// AVERAGE_POOL_2D keeps its input's numbers, of which the mean of a large map may use a few only. A depthwise
// convolution over the whole map, all weights equal, has numbers of its own; and its roundings are the same
// in all kernels, also of TensorFlow Lite Micro, unlike those of MEAN, which have changed from release to
// release.
void make_convolutions_of_averages(graph::Graph& graph) {
  constexpr std::int64_t kMostPixels = 1 << 16;  // whose sum of products is sure to fit 32 bits
  for (graph::Node& node : graph.nodes) {
    if (!std::holds_alternative<graph::GlobalAveragePool>(node.operation)) continue;
    const graph::Shape in = graph.tensor(node.inputs[0]).shape;
    const std::int64_t pixels = in[1] * in[2];
    if (pixels == 1 || pixels > kMostPixels) continue;
    graph::Conv mean{.window = {}, .depthwise = true, .fused_relu = false};
    mean.window.kernel_h = static_cast<int>(in[1]);
    mean.window.kernel_w = static_cast<int>(in[2]);
    node.operation = mean;
    node.inputs.push_back(graph::add_constant(
        graph, node.name + ".weight", {in[3], 1, in[1], in[2]}, graph::Layout::kOihw,
        std::vector<float>(static_cast<std::size_t>(pixels * in[3]), 1.0f / static_cast<float>(pixels))));
  }
}

class Quantizer {
 public:
  Quantizer(TfliteModel model, const std::map<std::string, Range>& ranges)
      : model_(std::move(model)), ranges_(ranges) {}

  TfliteModel quantize() {
    give(model_.input, quantization_of({0, 1}));
    for (const TfliteOperator& quantized : model_.operators)
      std::visit([&](const auto& operation) { quantize(quantized, operation); }, quantized.operation);
    verify(model_, "quantizing for TFLite");
    return std::move(model_);
  }

 private:
  TfliteTensor& tensor(int i) { return model_.tensors[static_cast<std::size_t>(i)]; }

  void give(int i, TfliteQuantization quantization) {
    tensor(i).type = Type::kInt8;
    tensor(i).quantization = std::move(quantization);
  }
  void give_range(int i) {
    with_context(fmt::format("tensor '{}'", tensor(i).name),
                 [&] { give(i, quantization_of(ranges_.at(tensor(i).name))); });
  }

  void quantize_weights(const TfliteOperator& quantized, int axis, bool per_channel) {
    TfliteTensor &weight = tensor(quantized.inputs[1]), &bias = tensor(quantized.inputs[2]);
    require_finite(weight);
    require_finite(bias);
    weight = quantized_weights(weight, axis, per_channel);
    bias =
        quantized_bias(bias, tensor(quantized.inputs[0]).quantization.scales[0], weight.quantization.scales);
    give_range(quantized.output);
  }
  void quantize(const TfliteOperator& quantized, const TfliteConv2d&) {
    quantize_weights(quantized, 0, true);
  }
  void quantize(const TfliteOperator& quantized, const TfliteDepthwiseConv2d&) {
    quantize_weights(quantized, 3, true);
  }
  void quantize(const TfliteOperator& quantized, const TfliteFullyConnected&) {
    quantize_weights(quantized, 0, false);
  }
  void quantize(const TfliteOperator& quantized, const TfliteAdd&) { give_range(quantized.output); }
  // What only moves or averages values keeps their numbers.
  void quantize(const TfliteOperator& quantized, const TflitePad&) { keep_quantization(quantized); }
  void quantize(const TfliteOperator& quantized, const TfliteAveragePool2d&) { keep_quantization(quantized); }
  void quantize(const TfliteOperator& quantized, const TfliteMaxPool2d&) { keep_quantization(quantized); }
  void quantize(const TfliteOperator& quantized, const TfliteTranspose&) { keep_quantization(quantized); }
  void quantize(const TfliteOperator& quantized, const TfliteReshape&) { keep_quantization(quantized); }
  void keep_quantization(const TfliteOperator& quantized) {
    give(quantized.output, tensor(quantized.inputs[0]).quantization);
  }

  TfliteModel model_;
  const std::map<std::string, Range>& ranges_;
};

}  // namespace

TfliteModel quantized_tflite_of(const graph::Graph& graph, std::span<const float> images) {
  const graph::Graph folded = fold_batch_normalization(graph);
  const graph::Graph changed =
      graph::after_passes(folded, {{"making convolutions of averages", make_convolutions_of_averages}});
  return Quantizer(tflite_of(changed), ranges_of(folded, images)).quantize();
}

}  // namespace mudra::format
