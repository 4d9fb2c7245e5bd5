// Each kernel in each instruction set of this processor against the portable one, integer by integer.
#include "mudra/device/host_kernels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/random.hpp"

namespace mudra::device {
namespace {

std::vector<std::byte> random_bytes(std::size_t count, Random& random) {
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.bits());
  return bytes;
}

// An operation with the memory it points to, and rows to run it on.
struct Case {
  Operation operation;
  std::vector<std::byte> weights;
  std::vector<std::int32_t> bias;
  std::vector<std::byte> input, second;
  std::vector<const std::byte*> rows;
  int x = 0, pixels = 0;
};

constexpr std::size_t kSlack = 64;

// Input rows of values in the operation's range; above or below the picture there may be none.
void fill_rows(Case& c, int count, bool may_miss, Random& random) {
  const std::size_t row_bytes = static_cast<std::size_t>(c.operation.in_width) * c.operation.in_channels;
  c.input = random_bytes(static_cast<std::size_t>(count) * row_bytes + kSlack, random);
  if (c.operation.in_range.low >= 0)
    for (std::byte& byte : c.input) byte &= std::byte{0x7F};
  for (int i = 0; i < count; ++i) c.rows.push_back(c.input.data() + static_cast<std::size_t>(i) * row_bytes);
  if (may_miss && random.chance(0.3f)) c.rows.front() = nullptr;
  if (may_miss && count > 1 && random.chance(0.3f)) c.rows.back() = nullptr;
}

// Weights and biases so large that some results saturate and few sums might.
Case convolution_case(std::uint64_t seed, bool depthwise) {
  Random random(seed, depthwise);
  const auto pick = [&](int least, int most) {
    return least + static_cast<int>(random.below(static_cast<std::uint32_t>(most - least + 1)));
  };
  Case c;
  Operation& operation = c.operation;
  Convolution& convolution = operation.convolution;
  operation.kind = Operation::Kind::kConvolution;
  const bool known = depthwise && random.chance(0.8f);  // the window that has a kernel of its own
  const int kernel_h = known ? 3 : pick(1, 5), kernel_w = known ? 3 : pick(1, 5);
  const int out = pick(1, 150), in = depthwise ? out : pick(1, 70);
  convolution.depthwise = depthwise;
  operation.window.kernel_h = static_cast<std::uint16_t>(kernel_h);
  operation.window.kernel_w = static_cast<std::uint16_t>(kernel_w);
  operation.window.stride_h = static_cast<std::uint16_t>(pick(1, 3));
  operation.window.stride_w = static_cast<std::uint16_t>(pick(1, 3));
  operation.window.pad_top = static_cast<std::uint16_t>(pick(0, kernel_h - 1));
  operation.window.pad_left = static_cast<std::uint16_t>(pick(0, kernel_w - 1));
  const int pad_right = pick(0, kernel_w - 1);
  operation.in_channels = static_cast<std::uint16_t>(in);
  operation.out_channels = static_cast<std::uint16_t>(out);
  operation.in_width = static_cast<std::uint16_t>(pick(kernel_w, 40));
  operation.out_width = static_cast<std::uint16_t>(
      (operation.in_width + operation.window.pad_left + pad_right - kernel_w) / operation.window.stride_w +
      1);
  operation.in_range = random.chance(0.5f) ? Range{0, 127} : Range{-128, 127};
  operation.out_range =
      random.chance(0.5f) ? Range{-128, 127} : Range{0, static_cast<std::int16_t>(pick(1, 127))};
  convolution.shift = static_cast<std::uint8_t>(random.chance(0.1f) ? 0 : pick(5, 11));
  c.weights =
      random_bytes(static_cast<std::size_t>(out * (depthwise ? 1 : in) * kernel_h * kernel_w), random);
  const int smaller = pick(0, 4);
  for (std::byte& weight : c.weights)
    weight = random.chance(0.5f) ? std::byte{0}
                                 : static_cast<std::byte>(static_cast<std::int8_t>(weight) >> smaller);
  for (int n = 0; n < out; ++n) c.bias.push_back(static_cast<std::int32_t>(random.bits()) >> 16);
  convolution.weights = c.weights.data();
  convolution.bias = random.chance(0.9f) ? c.bias.data() : nullptr;
  convolution.saturates = !sums_fit(operation);
  fill_rows(c, kernel_h, true, random);
  c.x = pick(0, operation.out_width - 1);
  c.pixels = pick(1, operation.out_width - c.x);
  return c;
}

Case addition_case(std::uint64_t seed) {
  Random random(seed, 3);
  Case c;
  c.operation.kind = Operation::Kind::kAdd;
  c.operation.in_width = c.operation.out_width = static_cast<std::uint16_t>(1 + random.below(30));
  c.operation.in_channels = c.operation.out_channels = static_cast<std::uint16_t>(1 + random.below(70));
  c.operation.in_range = {-128, 127};
  c.operation.shift = static_cast<std::int16_t>(static_cast<int>(random.below(12)) - 2);
  fill_rows(c, 1, false, random);
  c.x = static_cast<int>(random.below(c.operation.out_width));
  c.pixels = c.operation.out_width - c.x;
  c.second = random_bytes(static_cast<std::size_t>(c.pixels) * c.operation.out_channels + kSlack, random);
  return c;
}

// Over the whole picture, or windows that overlap, leave gaps or reach beyond the picture.
Case pool_case(std::uint64_t seed, Operation::Kind kind) {
  Random random(seed, 4);
  const auto pick = [&](int least, int most) {
    return static_cast<std::uint16_t>(
        least + static_cast<int>(random.below(static_cast<std::uint32_t>(most - least + 1))));
  };
  Case c;
  Operation& operation = c.operation;
  Window& window = operation.window;
  operation.kind = kind;
  operation.in_height = pick(1, 20);
  operation.in_width = pick(1, 20);
  operation.in_channels = operation.out_channels =
      random.chance(0.7f) ? static_cast<std::uint16_t>(16 * pick(1, 5)) : pick(1, 70);
  window = {.kernel_h = operation.in_height, .kernel_w = operation.in_width};
  if (random.chance(0.6f)) {
    window = {.kernel_h = pick(1, operation.in_height),
              .kernel_w = pick(1, operation.in_width),
              .stride_h = pick(1, 4),
              .stride_w = pick(1, 4)};
    window.pad_left = pick(0, window.kernel_w - 1);
    operation.out_width = static_cast<std::uint16_t>(
        (operation.in_width + window.pad_left + pick(0, window.kernel_w - 1) - window.kernel_w) /
            window.stride_w +
        1);
  }
  operation.in_range = {-128, 127};
  operation.shift = static_cast<std::int16_t>(static_cast<int>(random.below(8)) - 5);
  fill_rows(c, window.kernel_h, false, random);
  c.pixels = operation.out_width;
  return c;
}

// Also where output pixels lie apart, as a part of a Concat.
std::vector<std::byte> run(const Kernels& kernels, const Case& c, int apart = 0) {
  constexpr std::byte kUntouched{0x3C};
  Operation operation = c.operation;
  operation.out_step = static_cast<std::uint16_t>(operation.out_channels + apart);
  std::vector<std::byte> packed(kernels.packed_bytes(operation));
  if (!packed.empty()) {
    kernels.pack(operation, packed.data());
    operation.convolution.packed = packed.data();
  }
  const std::size_t step = operation.out_step, bytes = static_cast<std::size_t>(c.pixels) * step;
  std::vector<std::byte> out(bytes + kSlack, kUntouched);
  const Kernel kernel = kernels.choose(operation);
  Tile tile{
      .rows = c.rows.data(), .second = c.second.data(), .out = out.data(), .x = c.x, .pixels = c.pixels};
  std::vector<std::int32_t> sums(static_cast<std::size_t>(operation.out_width * operation.out_channels));
  if (is_pool(operation.kind)) {
    tile.sums = std::as_writable_bytes(std::span(sums)).data();
    kernel(operation, {.sums = tile.sums, .step = Tile::Step::kStart});
    tile.pixels = operation.in_width;
    for (; tile.rows != c.rows.data() + c.rows.size(); ++tile.rows) kernel(operation, tile);
    tile.step = Tile::Step::kFinish;
  }
  kernel(operation, tile);
  std::vector<std::byte> result;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (i < bytes && i % step < operation.out_channels)
      result.push_back(out[i]);
    else
      EXPECT_EQ(out[i], kUntouched) << i;
  return result;
}

template <typename MakeCase>
void expect_equal_kernels(int cases, MakeCase make_case) {
  for (const HostTarget& target : all_host_kernels())
    for (int seed = 0; seed < cases; ++seed) {
      const Case c = make_case(static_cast<std::uint64_t>(seed));
      const auto expected = run(portable_kernels(), c);
      ASSERT_EQ(run(target.kernels, c), expected) << target.name << ", case " << seed;
      ASSERT_EQ(run(target.kernels, c, 1 + seed % 40), expected) << target.name << ", apart, case " << seed;
    }
}

TEST(HostKernels, convolve_as_the_portable_ones) {
  expect_equal_kernels(400, [](std::uint64_t seed) { return convolution_case(seed, false); });
}

TEST(HostKernels, convolve_depthwise_as_the_portable_ones) {
  expect_equal_kernels(400, [](std::uint64_t seed) { return convolution_case(seed, true); });
}

TEST(HostKernels, add_as_the_portable_ones) { expect_equal_kernels(200, addition_case); }

TEST(HostKernels, pool_as_the_portable_ones) {
  for (const auto kind : {Operation::Kind::kAveragePool, Operation::Kind::kMaxPool})
    expect_equal_kernels(200, [&](std::uint64_t seed) { return pool_case(seed, kind); });
}

TEST(HostKernels, are_tested_where_they_do_not_leave_the_work_to_the_portable_ones) {
  int dense = 0, depthwise = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    dense += host_kernels().packed_bytes(convolution_case(seed, false).operation) != 0;
    depthwise += host_kernels().packed_bytes(convolution_case(seed, true).operation) != 0;
  }
  if (all_host_kernels().size() == 1) GTEST_SKIP() << "this processor has no SIMD kernels";
  EXPECT_GT(dense, 150);
  EXPECT_GT(depthwise, 100);
}

