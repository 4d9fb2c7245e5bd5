// Short sentences with figures, without a heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mudra::firmware {

// What does not fit is cut off.
class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text) { *this << text; }

  Text& operator<<(std::string_view text) {
    for (const char letter : text)
      if (size_ < sizeof letters_) letters_[size_++] = letter;
    return *this;
  }
  Text& operator<<(std::uint64_t number) {
    char digits[20];
    std::size_t first = sizeof digits;
    do digits[--first] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    return *this << std::string_view(digits + first, sizeof digits - first);
  }

  std::string_view view() const { return {letters_, size_}; }
  bool empty() const { return size_ == 0; }

 private:
  char letters_[160];
  std::size_t size_ = 0;
};

}  // namespace mudra::firmware
