#include "mudra/base/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <numeric>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "tests/refusal.hpp"

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

TEST(Parallel, each_thread_may_have_its_own_memory) {
  set_threads(3);
  for (const Schedule schedule : {Schedule::kStatic, Schedule::kDynamic}) {
    std::vector<std::size_t> sums(static_cast<std::size_t>(thread_count()));
    for_each_parallel(schedule, 1000,
                      [&](std::size_t i, int thread) { sums.at(static_cast<std::size_t>(thread)) += i; });
    EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), std::size_t{0}), 499500u);
  }
  set_threads(0);
}

TEST(Parallel, of_many_exceptions_the_one_of_the_lowest_item_comes_out) {
  for (const int threads : {1, 2, 4}) {
    set_threads(threads);
    for (const Schedule schedule : {Schedule::kStatic, Schedule::kDynamic})
      EXPECT_EQ(refusal([&] {
                  for_each_parallel(schedule, 100, [](std::size_t i) {
                    if (i >= 20) fail("item {}", i);
                  });
                }),
                "item 20");
  }
  set_threads(0);
}

TEST(Parallel, an_exception_that_is_no_error_comes_out_too) {
  set_threads(2);
  EXPECT_THROW(for_each_parallel(Schedule::kStatic, 10, [](std::size_t) { throw std::bad_alloc(); }),
               std::bad_alloc);
  set_threads(0);
}

TEST(Parallel, no_items_are_no_work) {
  for_each_parallel("test", 0, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace mudra
