#include "mudra/sim/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "mudra/device/arithmetic.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/sim/value_range.hpp"

namespace mudra::sim {
namespace {

// "all 16" or "3 of 16".
std::string share(std::int64_t count, std::size_t all) {
  if (count == static_cast<std::int64_t>(all)) return fmt::format("all {}", all);
  return fmt::format("{} of {}", count, all);
}

std::vector<std::int64_t> bias_values(const graph::Graph& graph, const graph::Node& node) {
  if (node.inputs.size() < 3) return {};
  return std::visit(
      [](const auto& values) { return std::vector<std::int64_t>(values.begin(), values.end()); },
      *graph.tensor(node.inputs[2]).values);
}

// Adds up what is to be said about one node after the other.
class Diagnosis {
 public:
  explicit Diagnosis(const graph::Graph& graph) : graph_(graph), ranges_(value_ranges(graph)) {}

  std::vector<Finding> run() {
    for (const graph::Node& node : graph_.nodes) {
      node_ = &node;
      std::visit([&](const auto& operation) { examine(operation); }, node.operation);
    }
    return std::move(findings_);
  }

 private:
  const graph::Tensor& input(std::size_t i = 0) const { return graph_.tensor(node_->inputs[i]); }
  const graph::Tensor& output() const { return graph_.tensor(node_->output); }

  void say(Gravity gravity, std::string text) {
    findings_.push_back({gravity, node_->name, std::move(text)});
  }

  void expect_one_type(std::initializer_list<const graph::Tensor*> tensors) {
    for (const graph::Tensor* tensor : tensors)
      if (tensor->type != output().type)
        say(Gravity::kBroken,
            fmt::format("'{}' is {} and '{}' is {}; a node works in one type", tensor->name,
                        graph::name_of(tensor->type), output().name, graph::name_of(output().type)));
  }

  void expect_one_exponent(std::initializer_list<const graph::Tensor*> tensors, const char* why) {
    for (const graph::Tensor* tensor : tensors)
      if (tensor->exponent != output().exponent)
        say(Gravity::kBroken, fmt::format("'{}' has exponent {} and '{}' {}; {}", tensor->name,
                                          *tensor->exponent, output().name, *output().exponent, why));
  }

  void examine(const graph::Conv& conv) {
    examine_sums(conv.depthwise);
    const std::int64_t channels = output().shape.back();
    if (conv.depthwise && output().type == graph::Type::kInt8 &&
        channels % device::Accumulators<std::int8_t>::kLanes != 0)
      say(Gravity::kRisk, fmt::format("a depthwise convolution of {} channels, no multiple of 16, was never "
                                      "compared with a chip",
                                      channels));
  }
  void examine(const graph::Gemm&) { examine_sums(false); }

  void examine_sums(bool depthwise) {
    const graph::Tensor& weight = input(1);
    expect_one_type({&input(), &weight});
    examine_shift(*output().exponent - *weight.exponent - *input().exponent, "sums");
    if (node_->inputs.size() == 3) examine_bias();
    if (const auto* narrow = std::get_if<std::vector<std::int8_t>>(&*weight.values))
      examine_accumulators<std::int8_t>(*narrow, depthwise);
    else if (const auto* wide = std::get_if<std::vector<std::int16_t>>(&*weight.values))
      examine_accumulators<std::int16_t>(*wide, depthwise);
  }

  void examine_shift(int shift, const char* what) {
    if (shift < 0)
      say(Gravity::kBroken,
          fmt::format("its {} would be shifted left by {}; the chip's kernels cannot", what, -shift));
    if (shift > device::kMaxShift)
      say(Gravity::kBroken,
          fmt::format("its {} would be shifted right by {}, more than {}", what, shift, device::kMaxShift));
  }

  void examine_bias() {
    const graph::Tensor& bias = input(2);
    const int expected = *input().exponent + *input(1).exponent;
    if (*bias.exponent != expected)
      say(Gravity::kBroken,
          fmt::format("the bias has exponent {}, but its sums have {}", *bias.exponent, expected));
    const bool wide = output().type == graph::Type::kInt16;
    if (wide && bias.type == graph::Type::kInt32)
      say(Gravity::kRisk,
          "its 16-bit sums start from int32 biases, as ESP-DL took them in 2024; today's stops at "
          "them and wants int64");
    constexpr std::int64_t kLow = -(1 << 19), kHigh = (1 << 19) - 1;
    const auto values = bias_values(graph_, *node_);
    const auto clipped =
        std::ranges::count_if(values, [](std::int64_t b) { return b == kLow || b == kHigh; });
    if (clipped > 0)
      say(Gravity::kWrong,
          fmt::format("{} biases are at the limits of 20 bits ({} or {}): they were clipped when the "
                      "file was made{}, and the network's own are lost",
                      share(clipped, values.size()), kLow, kHigh,
                      wide ? ", although 16-bit sums have 40 bits" : ""));
  }

