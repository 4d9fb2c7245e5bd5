// The text header of a .npy file: a Python dict of type, order and shape (NumPy Enhancement Proposal 1).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mudra::data {

struct NpyHeader {
  std::string type;                 // "<f4": byte order, kind, bytes of an element
  std::vector<std::int64_t> shape;  // each 0 or more
  std::size_t data_offset = 0;      // of the first element in the file
};

// Versions 1 to 3. Throws Error for anything else, and for column-major ("fortran") order.
NpyHeader read_npy_header(std::span<const std::uint8_t> file);

// Version 1, padded so that the data begin at a multiple of 64 bytes.
std::vector<std::uint8_t> write_npy_header(const std::string& type, const std::vector<std::int64_t>& shape);

}  // namespace mudra::data
