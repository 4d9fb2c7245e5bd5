// Convolutions and fully connected layers against a plain transcription of device-arithmetic.md, sections 1
// to 3, that shares no code with them.
#include "mudra/sim/convolution.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mudra/sim/simulator.hpp"
#include "one_node.hpp"

namespace mudra::sim {
namespace {

struct Case {
  int in_h, in_w, in_channels, out_channels;
  graph::Window window;
  bool depthwise, relu, has_bias;
  int shift;
  Spread spread;

  int out_h() const {
    return (in_h + window.pad_top + window.pad_bottom - window.kernel_h) / window.stride_h + 1;
  }
  int out_w() const {
    return (in_w + window.pad_left + window.pad_right - window.kernel_w) / window.stride_w + 1;
  }
  int filter_channels() const { return depthwise ? 1 : in_channels; }
};

// What happened on the way, so that a test can insist that it did.
struct Events {
  int saturated_20 = 0, saturated_40 = 0, wrapped = 0, clamped = 0;
};

std::int64_t limited(std::int64_t value, int bits, int& events) {
  const auto most = static_cast<std::int64_t>(std::pow(2.0, bits - 1)) - 1;
  if (value > most || value < -most - 1) ++events;
  return std::min(std::max(value, -most - 1), most);
}

// "its low 20 bits (two's complement, no clamp)"
std::int64_t low_bits(std::int64_t value, int bits, int& events) {
  const auto period = static_cast<std::int64_t>(std::pow(2.0, bits));
  std::int64_t low = value % period;
  if (low < -period / 2) low += period;
  if (low >= period / 2) low -= period;
  if (low != value) ++events;
  return low;
}

// RHU(v, s) = floor((v + 2^(s-1)) / 2^s)
std::int64_t rhu(std::int64_t value, int shift) {
  const std::int64_t divisor = std::int64_t{1} << shift, half = shift == 0 ? 0 : divisor / 2;
  const std::int64_t sum = value + half;
  return sum >= 0 ? sum / divisor : -((-sum + divisor - 1) / divisor);
}

template <typename Integer>
std::vector<Integer> transcribed(const Case& c, const std::vector<Integer>& x, const std::vector<Integer>& w,
                                 const std::vector<std::int64_t>& bias, Events& events) {
  const int lanes = sizeof(Integer) == 1 ? 16 : 8, lane_bits = sizeof(Integer) == 1 ? 20 : 40;
  std::vector<Integer> out;
  for (int y = 0; y < c.out_h(); ++y)
    for (int column = 0; column < c.out_w(); ++column)
      for (int n = 0; n < c.out_channels; ++n) {
        const bool in_lane = c.depthwise || n < lanes * (c.out_channels / lanes);
        const int bits = in_lane ? lane_bits : 40;
        int& saturated = bits == 20 ? events.saturated_20 : events.saturated_40;
        std::int64_t acc = low_bits(c.has_bias ? bias[static_cast<std::size_t>(n)] : 0, bits, events.wrapped);
        for (int ky = 0; ky < c.window.kernel_h; ++ky)
          for (int kx = 0; kx < c.window.kernel_w; ++kx)
            for (int k = 0; k < c.filter_channels(); ++k) {
              const int row = y * c.window.stride_h + ky - c.window.pad_top;
              const int col = column * c.window.stride_w + kx - c.window.pad_left;
              if (row < 0 || row >= c.in_h || col < 0 || col >= c.in_w) continue;
              const int channel = c.depthwise ? n : k;
              const auto a = x[static_cast<std::size_t>((row * c.in_w + col) * c.in_channels + channel)];
              const auto b = w[static_cast<std::size_t>(
                  ((n * c.filter_channels() + k) * c.window.kernel_h + ky) * c.window.kernel_w + kx)];
              acc = limited(acc + std::int64_t{a} * b, bits, saturated);
            }
        std::int64_t q = limited(rhu(acc, c.shift), 8 * static_cast<int>(sizeof(Integer)), events.clamped);
        if (c.relu && q < 0) q = 0;
        out.push_back(static_cast<Integer>(q));
      }
  return out;
}

template <typename Integer>
graph::Graph graph_of(const Case& c, const std::vector<Integer>& w, const std::vector<std::int64_t>& bias) {
  constexpr int kIn = -7, kWeight = -6;
  GraphBuilder builder;
  const auto type = kTypeOf<Integer>;
  const auto input = builder.activation("input", {1, c.in_h, c.in_w, c.in_channels}, type, kIn);
  std::vector<graph::TensorIndex> inputs = {
      input,
      builder.constant("w", {c.out_channels, c.filter_channels(), c.window.kernel_h, c.window.kernel_w},
                       graph::Layout::kOihw, kWeight, w)};
  if (c.has_bias)
    inputs.push_back(builder.constant("b", {c.out_channels}, graph::Layout::kVector, kIn + kWeight, bias));
  const auto output =
      builder.activation("output", {1, c.out_h(), c.out_w(), c.out_channels}, type, kIn + kWeight + c.shift);
  builder.graph.input = input;
  builder.node("conv", graph::Conv{c.window, c.depthwise, c.relu}, std::move(inputs), output);
  return std::move(builder.graph);
}

template <typename Integer>
Case random_case(Random& random) {
  const auto up_to = [&](int most) {
    return 1 + static_cast<int>(random.below(static_cast<std::uint32_t>(most)));
  };
  Case c{};
  c.depthwise = random.below(3) == 0;
  c.in_channels = up_to(40);
  c.out_channels = c.depthwise ? c.in_channels : up_to(40);
  c.window = {.kernel_h = up_to(3), .kernel_w = up_to(3), .stride_h = up_to(2), .stride_w = up_to(2)};
  c.window.pad_top = static_cast<int>(random.below(3));
  c.window.pad_left = static_cast<int>(random.below(3));
  c.window.pad_bottom = static_cast<int>(random.below(3));
  c.window.pad_right = static_cast<int>(random.below(3));
  c.in_h = c.window.kernel_h + up_to(4) - 1;
  c.in_w = c.window.kernel_w + up_to(4) - 1;
  c.relu = random.below(2) == 0;
  c.has_bias = random.below(4) != 0;
  c.shift = static_cast<int>(random.below(sizeof(Integer) == 1 ? 16 : 31));
  c.spread = static_cast<Spread>(random.below(3));
  return c;
}

template <typename Integer>
std::vector<std::int64_t> random_bias(const Case& c, Random& random) {
  std::vector<std::int64_t> bias(static_cast<std::size_t>(c.out_channels));
  constexpr int kLaneBits = sizeof(Integer) == 1 ? 20 : 40;
  for (std::int64_t& value : bias) {
    const int bits = c.spread == Spread::kSmall ? kLaneBits - 6
                     : c.spread == Spread::kAny ? kLaneBits - 1
                                                : kLaneBits + 2;
    value = static_cast<std::int64_t>(random.bits()) >> (64 - bits);
  }
  return bias;
}

template <typename Integer>
Events compare_random_cases(int cases, std::uint64_t seed) {
  Events events;
  for (int i = 0; i < cases; ++i) {
    Random random(seed, i);
    const Case c = random_case<Integer>(random);
    const auto x =
        random_integers<Integer>(static_cast<std::size_t>(c.in_h * c.in_w * c.in_channels), c.spread, random);
    const auto w = random_integers<Integer>(static_cast<std::size_t>(c.out_channels * c.filter_channels() *
                                                                     c.window.kernel_h * c.window.kernel_w),
                                            c.spread, random);
    const auto bias = random_bias<Integer>(c, random);
    const auto expected = transcribed(c, x, w, bias, events);
    const auto graph = graph_of(c, w, bias);
    for (const Sums sums : {Sums::kFastWhereProved, Sums::kInOrder}) {
      const auto activations = Simulator(graph, sums).run(x);
      EXPECT_EQ(std::get<std::vector<Integer>>(activations.back()), expected)
          << fmt::format("case {}: {}x{}x{} to {} channels, kernel {}x{}, depthwise {}", i, c.in_h, c.in_w,
                         c.in_channels, c.out_channels, c.window.kernel_h, c.window.kernel_w, c.depthwise);
      if (testing::Test::HasFailure()) return events;
    }
  }
  return events;
}

TEST(Convolution, of_int8_is_the_specification_transcribed_with_saturation_on_the_way) {
  const Events events = compare_random_cases<std::int8_t>(400, 1);
  EXPECT_GT(events.saturated_20, 10'000);
  EXPECT_GT(events.wrapped, 1000);
  EXPECT_GT(events.clamped, 1000);
}

TEST(Convolution, of_int16_is_the_specification_transcribed_with_saturation_on_the_way) {
  const Events events = compare_random_cases<std::int16_t>(400, 2);
  EXPECT_GT(events.saturated_40, 100);
  EXPECT_GT(events.wrapped, 1000);
  EXPECT_GT(events.clamped, 1000);
}

// 24 channels: 16 in 20-bit lanes, which overflow, and 8 in 40-bit accumulators, which do not.
TEST(Convolution, saturates_in_lanes_and_not_in_the_remaining_channels) {
  constexpr int kChannels = 24, kInputs = 64;
  const std::vector<std::int8_t> x(kInputs, -128), w(kChannels * kInputs, -128);
  const Case c{1, 1, kInputs, kChannels, {}, false, false, false, 13, Spread::kExtreme};
  const auto graph = graph_of(c, w, std::vector<std::int64_t>());
  const auto out = std::get<std::vector<std::int8_t>>(Simulator(graph).run(x).back());
  for (std::size_t n = 0; n < kChannels; ++n)
    EXPECT_EQ(out[n], n < 16 ? 64 : 127) << n;  // 524287 / 2^13 = 64; 2^20 / 2^13 = 128
}

// A sum that meets its limit and turns back depends on the order of the products.
TEST(Convolution, adds_products_row_by_row_then_column_then_channel) {
  const Case c{2, 1, 2, 16, {.kernel_h = 2}, false, false, true, 12, Spread::kExtreme};
  std::vector<std::int8_t> w(16 * 4);
  for (std::size_t n = 0; n < 16; ++n) {
    // OIHW: channel 0 rows 0 and 1, channel 1 rows 0 and 1. In order: +, +, -, -.
    const std::int8_t filter[] = {127, -127, 127, -127};
    std::copy(std::begin(filter), std::end(filter), w.begin() + static_cast<std::ptrdiff_t>(4 * n));
  }
  const auto graph = graph_of(c, w, std::vector<std::int64_t>(16, 524'000));
  const auto out = Simulator(graph).run(std::vector<std::int8_t>(4, 127)).back();
  // 524000 + 2 * 16129 stays at 524287; minus 32258 is 492029, 120 * 2^12 and a bit.
  EXPECT_EQ(std::get<std::vector<std::int8_t>>(out), std::vector<std::int8_t>(16, 120));
}

TEST(Gemm, is_a_convolution_of_one_pixel) {
  Random random(3);
  for (const int outputs : {1, 8, 16, 19, 40}) {
    const Case c{1, 1, 50, outputs, {}, false, outputs % 2 == 0, true, 9, Spread::kExtreme};
    const auto x = random_integers<std::int8_t>(50, c.spread, random);
    const auto w = random_integers<std::int8_t>(static_cast<std::size_t>(50 * outputs), c.spread, random);
    const auto bias = random_bias<std::int8_t>(c, random);
    Events events;
    GraphBuilder builder;
    const auto input = builder.activation("input", {1, 50}, graph::Type::kInt8, -5);
    const auto weight = builder.constant("w", {outputs, 50}, graph::Layout::kOi, -7, w);
    const auto offsets = builder.constant("b", {outputs}, graph::Layout::kVector, -12, bias);
    const auto output = builder.activation("output", {1, outputs}, graph::Type::kInt8, -3);
    builder.graph.input = input;
    builder.node("gemm", graph::Gemm{c.relu}, {input, weight, offsets}, output);
    EXPECT_EQ(std::get<std::vector<std::int8_t>>(Simulator(builder.graph).run(x).back()),
              transcribed(c, x, w, bias, events));
  }
}

}  // namespace
}  // namespace mudra::sim
