#include "mudra/quant/chip_rules.hpp"
#include "mudra/graph/operations.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "mudra/base/error.hpp"
#include "mudra/device/arithmetic.hpp"
#include "mudra/device/espdl_view.hpp"
#include "mudra/device/image.hpp"
#include "mudra/device/kernels.hpp"
#include "mudra/device/network.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

// The bits of a sum, sign included.
int sum_bits(int bits) {
  return bits == kWide ? device::Accumulators<std::int16_t>::kLaneBits
                       : device::Accumulators<std::int8_t>::kLaneBits;
}

// The bias of largest magnitude; 0 without.
float largest_bias(const graph::Graph& network, const graph::Node& node) {
  float largest = 0;
  if (node.inputs.size() > 2)
    for (const float bias : graph::float_values(network.tensor(node.inputs[2])))
      largest = std::max(largest, std::abs(bias));
  return largest;
}

// The least exponent of sums into which a bias fits.
int least_sum_exponent(float bias, int bits) {
  if (bias == 0) return kLeastExponent + kLeastExponent;
  int magnitude = 0;
  std::frexp(bias, &magnitude);  // |bias| < 2^magnitude
  return magnitude - (sum_bits(bits) - 1);
}

// Follows the partial sums of one layer for one picture.
template <typename Integer>
class SumWatch {
 public:
  SumWatch(const graph::Graph& integer, const graph::Node& node, const std::vector<Integer>& input)
      : node_(node),
        in_(integer.tensor(node.inputs[0]).shape),
        out_(integer.tensor(node.output).shape),
        weights_(std::get<std::vector<Integer>>(*integer.tensor(node.inputs[1]).values)),
        input_(input) {
    if (const auto* conv = std::get_if<graph::Conv>(&node.operation)) {
      window_ = conv->window;
      depthwise_ = conv->depthwise;
    }
    channels_ = static_cast<std::size_t>(out_.back());
    taps_ = weights_.size() / channels_;
    bias_.assign(channels_, 0);
    if (node.inputs.size() > 2)
      std::visit([&](const auto& values) { std::ranges::copy(values, bias_.begin()); },
                 *integer.tensor(node.inputs[2]).values);
  }

  SumUse use() {
    using Accumulators = device::Accumulators<Integer>;
    const auto lanes =
        depthwise_ ? channels_
                   : static_cast<std::size_t>(Accumulators::lane_channels(static_cast<int>(channels_)));
    SumUse use{node_.name, 0, 0};
    for (std::size_t c = 0; c < channels_; ++c) {
      const int bits = c < lanes ? Accumulators::kLaneBits : Accumulators::kSingleBits;
      const double limit = std::ldexp(1.0, bits - 1);
      if (worst(c) < limit) continue;
      ++use.unproven;
      use.largest = std::max(use.largest, static_cast<double>(largest_partial(c)) / limit);
    }
    return use;
  }

 private:
  // What no input can exceed.
  double worst(std::size_t channel) const {
    double sum = std::abs(static_cast<double>(bias_[channel]));
    for (std::size_t i = 0; i < taps_; ++i)
      sum += std::abs(static_cast<double>(weights_[channel * taps_ + i])) *
             (-static_cast<double>(std::numeric_limits<Integer>::min()));
    return sum;
  }

