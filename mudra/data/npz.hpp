// NumPy's archives of named arrays (.npz, and .npy for a single one), for data sets and checkpoints: what is
// written here numpy.load reads, and what numpy.savez and savez_compressed write is read here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mudra::data {

// uint8, int32, int64, float32, and unicode strings (UTF-8 here; bytes that are no UTF-8 are kept as Python's
// surrogateescape keeps them).
using NpzValues = std::variant<std::vector<std::uint8_t>, std::vector<std::int32_t>,
                               std::vector<std::int64_t>, std::vector<float>, std::vector<std::string>>;

struct NpzArray {
  std::string name;                 // without ".npy"
  std::vector<std::int64_t> shape;  // empty: a scalar
  NpzValues values;                 // row-major, product(shape) of them

  bool operator==(const NpzArray&) const = default;
};

// The array of a whole .npy file. Throws Error for what is no .npy, for column-major order, for other types
// and for sizes that do not match the data.
NpzArray read_npy(std::span<const std::uint8_t> file);
std::vector<std::uint8_t> write_npy(const NpzArray& array);

// All arrays of an archive, in its order. Throws Error naming the array.
std::vector<NpzArray> read_npz(std::span<const std::uint8_t> file);
std::vector<NpzArray> read_npz(const std::filesystem::path& path);

// Equal arrays give equal bytes. The path's file is replaced as a whole or not at all.
std::vector<std::uint8_t> write_npz(std::span<const NpzArray> arrays);
void write_npz(const std::filesystem::path& path, std::span<const NpzArray> arrays);

// nullptr when there is none of that name.
const NpzArray* find(std::span<const NpzArray> arrays, std::string_view name);

// "uint8", as NumPy calls the type of the values.
const char* type_name(const NpzArray& array);

// Throws Error: there is no array of that name, or it is not of the type wanted.
[[noreturn]] void fail_missing(std::string_view name);
[[noreturn]] void fail_type(const NpzArray& array);

// The array called `name`, whose values are of type T. Throws Error when it is missing or of another type.
template <typename T>
const NpzArray& array_of(std::span<const NpzArray> arrays, std::string_view name) {
  const NpzArray* array = find(arrays, name);
  if (array == nullptr) fail_missing(name);
  if (!std::holds_alternative<std::vector<T>>(array->values)) fail_type(*array);
  return *array;
}

// Its values, when the shape does not matter.
template <typename T>
const std::vector<T>& values_of(std::span<const NpzArray> arrays, std::string_view name) {
  return std::get<std::vector<T>>(array_of<T>(arrays, name).values);
}

}  // namespace mudra::data
