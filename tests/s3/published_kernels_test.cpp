// The specification's own kernels: their counts are those of its table, and what they compute is right.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/s3/machine.hpp"
#include "tests/shared_data.hpp"

namespace mudra::s3 {
namespace {

std::string preprocessed(const std::filesystem::path& file) {
  const std::string command =
      std::string(MUDRA_PREPROCESSOR) + " -E -undef -x assembler-with-cpp " + shell_quoted(file.string());
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) fail("cannot run {}", command);
  std::string text;
  char buffer[4096];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
    text.append(buffer, size);
  return text;
}

class PublishedKernels : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = shared_folder("prototypes/s3-kernels");
    if (folder.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
    kernels_ = assemble(preprocessed(folder / "kernels.S"), "kernels.S");
    general_ = assemble(preprocessed(folder / "general.S"), "general.S");
  }

  Program kernels_, general_;
  Machine machine_;
};

struct alignas(16) Room {
  std::array<std::int8_t, 200'000> bytes{};
};

struct Layer {
  const char* kernel;
  std::vector<std::uint32_t> arguments;  // behind the five pointers
  int calls;
  std::uint64_t instructions;  // of all calls, from the specification's table
  double cycles;
};

TEST_F(PublishedKernels, need_the_instructions_and_cycles_of_the_table) {
  const auto x = std::make_unique<Room>(), out = std::make_unique<Room>(), stream = std::make_unique<Room>(),
             constants = std::make_unique<Room>();
  Memory memory;
  const auto map = [&](Room& room, const char* name) { return memory.map(std::span(room.bytes), name); };
  const std::uint32_t in = map(*x, "in") + 1024, o = map(*out, "out") + 1024, s = map(*stream, "stream"),
                      c = map(*constants, "constants");
  const std::vector<Layer> layers = {
      {"first", {o, in, in + 96, in + 192, s, c, 6, 7, c}, 48, 34'848, 39'110},
      {"expand16", {o, in, s, c, 48, 6, 7}, 48, 288'864, 315'648},
      {"dw_s2", {o, in, in, in, s, c, 24, 7, 96, c}, 24 * 6, 72'144, 77'962},
      {"project24", {o, in, s, c, 24, 6, 9, 2}, 24, 131'616, 132'768},
      {"expand24", {o, in, s, c, 24, 9, 7}, 24, 148'176, 157'075},
      {"dw_s1", {o, in, in, in, s, c, 24, 7, 144}, 24 * 9, 103'248, 111'974},
      {"project24", {o, in, s, c, 24, 9, 9, 2}, 24, 190'368, 191'520},
      {"dw_s2", {o, in, in, in, s, c, 12, 7, 144, c}, 12 * 9, 28'188, 30'478},
      {"project", {o, in, s, c, 12, 9, 9, 2}, 12, 48'240, 48'989},
      {"expand32", {o, in, s, c, 12, 12, 7}, 12, 63'288, 66'355},
      {"dw_s1", {o, in, in, in, s, c, 12, 7, 192}, 12 * 12, 36'000, 39'053},
      {"project", {o, in, s, c, 12, 12, 9, 2}, 12, 62'928, 63'677},
  };
  Counts all;
  for (const Layer& layer : layers) {
    Memory with_arguments = memory;
    const std::uint32_t a2 = with_arguments.map(std::span(layer.arguments), "arguments");
    const Counts once = machine_.run(kernels_, layer.kernel, with_arguments, std::array{a2});
    Counts counts;
    for (int i = 0; i < layer.calls; ++i) counts += once;
    EXPECT_EQ(counts.instructions, layer.instructions) << layer.kernel;
    EXPECT_NEAR(estimated_cycles(counts).estimate, layer.cycles, 0.6) << layer.kernel;
    all += counts;
  }
  EXPECT_EQ(all.instructions, 1'207'908u);  // without one expand24 more, the Adds and the average
  EXPECT_EQ(all.byte_products * 16, all.multiply_adds);
}

std::int64_t saturated(std::int64_t value, int bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return std::clamp(value, -limit, limit - 1);
}
std::int64_t rounded_half_up(std::int64_t value, int shift) {
  return shift == 0 ? value : (value + (std::int64_t{1} << (shift - 1))) >> shift;
}
std::int8_t byte(Random& random) { return static_cast<std::int8_t>(random.below(256)); }

// Lanes of 20 bits as the kernels load them: 16 bytes of QACC_L, 16 of QACC_H, then 4 and 4; 8 unused.
std::array<std::uint8_t, 48> bias_image(std::span<const std::int32_t> lanes) {
  std::array<std::uint8_t, 48> image{};
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t bit = 0; bit < 20; ++bit) {
      const std::size_t at = (20 * (i % 8) + bit) / 8, half = i / 8;
      if ((lanes[i] >> bit & 1) != 0)
        image[at < 16 ? 16 * half + at : 32 + 4 * half + at - 16] |=
            static_cast<std::uint8_t>(1u << (20 * (i % 8) + bit) % 8);
    }
  return image;
}