  std::int64_t largest_partial(std::size_t channel) const {
    const std::int64_t height = out_.size() == 4 ? out_[1] : 1, width = out_.size() == 4 ? out_[2] : 1;
    std::int64_t largest = 0;
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) largest = std::max(largest, partial_at(channel, y, x));
    return largest;
  }

  // The largest magnitude on the way to one sum: the bias, then kernel rows, columns, channels.
  std::int64_t partial_at(std::size_t channel, std::int64_t y, std::int64_t x) const {
    const bool flat = in_.size() == 2;
    const std::int64_t in_h = flat ? 1 : in_[1], in_w = flat ? 1 : in_[2];
    const auto in_c = static_cast<std::size_t>(in_.back());
    const std::size_t area = static_cast<std::size_t>(window_.kernel_h * window_.kernel_w);
    std::int64_t sum = bias_[channel], largest = std::abs(sum);
    for (int i = 0; i < window_.kernel_h; ++i)
      for (int j = 0; j < window_.kernel_w; ++j) {
        const std::int64_t row = y * window_.stride_h + i - window_.pad_top;
        const std::int64_t column = x * window_.stride_w + j - window_.pad_left;
        if (row < 0 || row >= in_h || column < 0 || column >= in_w) continue;
        const Integer* pixel = input_.data() + static_cast<std::size_t>(row * in_w + column) * in_c;
        const Integer* weights =
            weights_.data() + channel * taps_ + static_cast<std::size_t>(i * window_.kernel_w + j);
        const std::size_t first = depthwise_ ? channel : 0, count = depthwise_ ? 1 : in_c;
        for (std::size_t c = 0; c < count; ++c) {
          sum += std::int64_t{pixel[first + c]} * weights[c * area];
          largest = std::max(largest, std::abs(sum));
        }
      }
    return largest;
  }

  const graph::Node& node_;
  const graph::Shape &in_, &out_;
  const std::vector<Integer>& weights_;
  const std::vector<Integer>& input_;
  graph::Window window_;
  bool depthwise_ = false;
  std::size_t channels_ = 0, taps_ = 0;
  std::vector<std::int64_t> bias_;
};

bool is_taken_into_others(const graph::Node& node) {
  return std::holds_alternative<graph::Clip>(node.operation) ||
         std::holds_alternative<graph::Relu>(node.operation) ||
         std::holds_alternative<graph::Flatten>(node.operation) ||
         std::holds_alternative<graph::Transpose>(node.operation);
}

}  // namespace

std::vector<std::string> beyond_engine(const graph::Graph& network) {
  std::vector<std::string> limits;
  const auto limit = [&](std::ptrdiff_t count, const char* what, int most) {
    if (count > most) limits.push_back(fmt::format("{} {}, {} are supported", count, what, most));
  };
  limit(std::ssize(network.nodes), "nodes", device::kMaxNodes);
  limit(std::ssize(network.nodes) - std::ranges::count_if(network.nodes, is_taken_into_others),
        "operations beside Clip, Relu, Flatten and Transpose", device::kMaxOperations);
  for (const graph::Node& node : network.nodes) {
    const auto* conv = std::get_if<graph::Conv>(&node.operation);
    if (conv == nullptr) continue;
    const graph::Window& window = conv->window;
    const int largest = std::max(window.kernel_h, window.kernel_w);
    if (largest > device::kMaxKernelSide)
      limits.push_back(fmt::format("node '{}' has a kernel of {}, {} is supported", node.name, largest,
                                   device::kMaxKernelSide));
  }
  return limits;
}

void check_engine_limits(const graph::Graph& network) {
  const std::vector<std::string> limits = beyond_engine(network);
  if (!limits.empty()) fail("too large for mudra's engine on the chip: {}", fmt::join(limits, "; "));
}

void check_target(std::string_view target) {
  if (target != "esp32s3")
    fail("target '{}': only esp32s3 is supported; other chips round and order weights differently", target);
}

