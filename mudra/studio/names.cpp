#include "mudra/studio/names.hpp"

#include <algorithm>
#include <array>

#include "mudra/base/error.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

bool is_name(std::string_view text) {
  constexpr std::size_t kMostLetters = 40;
  return !text.empty() && text.size() <= kMostLetters && text.front() != '-' &&
         std::ranges::all_of(text, is_letter);
}

bool is_picture_name(std::string_view text) {
  constexpr std::array kExtensions = {".png", ".jpg", ".jpeg", ".webp", ".bmp"};
  const std::size_t dot = std::min(text.find('.'), text.size());
  return is_name(text.substr(0, dot)) &&
         std::ranges::find(kExtensions, text.substr(dot)) != kExtensions.end();
}

fs::path joined(const fs::path& root, std::initializer_list<std::string_view> parts) {
  fs::path path = root;
  std::size_t left = parts.size();
  for (const std::string_view part : parts) {
    --left;
    if (!is_name(part) && (left > 0 || !is_picture_name(part)))
      fail("'{}' is no name here: 1 to 40 letters, digits, _ and -", part.substr(0, 60));
    path /= part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error))) fail("{}: is a symbolic link", path.string());
  }
  return path;
}

}  // namespace mudra::studio