// A 3x3 window over 32 channels whose lanes saturate or not, some rows outside of the picture, shifts from 0
// on.
TEST_F(PublishedKernels, convolve_exactly_also_when_lanes_saturate) {
  constexpr std::size_t kChannels = 32, kSide = 3, kPixels = 5, kRow = (kPixels + kSide - 1) * kChannels,
                        kBlocks = 2, kOutputs = 16 * kBlocks, kTaps = kSide * kSide * kChannels;
  struct alignas(16) Buffers {
    std::array<std::int8_t, kSide * kRow + 16> in;  // one vector more is loaded than used
    std::array<std::int8_t, kTaps * kOutputs + 32> stream;
    std::array<std::uint8_t, 48 * kBlocks> images;
    std::array<std::int8_t, kPixels * kOutputs> out;
    std::array<std::int8_t, 16> ones;
    std::array<std::uint32_t, kSide> rows;
    std::array<std::uint32_t, 12> arguments;
  };
  int saturated_lanes = 0;
  for (int shift = 0; shift < 17; ++shift) {
    Random random(3, shift);
    Buffers b{};
    const bool big = shift % 2 == 1;
    for (std::int8_t& x : b.in) x = big ? static_cast<std::int8_t>(100 + random.below(28)) : byte(random);
    for (std::int8_t& w : b.stream)
      w = big ? static_cast<std::int8_t>(random.below(4) > 0 ? 90 + random.below(38) : -100)
              : static_cast<std::int8_t>(byte(random) / 4);
    std::array<std::int32_t, kOutputs> bias;
    for (std::int32_t& value : bias) value = byte(random) * 4000;
    for (std::size_t block = 0; block < kBlocks; ++block)
      std::ranges::copy(bias_image(std::span(bias).subspan(16 * block, 16)), b.images.begin() + 48 * block);
    b.ones.fill(1);
    const std::size_t outside = shift % 3 == 0 ? 0 : shift % 3 == 1 ? kSide - 1 : kSide;
    Memory memory;
    const std::uint32_t in = memory.map(std::span(b.in), "in");
    for (std::size_t row = 0; row < kSide; ++row)
      b.rows[row] = row == outside ? 0 : in + static_cast<std::uint32_t>(row * kRow);
    b.arguments = {memory.map(std::span(b.out), "out"),
                   memory.map(std::span<const std::uint32_t>(b.rows), "rows"),
                   memory.map(std::span<const std::int8_t>(b.stream), "stream"),
                   memory.map(std::span<const std::uint8_t>(b.images), "bias"),
                   kPixels,
                   kSide * kChannels / 16,
                   static_cast<std::uint32_t>(shift),
                   kBlocks,
                   kChannels,
                   kSide,
                   0,
                   memory.map(std::span<const std::int8_t>(b.ones), "ones")};
    const std::uint32_t a2 = memory.map(std::span<const std::uint32_t>(b.arguments), "arguments");
    const Counts counts = machine_.run(general_, "conv_exact", memory, std::array{a2});
    const std::size_t rows = outside < kSide ? kSide - 1 : kSide;
    EXPECT_EQ(counts.multiply_adds, kPixels * kOutputs * (kTaps / kSide * rows + (shift > 0 ? 1u : 0u)));
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel)
      for (std::size_t n = 0; n < kOutputs; ++n) {
        std::int64_t sum = saturated(bias[n], 20);
        bool saturates = false;
        for (std::size_t row = 0; row < kSide; ++row)
          for (std::size_t i = 0; i < kSide * kChannels && row != outside; ++i) {
            const std::size_t tap = row * kSide * kChannels + i;
            const std::int64_t more = sum + b.in[row * kRow + pixel * kChannels + i] *
                                                b.stream[((n / 16) * kTaps + tap) * 16 + n % 16];
            sum = saturated(more, 20);
            saturates = saturates || sum != more;
          }
        saturated_lanes += saturates ? 1 : 0;
        ASSERT_EQ(b.out[pixel * kOutputs + n], saturated(rounded_half_up(sum, shift), 8)) << shift;
      }
  }
  EXPECT_GT(saturated_lanes, 500);
}

TEST_F(PublishedKernels, add_a_shifted_shortcut_and_find_maxima_and_sums) {
  struct alignas(16) Buffers {
    std::array<std::int8_t, 256> x, y, out;
    std::array<std::int8_t, 32> constants;
  };
  Random random(5);
  Buffers b{};
  Memory memory;
  const std::uint32_t out = memory.map(std::span(b.out), "out"), x = memory.map(std::span(b.x), "x"),
                      y = memory.map(std::span(b.y), "y"),
                      c = memory.map(std::span(b.constants), "constants");
  for (int shift = 1; shift < 8; ++shift) {
    for (std::size_t i = 0; i < 256; ++i) {
      b.x[i] = byte(random);
      b.y[i] = static_cast<std::int8_t>(i);
    }
    std::fill_n(b.constants.begin(), 16, static_cast<std::int8_t>(1 << (shift - 1)));
    std::fill_n(b.constants.begin() + 16, 16, std::int8_t{1});
    (void)machine_.run(general_, "add_shifted", memory,
                       std::array{out, x, y, 16u, static_cast<std::uint32_t>(shift), c});
    for (std::size_t i = 0; i < 256; ++i)
      ASSERT_EQ(b.out[i], saturated(b.x[i] + rounded_half_up(b.y[i], shift), 8));
  }

  (void)machine_.run(general_, "max22", memory, std::array{out, x, y, 7u});
  for (std::size_t i = 0; i < 7 * 16; ++i) {
    const std::size_t left = i / 16 * 32 + i % 16;
    ASSERT_EQ(b.out[i], std::max({b.x[left], b.x[left + 16], b.y[left], b.y[left + 16]}));
  }

  b.constants.fill(1);
  (void)machine_.run(general_, "sum16", memory, std::array{out, x, 14u, 16u, c});
  std::array<std::int32_t, 16> sums{};
  for (std::size_t i = 0; i < 14 * 16; ++i) sums[i % 16] += b.x[i];
  const auto image = bias_image(sums);
  for (std::size_t i = 0; i < 40; ++i) ASSERT_EQ(static_cast<std::uint8_t>(b.out[i]), image[i]);
}

}  // namespace
}  // namespace mudra::s3
