#include "mudra/graph/state_dict.hpp"

#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

StateDict two_tensors() {
  return {{{"weight", {2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5}},
           {"num_batches_tracked", {}, std::vector<std::int64_t>{9}}}};
}

std::string error_of(std::string_view name, const std::vector<std::int64_t>& shape) {
  return refusal([&] { floats(two_tensors(), name, shape); });
}

TEST(StateDict, finds_tensors_by_name) {
  const StateDict state = two_tensors();
  EXPECT_EQ(find(state, "weight"), &state.tensors[0]);
  EXPECT_EQ(find(state, "bias"), nullptr);
}

TEST(StateDict, gives_floats_of_the_expected_shape) {
  const StateDict state = two_tensors();
  EXPECT_EQ(floats(state, "weight", {2, 3})[5], 5.0f);
  EXPECT_EQ(floats(state, "weight", {-1, 3})[5], 5.0f);
}

TEST(StateDict, says_what_is_wrong_with_a_tensor) {
  EXPECT_EQ(error_of("bias", {2}), "'bias' is missing");
  EXPECT_EQ(error_of("num_batches_tracked", {}), "'num_batches_tracked' holds integers, not floats");
  EXPECT_EQ(error_of("weight", {3, 2}), "'weight' has shape [2, 3], not [3, 2]");
  EXPECT_EQ(error_of("weight", {6}), "'weight' has shape [2, 3], not [6]");
}

}  // namespace
}  // namespace mudra::graph
