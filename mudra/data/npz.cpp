#include "mudra/data/npz.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <type_traits>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/zip.hpp"
#include "mudra/data/npy_header.hpp"
#include "mudra/data/npy_text.hpp"

namespace mudra::data {
namespace {

static_assert(std::endian::native == std::endian::little,
              "arrays are copied from and to little-endian files");

constexpr std::string_view kSuffix = ".npy";

template <typename T>
constexpr const char* kType = nullptr;  // the header's name of a type of fixed size
template <>
constexpr const char* kType<std::uint8_t> = "|u1";
template <>
constexpr const char* kType<std::int32_t> = "<i4";
template <>
constexpr const char* kType<std::int64_t> = "<i8";
template <>
constexpr const char* kType<float> = "<f4";

// product(shape); Error when it is more than `most`.
std::uint64_t element_count(const std::vector<std::int64_t>& shape, std::uint64_t most) {
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    if (static_cast<std::uint64_t>(size) > most / count)
      fail("the .npy shape asks for more data than there are");
    count *= static_cast<std::uint64_t>(size);
  }
  return count;
}

// The elements behind a header; their bytes must be all of `data`.
std::uint64_t checked_count(const NpyHeader& header, std::size_t element_bytes,
                            std::span<const std::uint8_t> data) {
  const std::uint64_t count = element_count(header.shape, data.size() / element_bytes);
  if (count * element_bytes != data.size())
    fail("the .npy shape asks for {} bytes of data, there are {}", count * element_bytes, data.size());
  return count;
}

template <typename T>
std::vector<T> read_values(const NpyHeader& header, std::span<const std::uint8_t> data) {
  std::vector<T> values(checked_count(header, sizeof(T), data));
  if (!values.empty()) std::memcpy(values.data(), data.data(), data.size());
  return values;
}

// `width` code points each, padded with zeros.
std::vector<std::string> read_strings(const NpyHeader& header, std::span<const std::uint8_t> data) {
  constexpr std::uint32_t kMostWidth = 1u << 24;
  const char* end = header.type.data() + header.type.size();
  std::uint32_t width = 0;
  const auto [stop, error] = std::from_chars(header.type.data() + 2, end, width);
  if (error != std::errc() || stop != end || width == 0 || width > kMostWidth)
    fail("the .npy string type '{}' is not supported", header.type);
  constexpr std::uint64_t kMostStrings = 1u << 24;  // each takes far more memory than the file
  const std::uint64_t count = checked_count(header, width * sizeof(char32_t), data);
  if (count > kMostStrings) fail("{} strings are more than the {} an array may have", count, kMostStrings);
  std::vector<std::string> strings(count);
  std::u32string points(width, U'\0');
  for (std::size_t i = 0; i < strings.size(); ++i) {
    std::memcpy(points.data(), data.data() + i * width * sizeof(char32_t), width * sizeof(char32_t));
    const std::size_t last = points.find_last_not_of(U'\0');
    strings[i] = from_code_points(std::span(points).first(last == std::u32string::npos ? 0 : last + 1));
  }
  return strings;
}

NpzValues read_any(const NpyHeader& header, std::span<const std::uint8_t> data) {
  if (header.type == kType<std::uint8_t>) return read_values<std::uint8_t>(header, data);
  if (header.type == kType<std::int32_t>) return read_values<std::int32_t>(header, data);
  if (header.type == kType<std::int64_t>) return read_values<std::int64_t>(header, data);
  if (header.type == kType<float>) return read_values<float>(header, data);
  if (header.type.starts_with("<U")) return read_strings(header, data);
  fail("elements of type '{}' are not supported (uint8, int32, int64, float32 and unicode strings are)",
       header.type);
}

void append(std::vector<std::uint8_t>& file, const void* data, std::size_t bytes) {
  const auto* begin = static_cast<const std::uint8_t*>(data);
  file.insert(file.end(), begin, begin + bytes);
}

template <typename T>
std::vector<std::uint8_t> write_array(const std::vector<std::int64_t>& shape, const std::vector<T>& values) {
  std::vector<std::uint8_t> file = write_npy_header(kType<T>, shape);
  file.reserve(file.size() + values.size() * sizeof(T));
  append(file, values.data(), values.size() * sizeof(T));
  return file;
}

std::vector<std::uint8_t> write_array(const std::vector<std::int64_t>& shape,
                                      const std::vector<std::string>& values) {
  std::vector<std::u32string> texts;
  std::size_t width = 1;
  for (const std::string& value : values) {
    texts.push_back(to_code_points(value));
    width = std::max(width, texts.back().size());
  }
  std::vector<std::uint8_t> file = write_npy_header(fmt::format("<U{}", width), shape);
  file.reserve(file.size() + texts.size() * width * sizeof(char32_t));
  for (std::u32string& text : texts) {
    text.resize(width, U'\0');
    append(file, text.data(), width * sizeof(char32_t));
  }
  return file;
}

}  // namespace

NpzArray read_npy(std::span<const std::uint8_t> file) {
  NpyHeader header = read_npy_header(file);
  NpzValues values = read_any(header, file.subspan(header.data_offset));
  return {.name = {}, .shape = std::move(header.shape), .values = std::move(values)};
}

std::vector<std::uint8_t> write_npy(const NpzArray& array) {
  return std::visit([&](const auto& values) { return write_array(array.shape, values); }, array.values);
}

std::vector<NpzArray> read_npz(std::span<const std::uint8_t> file) {
  std::vector<NpzArray> arrays;
  for (ZipEntry& entry : read_zip(file, kMaxFileBytes)) {
    if (!entry.name.ends_with(kSuffix)) fail("{}: is not a .npy array", entry.name);
    with_context(entry.name, [&] { arrays.push_back(read_npy(entry.bytes)); });
    arrays.back().name = entry.name.substr(0, entry.name.size() - kSuffix.size());
    entry.bytes = {};  // two copies of one array at a time, not of all
  }
  return arrays;
}

std::vector<NpzArray> read_npz(const std::filesystem::path& path) {
  const auto file = read_file(path);
  return with_context(path.string(), [&] { return read_npz(file); });
}

std::vector<std::uint8_t> write_npz(std::span<const NpzArray> arrays) {
  std::vector<ZipEntry> entries;
  for (const NpzArray& array : arrays)
    entries.push_back({array.name + std::string(kSuffix), write_npy(array)});
  return write_zip(entries);
}

void write_npz(const std::filesystem::path& path, std::span<const NpzArray> arrays) {
  write_file(path, write_npz(arrays));
}

const NpzArray* find(std::span<const NpzArray> arrays, std::string_view name) {
  const auto it = std::ranges::find(arrays, name, &NpzArray::name);
  return it == arrays.end() ? nullptr : &*it;
}

const char* type_name(const NpzArray& array) {
  constexpr const char* kNames[] = {"uint8", "int32", "int64", "float32", "str"};
  static_assert(std::size(kNames) == std::variant_size_v<NpzValues>);
  return kNames[array.values.index()];
}

void fail_missing(std::string_view name) { fail("the array '{}' is missing", name); }

void fail_type(const NpzArray& array) {
  fail("the array '{}' is of the wrong type ({})", array.name, type_name(array));
}

}  // namespace mudra::data
