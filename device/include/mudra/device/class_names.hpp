// The names of a model's classes: the JSON list of texts in its metadata, read without a heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mudra/device/probabilities.hpp"

namespace mudra::device {

// The metadata of an .espdl with this key is a JSON list of the class names.
inline constexpr std::string_view kClassNamesKey = "classes";

inline constexpr int kNoClass = -1;  // no class
// What no class is called, and the class of pictures that show none of the others: what wins is not shown.
inline constexpr const char* kNoneName = "none";

class ClassNames {
 public:
  static constexpr std::size_t kMaxBytes = 1024;  // of all names

  // Names of `count` classes (at most kMaxClasses) out of `json`. False, and the names are "0", "1", ..., if
  // it is no list of that many texts, or together they have more than kMaxBytes letters.
  bool read(std::string_view json, int count);

  int size() const { return count_; }
  // Where the class called kNoneName is, or kNoClass.
  int none() const;
  // kNoneName for kNoClass. Letters beyond ASCII are UTF-8.
  std::string_view operator[](int i) const;

 private:
  bool take_names(std::string_view json, int count);
  bool take_text(std::string_view& json);
  bool put(char letter);

  char letters_[kMaxBytes];
  std::uint16_t end_[kMaxClasses];  // of each name in letters_
  std::size_t used_ = 0;
  int count_ = 0;
};

}  // namespace mudra::device
