#include "mudra/base/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"

namespace mudra {
namespace {

TEST(Parallel, every_item_is_worked_on_once_with_any_number_of_threads) {
  for (const int threads : {1, 2, 4}) {
    set_threads(threads);
    std::vector<std::atomic<int>> calls(1000);
    for_each_parallel("test", calls.size(), [&](std::size_t i) { ++calls[i]; });
    EXPECT_TRUE(std::ranges::all_of(calls, [](const std::atomic<int>& n) { return n == 1; }));
  }
  set_threads(0);
}

TEST(Parallel, an_exception_comes_out_and_ends_the_work_early) {
  std::atomic<int> calls = 0;
  const auto work = [&](std::size_t i) {
    ++calls;
    if (i == 3) fail("item {}", i);
  };
  try {
    for_each_parallel("test", 1000000, work);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.text, "item 3");
  }
  EXPECT_LT(calls, 1000000);
}

TEST(Parallel, no_items_are_no_work) {
  for_each_parallel("test", 0, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace mudra
