#include "mudra/data/npy_header.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "mudra/base/error.hpp"

namespace mudra::data {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostDimensions = 32;  // NumPy's own limit

// The few forms of a Python literal that NumPy writes, read from left to right.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) fail("the .npy header lacks '{}'", wanted);
  }
  void expect_end() {
    skip_space();
    if (!rest_.empty()) fail("the .npy header goes on behind its end");
  }

  std::string string() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail("the .npy header lacks a string");
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool boolean() {
    skip_space();
    for (const std::string_view word : {"True", "False"})
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    fail("the .npy header lacks True or False");
  }

  std::int64_t size() {
    skip_space();
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      value = value * 10 + (rest_[digits] - '0');
      if (value > kMost) fail("the .npy header states a dimension above {}", kMost);
    }
    if (digits == 0) fail("the .npy header lacks a dimension");
    rest_.remove_prefix(digits);
    return value;
  }

  std::vector<std::int64_t> shape() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!take(')')) {
      sizes.push_back(size());
      if (sizes.size() > kMostDimensions)
        fail("the .npy header states more than {} dimensions", kMostDimensions);
      if (!take(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
};

}  // namespace

NpyHeader read_npy_header(std::span<const std::uint8_t> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (!text.starts_with(kMagic) || text.size() < 10) fail("is not a .npy array");
  const int version = file[6];
  if (version < 1 || version > 3) fail(".npy version {} is not supported", version);
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::size_t length = 0, offset = kMagic.size() + 2 + length_bytes;
  if (text.size() < offset) fail("the .npy header ends too early");
  for (std::size_t i = 1; i <= length_bytes; ++i) length = length << 8 | file[offset - i];
  if (length > text.size() - offset) fail("the .npy header ends too early");

  Literal dict(text.substr(offset, length));
  NpyHeader header{.type = {}, .shape = {}, .data_offset = offset + length};
  bool has_order = false, has_shape = false;
  dict.expect('{');
  while (!dict.take('}')) {
    const std::string key = dict.string();
    dict.expect(':');
    if (key == "descr") {
      header.type = dict.string();
    } else if (key == "fortran_order") {
      if (dict.boolean())
        fail("the array is in column-major (Fortran) order; save numpy.ascontiguousarray of it");
      has_order = true;
    } else if (key == "shape") {
      header.shape = dict.shape();
      has_shape = true;
    } else {
      fail("the .npy header has the unknown key '{}'", key);
    }
    if (!dict.take(',')) {
      dict.expect('}');
      break;
    }
  }
  dict.expect_end();
  if (header.type.empty() || !has_order || !has_shape)
    fail("the .npy header lacks descr, fortran_order or shape");
  return header;
}

std::vector<std::uint8_t> write_npy_header(const std::string& type, const std::vector<std::int64_t>& shape) {
  constexpr std::size_t kAlignment = 64, kLengthBytes = 2;
  const std::string sizes =
      shape.size() == 1 ? fmt::format("{},", shape[0]) : fmt::format("{}", fmt::join(shape, ", "));
  std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, sizes);
  const std::size_t used = kMagic.size() + 2 + kLengthBytes + dict.size() + 1;
  dict.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  dict += '\n';
  std::vector<std::uint8_t> header(kMagic.begin(), kMagic.end());
  for (const std::size_t byte : {std::size_t{1}, std::size_t{0}, dict.size() & 0xff, dict.size() >> 8})
    header.push_back(static_cast<std::uint8_t>(byte));
  header.insert(header.end(), dict.begin(), dict.end());
  return header;
}

}  // namespace mudra::data
