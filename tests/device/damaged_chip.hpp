// A virtual chip on which one vector kernel writes a wrong bit, the first time.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "mudra/sim/virtual_chip.hpp"

namespace mudra::device::s3 {

class DamagedChip final : public Executor {
 public:
  explicit DamagedChip(std::string_view damaged) : damaged_(damaged) {}

  std::uint32_t map(const void* at, std::uint32_t bytes, std::uint32_t before, bool writable) override {
    if (writable) output_ = static_cast<std::byte*>(const_cast<void*>(at));
    return chip_.map(at, bytes, before, writable);
  }
  void call(const char* routine, const std::uint32_t* words, std::size_t count) override {
    chip_.call(routine, words, count);
    const bool first = called_.insert(routine).second;
    if (first && routine == damaged_) *output_ ^= std::byte{0x40};
  }
  const std::set<std::string>& called() const { return called_; }

 private:
  sim::VirtualChip chip_;
  std::string damaged_;
  std::byte* output_ = nullptr;
  std::set<std::string> called_;
};

}  // namespace mudra::device::s3
