#include "mudra/sim/value_range.hpp"

#include <algorithm>
#include <limits>

#include "mudra/device/arithmetic.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::sim {
namespace {

Range of_type(graph::Type type) {
  if (type == graph::Type::kInt8) return {-128, 127};
  return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
}

Range not_negative(Range range) {
  return {std::max<std::int64_t>(range.low, 0), std::max<std::int64_t>(range.high, 0)};
}

// The output's range from the input's; of operations that compute new values, the type's.
class OutputRange {
 public:
  OutputRange(const graph::Tensor& input, const graph::Tensor& output, Range range)
      : input_(input), output_(output), range_(range) {}

  Range operator()(const graph::Conv& conv) const { return computed(conv.fused_relu); }
  Range operator()(const graph::Gemm& gemm) const { return computed(gemm.fused_relu); }
  Range operator()(const graph::Relu&) const { return not_negative(range_); }
  Range operator()(const graph::Clip& clip) const {
    const auto [low, high] = graph::clip_bounds(clip, input_);
    return {std::clamp<std::int64_t>(range_.low, low, high),
            std::clamp<std::int64_t>(range_.high, low, high)};
  }
  Range operator()(const graph::RequantizeLinear&) const {
    return {converted(range_.low), converted(range_.high)};
  }
  template <typename Operation>
  Range operator()(const Operation& operation) const {
    const bool is_kept = graph::traits(operation).exponents == graph::Exponents::kKept;
    return is_kept ? range_ : of_type(output_.type);
  }

 private:
  Range computed(bool relu) const {
    return relu ? not_negative(of_type(output_.type)) : of_type(output_.type);
  }

  std::int64_t converted(std::int64_t value) const {
    const int shift = *output_.exponent - *input_.exponent;
    const auto narrow = static_cast<std::int32_t>(value);
    return output_.type == graph::Type::kInt8 ? device::convert<std::int8_t>(narrow, shift)
                                              : device::convert<std::int16_t>(narrow, shift);
  }

  const graph::Tensor &input_, &output_;
  Range range_;
};

}  // namespace

std::vector<Range> value_ranges(const graph::Graph& graph) {
  std::vector<Range> ranges(graph.tensors.size());
  const auto at = [&](graph::TensorIndex i) -> Range& { return ranges[static_cast<std::size_t>(i)]; };
  at(graph.input) = of_type(graph.tensor(graph.input).type);
  for (const graph::Node& node : graph.nodes) {
    const graph::TensorIndex input = node.inputs[0];
    if (std::holds_alternative<graph::Concat>(node.operation)) {
      Range& all = at(node.output) = at(input);
      for (const graph::TensorIndex part : node.inputs)
        all = {std::min(all.low, at(part).low), std::max(all.high, at(part).high)};
      continue;
    }
    at(node.output) =
        std::visit(OutputRange(graph.tensor(input), graph.tensor(node.output), at(input)), node.operation);
  }
  return ranges;
}

}  // namespace mudra::sim
