#include "mudra/graph/reference_run.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::graph {
namespace {

struct MapShape {
  std::ptrdiff_t height, width, channels;
};

MapShape map_shape(const Tensor& map) { return {map.shape[1], map.shape[2], map.shape[3]}; }

// One node with its inputs and the place of its result.
class Step {
 public:
  Step(const Graph& graph, const Node& node, std::vector<std::span<const float>> inputs, std::span<float> out)
      : graph_(graph), node_(node), inputs_(std::move(inputs)), out_(out) {}

  void operator()(const Conv& conv) const {
    const MapShape in = map_shape(tensor(0)), out = map_shape(graph_.tensor(node_.output));
    for (std::ptrdiff_t y = 0; y < out.height; ++y)
      for (std::ptrdiff_t x = 0; x < out.width; ++x)
        for (std::ptrdiff_t c = 0; c < out.channels; ++c) {
          const double sum = bias(c) + window_sum(conv, in, y, x, c);
          at((y * out.width + x) * out.channels + c) = finished(sum, conv.fused_relu);
        }
  }
  void operator()(const BatchNormalization& norm) const {
    const auto x = values(0), scale = values(1), shift = values(2), mean = values(3), variance = values(4);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i % scale.size();
      const double spread = std::sqrt(double{variance[c]} + norm.epsilon);
      out_[i] =
          static_cast<float>((double{x[i]} - double{mean[c]}) / spread * double{scale[c]} + double{shift[c]});
    }
  }
  void operator()(const Clip& clip) const {
    std::ranges::transform(values(0), out_.begin(),
                           [&](float x) { return std::clamp(x, clip.low, clip.high); });
  }
  void operator()(const Relu&) const {
    std::ranges::transform(values(0), out_.begin(), [](float x) { return std::max(x, 0.0f); });
  }
  void operator()(const Add&) const {
    std::ranges::transform(values(0), values(1), out_.begin(), std::plus<>());
  }
  void operator()(const Mul&) const {
    const std::ptrdiff_t factors = std::ssize(values(1));
    for (std::ptrdiff_t i = 0; i < std::ssize(out_); ++i)
      at(i) = static_cast<float>(input(0, i) * input(1, i % factors));
  }
  void operator()(const Concat&) const {
    const std::ptrdiff_t all = graph_.tensor(node_.output).shape[3];
    std::ptrdiff_t first = 0;
    for (std::size_t part = 0; part < inputs_.size(); ++part) {
      const std::ptrdiff_t channels = tensor(part).shape[3];
      for (std::ptrdiff_t i = 0; i < std::ssize(values(part)); ++i)
        at(i / channels * all + first + i % channels) = static_cast<float>(input(part, i));
      first += channels;
    }
  }
  void operator()(const Activation& activation) const {
    std::ranges::transform(values(0), out_.begin(), [&](float x) { return device::value_of(activation, x); });
  }
  void operator()(const PRelu&) const {
    const std::ptrdiff_t channels = std::ssize(values(1));
    for (std::ptrdiff_t i = 0; i < std::ssize(out_); ++i) {
      const double x = input(0, i);
      at(i) = static_cast<float>(x < 0 ? x * input(1, i % channels) : x);
    }
  }
  void operator()(const MaxPool& pool) const {
    for_each_window(pool.window,
                    [](const std::vector<double>& seen, std::ptrdiff_t) { return std::ranges::max(seen); });
  }
  void operator()(const AveragePool& pool) const {
    for_each_window(pool.window, [&](const std::vector<double>& seen, std::ptrdiff_t area) {
      return std::reduce(seen.begin(), seen.end()) /
             static_cast<double>(pool.count_include_pad ? area : std::ssize(seen));
    });
  }
  void operator()(const GlobalAveragePool&) const {
    const MapShape in = map_shape(tensor(0));
    const std::ptrdiff_t pixels = in.height * in.width;
    for (std::ptrdiff_t c = 0; c < in.channels; ++c) {
      double sum = 0;
      for (std::ptrdiff_t p = 0; p < pixels; ++p) sum += input(0, p * in.channels + c);
      at(c) = static_cast<float>(sum / static_cast<double>(pixels));
    }
  }
  void operator()(const Flatten&) const { std::ranges::copy(values(0), out_.begin()); }
  void operator()(const Gemm& gemm) const {
    const std::ptrdiff_t features = std::ssize(values(0));
    for (std::ptrdiff_t o = 0; o < std::ssize(out_); ++o) {
      double sum = bias(o);
      for (std::ptrdiff_t i = 0; i < features; ++i) sum += input(0, i) * input(1, o * features + i);
      at(o) = finished(sum, gemm.fused_relu);
    }
  }
  void operator()(const RequantizeLinear&) const { fail("node '{}' is for integers", node_.name); }
  void operator()(const Transpose& transpose) const {
    const Shape &in = tensor(0).shape, &out = graph_.tensor(node_.output).shape;
    std::vector<std::ptrdiff_t> stride(in.size(), 1);  // of the input
    for (std::size_t i = in.size(); i > 1; --i) stride[i - 2] = stride[i - 1] * in[i - 1];
    for (std::size_t o = 0; o < out_.size(); ++o) {
      std::ptrdiff_t rest = static_cast<std::ptrdiff_t>(o), from = 0;
      for (std::size_t i = out.size(); i > 0; --i) {
        from += rest % out[i - 1] * stride[static_cast<std::size_t>(transpose.permutation[i - 1])];
        rest /= out[i - 1];
      }
      out_[o] = static_cast<float>(input(0, from));
    }
  }

