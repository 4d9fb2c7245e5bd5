#include "mudra/device/latencies.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "mudra/base/random.hpp"

namespace mudra::device {
namespace {

TEST(Latencies, of_no_runs_are_zero) {
  const Latencies latencies;
  EXPECT_EQ(latencies.count(), 0u);
  EXPECT_EQ(latencies.least() + latencies.most() + latencies.mean() + latencies.percentile(50), 0u);
}

TEST(Latencies, below_64_us_are_exact) {
  Latencies latencies;
  for (std::uint32_t us = 1; us <= 50; ++us) latencies.add(us);
  EXPECT_EQ(latencies.percentile(50), 25u);
  EXPECT_EQ(latencies.percentile(100), 50u);
  EXPECT_EQ(latencies.percentile(1), 1u);
  EXPECT_EQ(latencies.mean(), 26u);  // 25.5
}

TEST(Latencies, are_within_a_64th_of_the_exact_percentile_at_any_scale) {
  Random random(9);
  for (int bits = 1; bits <= 32; ++bits) {
    Latencies latencies;
    std::vector<std::uint32_t> all(1000);
    for (auto& us : all) latencies.add(us = static_cast<std::uint32_t>(random.bits() >> (64 - bits)));
    std::ranges::sort(all);
    EXPECT_EQ(latencies.least(), all.front());
    EXPECT_EQ(latencies.most(), all.back());
    for (const int percent : {1, 50, 99, 100}) {
      const double exact = all[static_cast<std::size_t>(percent) * 10 - 1];
      EXPECT_NEAR(latencies.percentile(percent), exact, exact / 64) << bits << " bits, " << percent << " %";
    }
  }
}

TEST(Latencies, begin_anew_when_cleared) {
  Latencies latencies;
  latencies.add(7);
  latencies.clear();
  latencies.add(9);
  EXPECT_EQ(latencies.count(), 1u);
  EXPECT_EQ(latencies.least(), 9u);
}

}  // namespace
}  // namespace mudra::device
