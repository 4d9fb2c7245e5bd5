#include "mudra/base/interrupt.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace mudra {
namespace {

// What a program does that gets these signals, one after another.
void get(std::initializer_list<int> signals) {
  catch_interrupts();
  for (const int signal : signals) std::raise(signal);
  std::exit(interrupted() ? 0 : 1);
}

TEST(Interrupt, only_a_second_ctrl_c_ends_the_program) {
  EXPECT_EXIT(get({SIGINT, SIGINT}), testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(get({SIGINT, SIGTERM}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(get({SIGTERM, SIGTERM}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(get({SIGTERM, SIGHUP, SIGHUP, SIGINT}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(get({SIGPIPE, SIGXFSZ}), testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace mudra