 private:
  const Tensor& tensor(std::size_t i) const { return graph_.tensor(node_.inputs[i]); }
  std::span<const float> values(std::size_t i) const { return inputs_[i]; }
  double input(std::size_t i, std::ptrdiff_t at) const { return inputs_[i][static_cast<std::size_t>(at)]; }
  float& at(std::ptrdiff_t i) const { return out_[static_cast<std::size_t>(i)]; }
  double bias(std::ptrdiff_t channel) const { return node_.inputs.size() > 2 ? input(2, channel) : 0.0; }
  static float finished(double sum, bool relu) { return static_cast<float>(relu ? std::max(sum, 0.0) : sum); }

  // Each output is `change` of the values that its window sees and of the window's area.
  template <typename Change>
  void for_each_window(const Window& window, Change change) const {
    const MapShape in = map_shape(tensor(0)), out = map_shape(graph_.tensor(node_.output));
    std::vector<double> seen;
    for (std::ptrdiff_t i = 0; i < std::ssize(out_); ++i) {
      const std::ptrdiff_t c = i % out.channels, x = i / out.channels % out.width,
                           y = i / out.channels / out.width;
      const std::ptrdiff_t top = y * window.stride_h - window.pad_top,
                           left = x * window.stride_w - window.pad_left;
      seen.clear();
      for (std::ptrdiff_t row = std::max<std::ptrdiff_t>(top, 0);
           row < std::min(top + window.kernel_h, in.height); ++row)
        for (std::ptrdiff_t column = std::max<std::ptrdiff_t>(left, 0);
             column < std::min(left + window.kernel_w, in.width); ++column)
          seen.push_back(input(0, (row * in.width + column) * in.channels + c));
      at(i) = static_cast<float>(change(seen, std::ptrdiff_t{window.kernel_h} * window.kernel_w));
    }
  }

  double window_sum(const Conv& conv, const MapShape& in, std::ptrdiff_t y, std::ptrdiff_t x,
                    std::ptrdiff_t out_channel) const {
    const Window& window = conv.window;
    const std::ptrdiff_t weight_channels = tensor(1).shape[1];
    double sum = 0;
    for (std::ptrdiff_t ky = 0; ky < window.kernel_h; ++ky) {
      const std::ptrdiff_t in_y = y * window.stride_h + ky - window.pad_top;
      if (in_y < 0 || in_y >= in.height) continue;
      for (std::ptrdiff_t kx = 0; kx < window.kernel_w; ++kx) {
        const std::ptrdiff_t in_x = x * window.stride_w + kx - window.pad_left;
        if (in_x < 0 || in_x >= in.width) continue;
        for (std::ptrdiff_t i = 0; i < weight_channels; ++i) {
          const std::ptrdiff_t in_channel = conv.depthwise ? out_channel : i;
          const std::ptrdiff_t weight =
              ((out_channel * weight_channels + i) * window.kernel_h + ky) * window.kernel_w + kx;
          sum += input(0, (in_y * in.width + in_x) * in.channels + in_channel) * input(1, weight);
        }
      }
    }
    return sum;
  }

  const Graph& graph_;
  const Node& node_;
  std::vector<std::span<const float>> inputs_;
  std::span<float> out_;
};

}  // namespace

void run_reference(const Graph& graph, const Node& node, std::span<const std::span<const float>> activations,
                   std::span<float> out) {
  std::vector<std::span<const float>> inputs(activations.begin(), activations.end());
  for (std::size_t i = inputs.size(); i < node.inputs.size(); ++i)
    inputs.emplace_back(float_values(graph.tensor(node.inputs[i])));
  std::visit(Step(graph, node, std::move(inputs), out), node.operation);
}

Activations run_reference(const Graph& graph, std::span<const float> input) {
  const Tensor& entry = graph.tensor(graph.input);
  if (entry.shape.empty() || entry.shape[0] != 1) fail("the network's batch size is not 1");
  if (static_cast<std::int64_t>(input.size()) != element_count(entry.shape))
    fail("{} values for an input of {}", input.size(), element_count(entry.shape));
  Activations activations(graph.tensors.size());
  activations[static_cast<std::size_t>(graph.input)].assign(input.begin(), input.end());
  for (const Node& node : graph.nodes) {
    auto& out = activations[static_cast<std::size_t>(node.output)];
    out.resize(static_cast<std::size_t>(element_count(graph.tensor(node.output).shape)));
    std::vector<std::span<const float>> inputs;
    for (std::size_t i = 0; i < activation_count(node); ++i)
      inputs.emplace_back(graph.tensor(node.inputs[i]).is_constant()
                              ? float_values(graph.tensor(node.inputs[i]))
                              : activations[static_cast<std::size_t>(node.inputs[i])]);
    run_reference(graph, node, inputs, out);
  }
  return activations;
}

}  // namespace mudra::graph
