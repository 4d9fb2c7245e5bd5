#include <gtest/gtest.h>

#include "mudra/base/files.hpp"
#include "pth_files.hpp"
#include "torch_python.hpp"

namespace mudra::format {
namespace {

TEST(PthWriter, what_is_written_reads_back_the_same) {
  const auto file = read_pth(write_pth(small_state(), R"({"classes": ["palm"]})"));
  EXPECT_EQ(file.state, small_state());
  EXPECT_EQ(file.metadata, R"({"classes": ["palm"]})");
  EXPECT_EQ(read_pth(write_pth(small_state())).metadata, "");
}

TEST(PthWriter, equal_states_give_equal_bytes) {
  EXPECT_EQ(write_pth(small_state(), "{}"), write_pth(small_state(), "{}"));
  EXPECT_NE(write_pth(small_state(), "{}"), write_pth(small_state(), "[]"));
}

TEST(PthWriter, torch_loads_what_is_written_with_weights_only) {
  if (!has_torch()) GTEST_SKIP() << "python3-torch is not installed";
  const std::string path = testing::TempDir() + "/mudra_pth_writer_test.pth";
  write_file(path, write_pth(small_state(), "{}"));
  EXPECT_EQ(run_python(MUDRA_TEST_FOLDER "/check_small_state.py " + path), 0);
}

}  // namespace
}  // namespace mudra::format
