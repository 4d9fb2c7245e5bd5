// What a model costs on the chip, as far as that can be known without one.
#include "mudra/sim/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "tests/device/network_dags.hpp"
#include "tests/device/network_family.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::sim {
namespace {

using testing::HasSubstr;

constexpr ProfileChoice kPortableKernels{.kernels = KernelSet::kPortable,
                                         .weights = device::PackedWeights::kInPlace};

std::vector<std::uint8_t> published_model() {
  return model_in(read_file(shared_data("published/models/gesture_model_int8.espdl")));
}

void expect_sums(const Profile& profile, const std::string& what) {
  Profile sum;
  for (const NodeProfile& node : profile.nodes) {
    sum.vector_instructions += node.vector_instructions;
    sum.scalar_instructions += node.scalar_instructions;
    sum.multiply_adds += node.multiply_adds;
    sum.packed_bytes += node.packed_bytes;
    sum.time += node.time;
    EXPECT_LE(node.time.low, node.time.estimate) << what << ", " << node.node;
    EXPECT_LE(node.time.estimate, node.time.high) << what << ", " << node.node;
    EXPECT_EQ(node.kernel == "portable", node.vector_instructions == 0) << what << ", " << node.node;
    const bool wanted = profile.choice.kernels == KernelSet::kS3;
    EXPECT_EQ(node.why.empty(), !wanted || node.kernel != "portable") << what << ", " << node.node;
  }
  EXPECT_EQ(profile.vector_instructions, sum.vector_instructions) << what;
  EXPECT_EQ(profile.scalar_instructions, sum.scalar_instructions) << what;
  EXPECT_EQ(profile.multiply_adds, sum.multiply_adds) << what;
  EXPECT_EQ(profile.packed_bytes, sum.packed_bytes) << what;
  EXPECT_DOUBLE_EQ(profile.time.estimate, sum.time.estimate) << what;
  EXPECT_GE(profile.half_rate, profile.time.estimate) << what;
}

TEST(Profile, is_the_sum_of_its_nodes_for_random_networks) {
  constexpr std::uint64_t kSeeds = 20;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    for (const auto& file : {device::random_network(seed), device::random_dag(seed)}) {
      const auto model = format::write_espdl(file);
      const std::string what = "network " + std::to_string(seed);
      const Profile vector = profile(model), portable = profile(model, kPortableKernels);
      expect_sums(vector, what);
      expect_sums(portable, what + ", portable");
      EXPECT_EQ(vector.multiply_adds, portable.multiply_adds) << what;
      EXPECT_EQ(portable.vector_instructions + portable.packed_bytes + portable.code_bytes, 0) << what;
    }
}

TEST(Profile, of_the_published_model_stays_within_the_limits) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const Profile made = profile(published_model());
  EXPECT_EQ(made.nodes.size(), 17);
  EXPECT_GT(made.vector_instructions, 1'000'000);
  EXPECT_LE(made.vector_instructions, 1'450'000);
  EXPECT_LE(made.scalar_instructions, 60'000);
  EXPECT_GT(made.scalar_instructions, 10'000);
  EXPECT_EQ(made.multiply_adds, 15'282'688);
  EXPECT_LE(made.arena_bytes, 34u << 10);
  EXPECT_LE(made.ram_bytes(), 84u << 10);
  EXPECT_LE(made.code_bytes, 8u << 10);
  EXPECT_LT(made.time.high, 10'000);
  for (const NodeProfile& node : made.nodes) EXPECT_NE(node.kernel, "portable") << node.node;
}

TEST(Profile, takes_longer_at_a_lower_frequency_and_with_weights_in_flash) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto model = published_model();
  const Profile fast = profile(model), slow = profile(model, {.megahertz = 80}),
                flash = profile(model, {.weights = device::PackedWeights::kInPlace});
  EXPECT_DOUBLE_EQ(slow.time.estimate, 3 * fast.time.estimate);
  EXPECT_GT(flash.time.estimate, fast.time.estimate);
  EXPECT_GT(flash.time.high - flash.time.low, fast.time.high - fast.time.low);
  EXPECT_EQ(flash.instructions(), fast.instructions());
  EXPECT_EQ(flash.ram_bytes() + flash.packed_bytes, fast.ram_bytes());
}

TEST(Profile, says_why_a_node_is_left_to_the_portable_kernels) {
  if (shared_folder("vendor-models").empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto path = shared_folder("reference-operators") / "sigmoid.espdl";
  const Profile made = profile(model_in(read_file(path)));
  const auto node = std::ranges::find(made.nodes, "Sigmoid", &NodeProfile::operation);
  ASSERT_NE(node, made.nodes.end());
  EXPECT_EQ(node->why, "no kernel for this operation");
}

// The emulated Xtensa's counts, by bench/engine_on_xtensa.sh.
TEST(Profile, reckons_portable_kernels_about_as_they_are_counted) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  constexpr double kCounted = 143'904'771, kTolerance = 0.1;
  const Profile made = profile(published_model(), kPortableKernels);
  EXPECT_NEAR(static_cast<double>(made.instructions()) / kCounted, 1, kTolerance);
}

TEST(Profile, refuses_what_is_no_choice_and_no_model) {
  EXPECT_THAT(refusal([] { kernel_set_named("fast"); }), HasSubstr("give s3 or portable"));
  EXPECT_NE(refusal([] { profile(std::vector<std::uint8_t>(64)); }), "");
}

}  // namespace
}  // namespace mudra::sim
