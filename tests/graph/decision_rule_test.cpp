#include "mudra/graph/decision_rule.hpp"

#include <gmock/gmock.h>

#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

TEST(DecisionRule, is_stated_in_metadata_and_read_from_it) {
  std::map<std::string, std::string> metadata = {{"version", "1"}};
  EXPECT_EQ(stated_decision_rule(metadata), std::nullopt);
  const device::SmoothingRule rule{
      .pictures = 2, .enter = device::probability_of(9341), .leave = device::probability_of(7006)};
  state_decision_rule(metadata, rule);
  EXPECT_EQ(metadata.at("decision_enter"), "93.41");
  EXPECT_EQ(stated_decision_rule(metadata), rule);
  EXPECT_DOUBLE_EQ(threshold_of(rule), 0.9341);
  EXPECT_EQ(text_of(rule), "from 93.41 % on, until below 70.06 %, over 2 pictures");
}

TEST(DecisionRule, of_a_damaged_text_is_refused_in_one_line) {
  EXPECT_THAT(
      refusal([] {
        (void)stated_decision_rule({{"decision_leave", "ninety"}});
      }),
      testing::StartsWith("its decision_pictures '', decision_enter '' and decision_leave 'ninety' are no "
                          "rule: 1 to 100 pictures"));
}

}  // namespace
}  // namespace mudra::graph
