// A heap as large as a chip's, so that what does not fit there does not fit here.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

namespace mudra::firmware::host {

class Heap {
 public:
  explicit Heap(std::size_t bytes);

  // First fit. nullptr when no piece is large enough. `alignment` is a power of two up to 4096.
  void* allocate(std::size_t alignment, std::size_t bytes);
  // Precondition: owns(memory), and it was allocated here.
  void release(void* memory);
  bool owns(const void* memory) const;

  std::size_t total_bytes() const { return bytes_; }
  std::size_t free_bytes() const { return free_; }
  std::size_t least_free_bytes() const { return least_free_; }
  std::size_t largest_free_block() const;

 private:
  struct Release {
    void operator()(std::byte* memory) const;
  };

  std::size_t bytes_ = 0, free_ = 0, least_free_ = 0;
  std::unique_ptr<std::byte[], Release> memory_;
  std::map<std::size_t, std::size_t> used_;  // offset: bytes
};

}  // namespace mudra::firmware::host
