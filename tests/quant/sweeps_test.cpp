#include "mudra/quant/kernels/sweeps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/quant/rounding.hpp"
#include "tests/instruction_sets.hpp"

namespace mudra::quant::kernels {
namespace {

// Of a tensor with an activation from 0 to 6, and with some beyond.
std::vector<float> some_values(std::size_t count) {
  Random random(count);
  std::vector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(random.uniform()) * 16 - 5;
    if (value > 7) value = 0;
    if (value > 6 && random.below(4) != 0) value = 6;
  }
  return values;
}

constexpr std::size_t kSizes[] = {1, 7, 8, 16, 33, 1000};

TEST(Sweeps, sort_into_bins_as_a_plain_loop_does) {
  const Bins bins{.scale = 64 / 6.0f, .last = 63};
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    for (const std::size_t size : kSizes) {
      const std::vector<float> values = some_values(size);
      std::vector<std::int32_t> expected;
      std::size_t first = 0, last = 0;
      for (const float value : values) {
        const auto place = std::min(static_cast<std::int32_t>(std::abs(value) * bins.scale), bins.last);
        first += place == 0 ? 1 : 0;
        last += place == bins.last ? 1 : 0;
        if (place != 0 && place != bins.last) expected.push_back(place);
      }
      std::vector<std::int32_t> places(size + kSlack);
      const Sorted sorted = sort_into_bins(values, bins, places.data());
      places.resize(sorted.listed);
      EXPECT_EQ(places, expected) << set.name << " " << size;
      EXPECT_EQ(sorted.first, first) << set.name << " " << size;
      EXPECT_EQ(sorted.last, last) << set.name << " " << size;
    }
  }
}

TEST(Sweeps, low_and_high_are_those_of_a_plain_loop) {
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    for (const std::size_t size : kSizes)
      for (const float offset : {-100.0f, 0.0f, 100.0f}) {
        std::vector<float> values = some_values(size);
        for (float& value : values) value += offset;
        const LowHigh seen = low_high(values);
        EXPECT_EQ(seen.low, std::min(0.0f, *std::ranges::min_element(values))) << set.name << " " << size;
        EXPECT_EQ(seen.high, std::max(0.0f, *std::ranges::max_element(values))) << set.name << " " << size;
      }
  }
}

TEST(Sweeps, low_and_high_are_infinite_once_a_value_is_not_finite) {
  for (const float value : {std::nanf(""), INFINITY, -INFINITY})
    for (const std::size_t place : {0u, 17u, 32u}) {
      std::vector<float> values(33, 1);
      values[place] = value;
      for (const InstructionSet& set : instruction_sets()) {
        const UseInstructionSet use(set);
        const LowHigh seen = low_high(values);
        EXPECT_EQ(seen.low, -INFINITY) << set.name << " " << place;
        EXPECT_EQ(seen.high, INFINITY) << set.name << " " << place;
      }
    }
}

TEST(Sweeps, put_what_is_no_number_into_some_bin) {
  const std::vector<float> values(5, std::nanf(""));
  std::vector<std::int32_t> places(values.size() + kSlack);
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    const Sorted sorted = sort_into_bins(values, {.scale = 10, .last = 59}, places.data());
    EXPECT_EQ(sorted.first + sorted.listed + sorted.last, values.size()) << set.name;
  }
}

TEST(Sweeps, extent_is_that_of_a_plain_loop) {
  constexpr float kMost = 31;
  const std::vector<float> channels{4, 5, 6}, factors = repeated(channels);
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    for (const std::size_t size : kSizes) {
      const std::vector<float> values = some_values(size);
      Extent expected;
      for (std::size_t i = 0; i < size; ++i) {
        const float integer = values[i] * channels[i % channels.size()];
        expected.largest = std::max(expected.largest, std::abs(integer));
        if (integer >= kMost + 1 || integer < -kMost - 1.5f) ++expected.cut;
      }
      const Extent found = extent(values, factors, kMost);
      EXPECT_EQ(found.largest, expected.largest) << set.name << " " << size;
      EXPECT_EQ(found.cut, expected.cut) << set.name << " " << size;
    }
  }
}

TEST(Sweeps, noise_is_that_of_a_plain_loop_with_the_same_bits_everywhere) {
  const std::vector<float> channels{0.5f, 1, 2}, factors = repeated(channels);
  for (const std::size_t size : kSizes) {
    const std::vector<float> expected = some_values(size), found = some_values(size);
    Noise plain;
    for (std::size_t i = 0; i < size; ++i) {
      plain.noise += std::pow(double{found[i]} * double{channels[i % 3]} - double{expected[i]}, 2.0);
      plain.signal += std::pow(double{expected[i]}, 2.0);
    }
    const Noise first = noise(expected, found, factors);
    EXPECT_NEAR(first.noise, plain.noise, 1e-12 * plain.noise) << size;
    EXPECT_NEAR(first.signal, plain.signal, 1e-12 * plain.signal) << size;
    for (const InstructionSet& set : instruction_sets()) {
      const UseInstructionSet use(set);
      const Noise same = noise(expected, found, factors);
      EXPECT_EQ(same.noise, first.noise) << set.name << " " << size;
      EXPECT_EQ(same.signal, first.signal) << set.name << " " << size;
    }
  }
}

TEST(Sweeps, bound_and_round_as_a_plain_loop_does) {
  constexpr int kExponent = -3, kBits = 6;
  const Rounding rounding{.up = 8, .step = 0.125f, .most = 31};
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    for (const std::size_t size : kSizes) {
      const std::vector<float> values = some_values(size);
      std::vector<float> bounded(size), both = values;
      for (std::size_t i = 0; i < size; ++i) bounded[i] = std::clamp(values[i], -4.5f, 6.0f);
      std::vector<float> found(size);
      bound(values, -4.5f, 6, std::nullopt, found.data());
      EXPECT_EQ(found, bounded) << set.name << " " << size;
      bound(both, -4.5f, 6, rounding, both.data());
      EXPECT_EQ(both, rounded_values(bounded, kExponent, kBits)) << set.name << " " << size;
    }
  }
}

}  // namespace
}  // namespace mudra::quant::kernels
