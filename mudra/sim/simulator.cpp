#include "mudra/sim/simulator.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/device/arithmetic.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/verify.hpp"
#include "mudra/sim/diagnosis.hpp"

namespace mudra::sim {
namespace {

using Step = std::function<void(Activations&)>;

void check_graph(const graph::Graph& graph) {
  graph::verify(graph);
  const graph::Tensor& input = graph.tensor(graph.input);
  if (input.shape[0] != 1) fail("its batch size is {}, not 1", input.shape[0]);
  for (const graph::Node& node : graph.nodes) {
    const graph::Type type = graph.tensor(node.output).type;
    if (type != graph::Type::kInt8 && type != graph::Type::kInt16)
      fail("node '{}' gives {}; the chip computes int8 and int16", node.name, graph::name_of(type));
  }
  for (const Finding& finding : diagnose(graph))
    if (finding.gravity == Gravity::kBroken) fail("node '{}': {}", finding.node, finding.text);
}

ConvolutionForm form_of(const graph::Graph& graph, const graph::Node& node) {
  const graph::Tensor &input = graph.tensor(node.inputs[0]), &output = graph.tensor(node.output);
  const auto size = [](const graph::Tensor& tensor, std::size_t axis) {
    return static_cast<int>(tensor.shape[axis]);
  };
  ConvolutionForm form;
  form.in_channels = static_cast<int>(input.shape.back());
  form.out_channels = static_cast<int>(output.shape.back());
  form.shift = *output.exponent - *graph.tensor(node.inputs[1]).exponent - *input.exponent;
  if (const auto* conv = std::get_if<graph::Conv>(&node.operation)) {
    form.in_h = size(input, 1);
    form.in_w = size(input, 2);
    form.out_h = size(output, 1);
    form.out_w = size(output, 2);
    form.window = conv->window;
    form.depthwise = conv->depthwise;
    form.relu = conv->fused_relu;
  } else {
    form.relu = std::get<graph::Gemm>(node.operation).fused_relu;
  }
  return form;
}

// Makes the step of one node whose output, and but for RequantizeLinear its inputs, are of type Integer.
template <device::TensorInteger Integer>
class StepMaker {
 public:
  StepMaker(const graph::Graph& graph, const graph::Node& node, Range range, Sums sums)
      : graph_(graph), node_(node), range_(range), sums_(sums) {}

  Step operator()(const graph::Conv&) const { return convolution(); }
  Step operator()(const graph::Gemm&) const { return convolution(); }

  Step operator()(const graph::Clip& clip) const {
    const auto bounds = graph::clip_bounds(clip, input());
    const auto low = static_cast<Integer>(bounds.low), high = static_cast<Integer>(bounds.high);
    return each([low, high](Integer value) { return device::clip(value, low, high); });
  }
  Step operator()(const graph::Relu&) const { return each(device::relu<Integer>); }
  Step operator()(const graph::Flatten&) const { return each(std::identity()); }

  // With one pixel or one channel, as before Flatten, all axes but one are 1 and nothing moves.
  Step operator()(const graph::Transpose& transpose) const {
    return [from = moved_from(transpose), in = place(0), out = out_place()](Activations& activations) {
      const auto& source = integers(activations[in]);
      auto& target = prepare(activations[out], from.size());
      for (std::size_t i = 0; i < from.size(); ++i) target[i] = source[from[i]];
    };
  }

  Step operator()(const graph::Add&) const {
    return [a = place(0), b = place(1), out = out_place()](Activations& activations) {
      const auto &left = integers(activations[a]), &right = integers(activations[b]);
      auto& sum = prepare(activations[out], left.size());
      std::ranges::transform(left, right, sum.begin(), device::add<Integer>);
    };
  }

