#include "mudra/sim/trace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/device/trace.hpp"
#include "tests/firmware/gesture_model.hpp"
#include "tests/refusal.hpp"

namespace mudra::sim {
namespace {

TEST(AddTraces, writes_a_checksum_of_every_node_for_every_recorded_input) {
  auto file = firmware::gesture_file(firmware::Traces::kNone);
  file.graph.metadata["author"] = "somebody";
  add_traces(file);
  EXPECT_EQ(file.graph.metadata.size(), 3u);
  EXPECT_EQ(file.graph.metadata["author"], "somebody");
  const std::size_t digits = file.graph.nodes.size() * device::kTraceDigits;
  EXPECT_EQ(file.graph.metadata["trace.0"].size(), digits);
  EXPECT_EQ(file.graph.metadata["trace.1"].size(), digits);
  EXPECT_NE(file.graph.metadata["trace.0"], file.graph.metadata["trace.1"]);
}

TEST(AddTraces, survives_a_file) {
  auto file = firmware::gesture_file();
  EXPECT_EQ(format::read_espdl(format::write_espdl(file)).graph.metadata, file.graph.metadata);
}

TEST(AddTraces, refuses_a_recorded_output_that_the_network_does_not_give) {
  auto file = firmware::gesture_file();
  ++std::get<std::vector<std::int8_t>>(file.tests[1].output)[0];
  EXPECT_THAT(refusal([&] { add_traces(file); }), testing::HasSubstr("recorded input 1"));
}

}  // namespace
}  // namespace mudra::sim
