// The names of a network's classes as ONNX and TensorFlow Lite files carry them: one metadata entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mudra::format {

// Metadata with this key is a JSON list of the class names.
inline constexpr const char* kClassesKey = "classes";

std::string json_of_class_names(const std::vector<std::string>& names);

// Longer names are kept nowhere.
inline constexpr std::size_t kMaxClassName = 100;  // bytes

// Throws Error unless these are names for `classes` outputs that every format can keep: all different, of 1
// to kMaxClassName bytes of UTF-8 without control characters.
void check_class_names(const std::vector<std::string>& names, std::int64_t classes);

// The names in a JSON list of `count` strings; none for any other text.
std::vector<std::string> class_names_in(const std::string& text, std::int64_t count);

}  // namespace mudra::format