  Step operator()(const graph::Mul&) const {
    const graph::Tensor& factor = graph_.tensor(node_.inputs[1]);
    const int shift = *output().exponent - *input().exponent - *factor.exponent;
    const auto multiply = [shift, in = place(0), out = out_place()](Activations& activations,
                                                                    const std::vector<Integer>& factors) {
      const auto& values = integers(activations[in]);
      auto& products = prepare(activations[out], values.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        products[i] = device::multiply(values[i], factors[i % factors.size()], shift);
    };
    if (factor.is_constant())
      return [multiply, factors = integers(*factor.values)](Activations& activations) {
        multiply(activations, factors);
      };
    return [multiply, b = place(1)](Activations& activations) {
      multiply(activations, integers(activations[b]));
    };
  }

  Step operator()(const graph::Concat&) const {
    struct Part {
      std::size_t place, channels;
    };
    std::vector<Part> parts;
    for (std::size_t i = 0; i < node_.inputs.size(); ++i)
      parts.push_back({place(i), static_cast<std::size_t>(graph_.tensor(node_.inputs[i]).shape[3])});
    const auto all = static_cast<std::size_t>(output().shape[3]);
    const auto count = static_cast<std::size_t>(graph::element_count(output().shape));
    return [parts, all, count, out = out_place()](Activations& activations) {
      auto& joined = prepare(activations[out], count);
      std::size_t first = 0;
      for (const auto [place, channels] : parts) {
        const auto& values = integers(activations[place]);
        for (std::size_t i = 0; i < values.size(); ++i)
          joined[i / channels * all + first + i % channels] = values[i];
        first += channels;
      }
    };
  }

  Step operator()(const graph::Activation& activation) const {
    if (node_.inputs.size() > 1) {
      const auto& table = integers(*graph_.tensor(node_.inputs[1]).values);
      return each([table](Integer value) { return table[static_cast<std::size_t>(value + 128)]; });
    }
    const int from = *input().exponent, to = *output().exponent;
    return each([=](Integer value) { return device::activated<Integer>(activation, value, from, to); });
  }

  Step operator()(const graph::PRelu&) const {
    const graph::Tensor& slope = graph_.tensor(node_.inputs[1]);
    return [slopes = integers(*slope.values), shift = shift() - *slope.exponent, own_shift = shift(),
            in = place(0), out = out_place()](Activations& activations) {
      const auto& values = integers(activations[in]);
      auto& results = prepare(activations[out], values.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        results[i] = device::prelu(values[i], slopes[i % slopes.size()], shift, own_shift);
    };
  }

  Step operator()(const graph::MaxPool& pool) const {
    return pooled<Integer>(
        pool.window, std::numeric_limits<Integer>::min(),
        [](Integer largest, Integer value) { return std::max(largest, value); }, std::identity());
  }

  Step operator()(const graph::AveragePool& pool) const { return averaged(pool.window); }

  Step operator()(const graph::GlobalAveragePool&) const {
    return averaged(
        {.kernel_h = static_cast<int>(input().shape[1]), .kernel_w = static_cast<int>(input().shape[2])});
  }

  Step operator()(const graph::RequantizeLinear&) const {
    return [in = place(0), out = out_place(), shift = shift()](Activations& activations) {
      const auto convert_all = [&](const auto& values) {
        std::ranges::transform(values, prepare(activations[out], values.size()).begin(),
                               [&](auto value) { return device::convert<Integer>(value, shift); });
      };
      if (const auto* narrow = std::get_if<std::vector<std::int8_t>>(&activations[in]))
        convert_all(*narrow);
      else
        convert_all(std::get<std::vector<std::int16_t>>(activations[in]));
    };
  }

  // Refused by check_graph.
  Step operator()(const graph::BatchNormalization&) const { return {}; }

 private:
  static const std::vector<Integer>& integers(const graph::Values& values) {
    return std::get<std::vector<Integer>>(values);
  }

  // `values` as `count` integers, in the memory they have.
  static std::vector<Integer>& prepare(graph::Values& values, std::size_t count) {
    if (!std::holds_alternative<std::vector<Integer>>(values)) values = std::vector<Integer>();
    auto& prepared = std::get<std::vector<Integer>>(values);
    prepared.resize(count);
    return prepared;
  }

  const graph::Tensor& input() const { return graph_.tensor(node_.inputs[0]); }
  const graph::Tensor& output() const { return graph_.tensor(node_.output); }
  std::size_t place(std::size_t i) const { return static_cast<std::size_t>(node_.inputs[i]); }
  std::size_t out_place() const { return static_cast<std::size_t>(node_.output); }
  int shift() const { return *output().exponent - *input().exponent; }

  template <typename Change>
  Step each(Change change) const {
    return [=, in = place(0), out = out_place()](Activations& activations) {
      const auto& values = integers(activations[in]);
      std::ranges::transform(values, prepare(activations[out], values.size()).begin(), change);
    };
  }

  // Each output is `finish` of what `take` makes of `start` and the values that its window sees.
  template <typename Sum, typename Take, typename Finish>
  Step pooled(const graph::Window& window, Sum start, Take take, Finish finish) const {
    const graph::Shape in = input().shape, size = output().shape;
    return [=, from = place(0), to = out_place()](Activations& activations) {
      const auto& values = integers(activations[from]);
      auto result = prepare(activations[to], static_cast<std::size_t>(graph::element_count(size))).begin();
      for (std::int64_t y = 0; y < size[1]; ++y)
        for (std::int64_t x = 0; x < size[2]; ++x)
          for (std::int64_t c = 0; c < size[3]; ++c) {
            const std::int64_t top = y * window.stride_h - window.pad_top,
                               left = x * window.stride_w - window.pad_left;
            Sum sum = start;
            for (std::int64_t row = std::max<std::int64_t>(top, 0);
                 row < std::min(top + window.kernel_h, in[1]); ++row)
              for (std::int64_t column = std::max<std::int64_t>(left, 0);
                   column < std::min(left + window.kernel_w, in[2]); ++column)
                sum = take(sum, values[static_cast<std::size_t>((row * in[2] + column) * in[3] + c)]);
            *result++ = finish(sum);
          }
    };
  }

  // The chip divides by the window's area, padding or not.
  Step averaged(const graph::Window& window) const {
    return pooled<std::int64_t>(
        window, 0, [](std::int64_t sum, Integer value) { return sum + value; },
        [shift = shift(), area = device::reciprocal(window.kernel_h * window.kernel_w)](std::int64_t sum) {
          return device::average<Integer>(sum, area, shift);
        });
  }

  Step convolution() const {
    const auto& weights = std::get<std::vector<Integer>>(*graph_.tensor(node_.inputs[1]).values);
    std::vector<std::int64_t> bias;
    if (node_.inputs.size() == 3)
      std::visit([&](const auto& values) { bias.assign(values.begin(), values.end()); },
                 *graph_.tensor(node_.inputs[2]).values);
    const auto count = static_cast<std::size_t>(graph::element_count(output().shape));
    const auto layer =
        std::make_shared<const Convolution<Integer>>(form_of(graph_, node_), weights, bias, range_, sums_);
    return [layer, count, in = place(0), out = out_place()](Activations& activations) {
      layer->run(integers(activations[in]), prepare(activations[out], count));
    };
  }

  // The place in the input of every element of the output.
  std::vector<std::size_t> moved_from(const graph::Transpose& transpose) const {
    const std::size_t rank = input().shape.size();
    graph::Shape strides(rank, 1);
    for (std::size_t axis = rank - 1; axis > 0; --axis)
      strides[axis - 1] = strides[axis] * input().shape[axis];
    std::vector<std::size_t> from(static_cast<std::size_t>(graph::element_count(input().shape)));
    for (std::size_t i = 0; i < from.size(); ++i) {
      auto rest = static_cast<std::int64_t>(i);
      std::int64_t source = 0;
      for (std::size_t axis = rank; axis-- > 0; rest /= output().shape[axis])
        source +=
            rest % output().shape[axis] * strides[static_cast<std::size_t>(transpose.permutation[axis])];
      from[i] = static_cast<std::size_t>(source);
    }
    return from;
  }

  const graph::Graph& graph_;
  const graph::Node& node_;
  Range range_;
  Sums sums_;
};

}  // namespace

Simulator::Simulator(graph::Graph graph, Sums sums) : graph_(std::move(graph)) {
  check_graph(graph_);
  const std::vector<Range> ranges = value_ranges(graph_);
  for (const graph::Node& node : graph_.nodes) {
    const Range range = ranges[static_cast<std::size_t>(node.inputs[0])];
    if (graph_.tensor(node.output).type == graph::Type::kInt8)
      steps_.push_back(std::visit(StepMaker<std::int8_t>(graph_, node, range, sums), node.operation));
    else
      steps_.push_back(std::visit(StepMaker<std::int16_t>(graph_, node, range, sums), node.operation));
  }
}

void Simulator::run(const graph::Values& input, Activations& activations) const {
  const graph::Tensor& expected = graph_.tensor(graph_.input);
  const std::size_t count = std::visit([](const auto& values) { return values.size(); }, input);
  if (static_cast<graph::Type>(input.index()) != expected.type ||
      count != static_cast<std::size_t>(graph::element_count(expected.shape)))
    fail("the input is not {} {} values", graph::element_count(expected.shape),
         graph::name_of(expected.type));
  activations.resize(graph_.tensors.size());
  activations[static_cast<std::size_t>(graph_.input)] = input;
  for (const auto& step : steps_) step(activations);
}

Activations Simulator::run(const graph::Values& input) const {
  Activations activations;
  run(input, activations);
  return activations;
}

}  // namespace mudra::sim
