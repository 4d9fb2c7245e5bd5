// The flash behind the partition `model`: a sector is erased to ones as a whole, writing only clears bits,
// and what is in it outlives resets and, in a file, the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>

namespace mudra::firmware::host {

class Flash {
 public:
  static constexpr int kInMemory = -1;

  // In `file`, a descriptor of a file of so many bytes, which says what is in it; or in memory, erased.
  // Throws Error.
  explicit Flash(std::size_t bytes, int file = kInMemory);
  Flash(const Flash&) = delete;
  Flash& operator=(const Flash&) = delete;
  ~Flash();

  std::span<const std::uint8_t> bytes() const { return bytes_; }

  // As `idf.py flash` does it: `image` from the start, everything else erased. Throws Error for one that is
  // too large.
  void program(std::span<const std::uint8_t> image);

  // What ESP-IDF's calls do. False for what does not lie in the flash or, erased, not in whole sectors.
  bool erase(std::size_t offset, std::size_t size);
  bool write(std::size_t offset, std::span<const std::uint8_t> data);

  // Sectors erased and pieces written so far.
  std::uint64_t operations() const { return operations_; }
  // From now on, in the middle of the `operation`th, of which a part is done then, `cut` is called, which
  // does not return. Of the 0th: never.
  void cut_power_at(std::uint64_t operation, std::function<void()> cut);
  // From now on, writing to this sector clears no bit.
  void wear_out(std::size_t sector) { worn_.insert(sector); }

 private:
  bool holds(std::size_t offset, std::size_t size) const;
  // Changes each byte, or as many as were until the power went.
  template <typename Change>
  void operate(std::span<std::uint8_t> bytes, Change change);

  std::span<std::uint8_t> bytes_;
  std::uint64_t operations_ = 0, cut_at_ = 0;
  std::function<void()> cut_;
  std::set<std::size_t> worn_;
};

}  // namespace mudra::firmware::host
