// What a page may call things: names that become parts of paths, joined to one root in one function.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace mudra::studio {

// Whether it is 1 to 40 letters, digits, '_' and '-', a '-' not being the first: a person, a class, a run.
bool is_name(std::string_view text);

// Whether it is such a name and the extension of a picture: "0001.png".
bool is_picture_name(std::string_view text);

// ROOT/A/B/C. Throws Error unless every part is a name, the last one of a picture or not, and nothing on the
// way below the root is a symbolic link.
std::filesystem::path joined(const std::filesystem::path& root,
                             std::initializer_list<std::string_view> parts);

}  // namespace mudra::studio