  template <typename Integer>
  void examine_accumulators(std::span<const Integer> weights, bool depthwise) {
    using Accumulators = device::Accumulators<Integer>;
    const auto channels = static_cast<std::size_t>(output().shape.back());
    const std::size_t taps = weights.size() / channels;
    const auto lanes = static_cast<std::size_t>(
        depthwise ? output().shape.back() : Accumulators::lane_channels(static_cast<int>(channels)));
    const auto bias = bias_values(graph_, *node_);
    std::array<std::int64_t, 64> wrapped{}, full{};  // channels by the bits of their accumulators
    for (std::size_t n = 0; n < channels; ++n) {
      const int bits = n < lanes ? Accumulators::kLaneBits : Accumulators::kSingleBits;
      const std::int64_t start = bias.empty() ? 0 : bias[n], kept = device::wrap_bits(start, bits);
      const auto place = static_cast<std::size_t>(bits);
      if (kept != start) ++wrapped[place];
      const Range input_range = ranges_[static_cast<std::size_t>(node_->inputs[0])];
      if (!fits(sum_range(kept, weights.subspan(n * taps, taps), input_range), bits)) ++full[place];
    }
    for (std::size_t bits = 0; bits < wrapped.size(); ++bits) {
      if (wrapped[bits] > 0)
        say(Gravity::kWrong,
            fmt::format("{} biases do not fit their {}-bit accumulators, which keep the low {} bits only",
                        share(wrapped[bits], channels), bits, bits));
      if (full[bits] > 0)
        say(Gravity::kRisk,
            fmt::format("{} channels could reach the limits of their {}-bit accumulators for some "
                        "input, and stay there",
                        share(full[bits], channels), bits));
    }
  }

  // What moves, limits or brings together integers.
  template <typename Operation>
  void examine(const Operation&) {
    for (std::size_t i = 0; i < graph::activation_count(*node_); ++i) {
      expect_one_type({&input(i)});
      expect_one_exponent({&input(i)}, "it takes the integers as they are and does not rescale them");
    }
  }

  void examine(const graph::Mul&) {
    expect_one_type({&input(0), &input(1)});
    examine_shift(*output().exponent - *input(0).exponent - *input(1).exponent, "products");
  }
  void examine(const graph::PRelu&) {
    expect_one_type({&input(0), &input(1)});
    examine_shift(*output().exponent - *input(0).exponent - *input(1).exponent, "products");
    if (output().type == graph::Type::kInt16)
      say(Gravity::kRisk,
          "a PRelu in 16 bits: ESP-DL's instruction cuts the products off instead of rounding them and "
          "does not rescale values above zero");
  }
  void examine(const graph::Activation&) {
    expect_one_type({&input()});
    if (node_->inputs.size() > 1) {
      expect_one_type({&input(1)});
      expect_one_exponent({&input(1)}, "a table holds outputs");
    } else if (output().type == graph::Type::kInt16) {
      say(Gravity::kRisk,
          "ESP-DL computes it in float for each value of 16 bits; the last bit may differ from ours");
    }
  }

  void examine(const graph::AveragePool& pool) {
    const graph::Window& w = pool.window;
    if (!pool.count_include_pad && w.is_padded())
      say(Gravity::kWrong,
          "its mean is without the padding (count_include_pad = 0); the chip divides by the whole window");
    examine_average(w.kernel_h, w.kernel_w);
  }
  void examine(const graph::GlobalAveragePool&) { examine_average(input().shape[1], input().shape[2]); }

  void examine_average(std::int64_t height, std::int64_t width) {
    expect_one_type({&input()});
    if (height * width > device::kMaxPoolArea)
      say(Gravity::kBroken,
          fmt::format("it averages {}x{} pixels, more than {}", height, width, device::kMaxPoolArea));
    if (std::abs(*output().exponent - *input().exponent) > device::kMaxAverageShift)
      say(Gravity::kBroken,
          fmt::format("it goes from exponent {} to {}", *input().exponent, *output().exponent));
  }
  void examine(const graph::RequantizeLinear&) {}
  void examine(const graph::BatchNormalization&) {
    say(Gravity::kBroken, "a BatchNormalization must be folded into its convolution; the chip has none");
  }

  const graph::Graph& graph_;
  std::vector<Range> ranges_;
  const graph::Node* node_ = nullptr;
  std::vector<Finding> findings_;
};

}  // namespace

const char* name_of(Gravity gravity) {
  switch (gravity) {
    case Gravity::kRisk:
      return "risk";
    case Gravity::kWrong:
      return "wrong";
    case Gravity::kBroken:
      return "broken";
  }
  return "";
}

std::vector<Finding> diagnose(const graph::Graph& graph) { return Diagnosis(graph).run(); }

}  // namespace mudra::sim