// 28 input channels, or 3 x 3 taps, all of one input and one weight, but for the first of every eight.
constexpr int kChannels = 28, kTaps = 9;
Case uniform_case(bool depthwise, bool is_signed, int input, int weight, int first_weight) {
  constexpr int kOut = 32, kLanes = 16, kWidth = 12;
  Case c;
  Convolution& convolution = c.operation.convolution;
  const int in = depthwise ? kOut : kChannels, kernel = depthwise ? 3 : 1;
  c.operation.kind = Operation::Kind::kConvolution;
  convolution.depthwise = depthwise;
  c.operation.window.kernel_h = c.operation.window.kernel_w = static_cast<std::uint16_t>(kernel);
  c.operation.in_channels = static_cast<std::uint16_t>(in);
  c.operation.out_channels = kOut;
  c.operation.in_width = kWidth;
  c.operation.out_width = static_cast<std::uint16_t>(kWidth - kernel + 1);
  c.operation.in_range = {static_cast<std::int16_t>(is_signed ? -128 : 0), 127};
  c.operation.out_range = {-128, 127};
  convolution.shift = 12;
  for (int block = 0; block < kOut; block += kLanes)
    for (int product = 0; product < (depthwise ? kTaps : kChannels); ++product)
      c.weights.insert(c.weights.end(), kLanes,
                       static_cast<std::byte>(product % 8 == 0 ? first_weight : weight));
  convolution.weights = c.weights.data();
  convolution.saturates = !sums_fit(c.operation);
  const std::size_t row_bytes = static_cast<std::size_t>(in) * kWidth;
  c.input.assign(row_bytes * static_cast<std::size_t>(kernel) + kSlack, static_cast<std::byte>(input));
  for (int ky = 0; ky < kernel; ++ky)
    c.rows.push_back(c.input.data() + static_cast<std::size_t>(ky) * row_bytes);
  c.pixels = c.operation.out_width;
  return c;
}

