#include "worker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "simulated_board.hpp"
#include "tasks.hpp"

namespace mudra::firmware {
namespace {

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

TEST(Worker, does_one_thing_at_a_time_beside_the_task_that_asks) {
  host::power_on({});
  Worker worker("worker", 4096, 1);
  ASSERT_TRUE(worker.start());
  EXPECT_TRUE(worker.wait(0));
  std::atomic<bool> go = false;
  std::thread::id where;
  auto work = [&] {
    where = std::this_thread::get_id();
    while (!go) sleep_ms(1);
  };
  worker.begin(work);
  EXPECT_FALSE(worker.wait(Worker::kTurnMs));
  go = true;
  worker.finish();
  EXPECT_TRUE(worker.wait(0));
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(Worker, finishes_what_it_has_begun) {
  host::power_on({});
  bool done = false;
  auto work = [&] {
    sleep_ms(50);
    done = true;
  };
  {
    Worker worker("worker", 4096, 1);
    ASSERT_TRUE(worker.start());
    worker.begin(work);
  }
  EXPECT_TRUE(done);
}

TEST(Worker, without_memory_for_a_task_does_it_at_once) {
  host::power_on({.internal_bytes = 4000});
  Worker worker("worker", 4096, 1);
  EXPECT_FALSE(worker.start());
  std::thread::id where;
  worker.run([&] { where = std::this_thread::get_id(); });
  EXPECT_EQ(where, std::this_thread::get_id());
  EXPECT_EQ(host::idle_turns(), 1);  // as nothing else blocks
}

TEST(Worker, lets_the_idle_task_run_though_it_is_always_asked_for_more) {
  host::power_on({});
  Worker worker("worker", 4096, 1);
  ASSERT_TRUE(worker.start());
  auto work = [] { sleep_ms(1); };
  for (int i = 0; i < 1300; ++i) {
    worker.begin(work);
    while (!worker.wait(0)) {
    }
  }
  EXPECT_GE(host::idle_turns(), 2);
}

TEST(Worker, says_how_much_of_its_stack_it_has_used) {
  host::power_on({});
  Worker worker("worker", 16384, 1);
  ASSERT_TRUE(worker.start());
  worker.run([] {});
  const device::StackState before = worker.measure_stack();
  worker.run([] {
    volatile char bytes[8192];
    for (volatile char& byte : bytes) byte = 1;
  });
  EXPECT_EQ(before.task, "worker");
  EXPECT_EQ(before.bytes, 16384u);
  EXPECT_GT(before.least_free, 8192u);
  EXPECT_LT(worker.measure_stack().least_free, 16384u - 8192u);
}

}  // namespace
}  // namespace mudra::firmware