bool raise_exponents(const graph::Graph& network, Scheme& scheme) {
  const std::map<Site, Site> decided = deciders(network, scheme.bits);
  bool raised_any = false;
  const auto raise = [&](int& exponent, int least) {
    const int raised = std::min(least, kMostExponent);
    if (exponent >= raised) return false;
    exponent = raised;
    return raised_any = true;
  };
  const auto raise_site = [&](const Site& site, int least) {
    const bool raised = raise(scheme.exponents.at(decided.at(site)), least);
    if (raised) spread_exponents(network, scheme);
    return raised;
  };
  for (bool again = true; again;) {
    again = raise_site(site_of(network, scheme.bits, network.input), device::kMinInputExponent);
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
      const graph::Node& node = network.nodes[i];
      const bool averages = std::holds_alternative<graph::GlobalAveragePool>(node.operation) ||
                            std::holds_alternative<graph::AveragePool>(node.operation);
      const bool multiplies = std::holds_alternative<graph::Mul>(node.operation);
      if (!has_parameters(node) && !averages && !multiplies) continue;
      const Site output = site_of(network, scheme.bits, node.output), input{node.inputs[0], scheme.bits[i]};
      const int &from = scheme.exponents.at(input), &to = scheme.exponents.at(output);
      if (multiplies) {
        const Site factor{node.inputs[1], scheme.bits[i]};
        again |= raise_site(input, to - device::kMaxShift - scheme.exponents.at(factor));
        again |= raise_site(output, from + scheme.exponents.at(factor));
        continue;
      }
      if (averages) {
        again |= raise_site(output, from - device::kMaxAverageShift);
        again |= raise_site(input, to - device::kMaxAverageShift);
        continue;
      }
      int& weight = scheme.of_weight.at(node.inputs[1]);
      const int bias_needs = least_sum_exponent(largest_bias(network, node), scheme.bits[i]);
      again |= raise(weight, std::max(bias_needs, to - device::kMaxShift) - from);
      again |= raise_site(output, from + weight);
    }
  }
  return raised_any;
}

void check_chip_rules(const graph::Graph& network, const Scheme& scheme) {
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    const bool multiplies = std::holds_alternative<graph::Mul>(node.operation);
    if (!has_parameters(node) && !multiplies) continue;
    const int factor = multiplies ? scheme.exponents.at({node.inputs[1], scheme.bits[i]})
                                  : scheme.of_weight.at(node.inputs[1]);
    const int sums = scheme.exponents.at({node.inputs[0], scheme.bits[i]}) + factor;
    const int shift = scheme.exponents.at(site_of(network, scheme.bits, node.output)) - sums;
    if (shift < 0)
      fail(
          "node '{}': its sums at 2^{} would have to be shifted left by {}, which the chip cannot; its "
          "weights are too large: scale them down in the float network",
          node.name, sums, -shift);
    if (shift > device::kMaxShift)
      fail(
          "node '{}': its sums at 2^{} would have to be shifted right by {}, more than {}; its weights are "
          "too small for its output: scale them up in the float network",
          node.name, sums, shift, device::kMaxShift);
    if (!graph::has_weights(node)) continue;
    const float bias = largest_bias(network, node);
    if (sums < least_sum_exponent(bias, scheme.bits[i]))
      fail("node '{}': the bias {} needs more than the {} bits of a sum at 2^{}; {}", node.name, bias,
           sum_bits(scheme.bits[i]), sums,
           scheme.bits[i] == kWide
               ? "scale it down in the float network"
               : fmt::format("give the node more with --recipe mixed --bits '{}=16'", node.name));
  }
}

std::vector<SumUse> observe_sums(const graph::Graph& integer, const std::vector<graph::Values>& activations) {
  std::vector<SumUse> uses;
  for (const graph::Node& node : integer.nodes) {
    if (!graph::has_weights(node)) continue;
    const graph::Values& input = activations[static_cast<std::size_t>(node.inputs[0])];
    SumUse use = std::holds_alternative<std::vector<std::int8_t>>(input)
                     ? SumWatch(integer, node, std::get<std::vector<std::int8_t>>(input)).use()
                     : SumWatch(integer, node, std::get<std::vector<std::int16_t>>(input)).use();
    if (use.unproven > 0) uses.push_back(std::move(use));
  }
  return uses;
}

void check_sums(const std::vector<SumUse>& uses) {
  for (const SumUse& use : uses)
    if (use.largest >= 1)
      fail(
          "node '{}': its sums leave their accumulators, which saturate; give the node wider ones with "
          "--recipe mixed --bits '{}=16'",
          use.node, use.node);
}

}  // namespace mudra::quant