// The largest magnitudes of all, and those around which one, two or four products just fit 16 bits when
// added.
TEST(HostKernels, add_up_the_largest_products_exactly) {
  for (const HostTarget& target : all_host_kernels())
    for (const bool depthwise : {false, true})
      for (const bool is_signed : {false, true})
        for (const int input : {-128, -1, 1, 127})
          for (const auto& [weight, first] : {std::pair(-128, -127),
                                              {-128, -128},
                                              {-65, -65},
                                              {-65, -64},
                                              {-64, -65},
                                              {-64, -64},
                                              {-33, -32},
                                              {-32, -33},
                                              {-32, -32},
                                              {32, 32},
                                              {32, 33},
                                              {33, 32},
                                              {64, 64},
                                              {64, 65},
                                              {65, 64},
                                              {65, 65},
                                              {127, 126},
                                              {127, 127}}) {
            if ((depthwise && is_signed) || (!is_signed && input < 0)) continue;
            const Case c = uniform_case(depthwise, is_signed, input, weight, first);
            const std::string where = std::string(target.name) + ", " + std::to_string(input) + " * " +
                                      std::to_string(weight) + " and " + std::to_string(first);
            if (target.name != std::string_view("SCALAR") && target.name != std::string_view("portable")) {
              ASSERT_NE(target.kernels.packed_bytes(c.operation), 0u)
                  << where << ": left to the portable kernels";
            }
            const int products = depthwise ? kTaps : kChannels, firsts = (products + 7) / 8;
            const int sum = input * ((products - firsts) * weight + firsts * first);
            const int result = std::clamp((sum + (1 << 11)) >> 12, -128, 127);
            ASSERT_THAT(run(target.kernels, c), testing::Each(static_cast<std::byte>(result))) << where;
          }
}

}  // namespace
}  // namespace mudra::device
