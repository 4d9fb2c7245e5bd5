// The stand-in for the chip's heap has to be as small and as fragmented as a real one.
#include "heap.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace mudra::firmware::host {
namespace {

TEST(Heap, gives_no_more_than_it_has) {
  Heap heap(1000);
  EXPECT_EQ(heap.allocate(1, 1001), nullptr);
  EXPECT_NE(heap.allocate(1, 1000), nullptr);
  EXPECT_EQ(heap.allocate(1, 1), nullptr);
  EXPECT_EQ(heap.free_bytes(), 0u);
}

TEST(Heap, remembers_the_least_that_was_free) {
  Heap heap(1000);
  void* memory = heap.allocate(1, 600);
  heap.release(memory);
  EXPECT_EQ(heap.free_bytes(), 1000u);
  EXPECT_EQ(heap.least_free_bytes(), 400u);
}

TEST(Heap, aligns_and_finds_the_largest_gap) {
  Heap heap(1024);
  void* first = heap.allocate(64, 100);
  void* second = heap.allocate(64, 100);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(second) % 64, 0u);
  EXPECT_EQ(heap.largest_free_block(), 1024u - 228);
  heap.release(first);
  EXPECT_EQ(heap.largest_free_block(), 1024u - 228);
  EXPECT_EQ(heap.allocate(64, 128), first);
  EXPECT_TRUE(heap.owns(second));
  EXPECT_FALSE(heap.owns(&heap));
}

}  // namespace
}  // namespace mudra::firmware::host
