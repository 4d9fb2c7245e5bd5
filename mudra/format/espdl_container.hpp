// The header in front of an .espdl's payload. (espdl-format.md, section 1)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mudra/format/espdl.hpp"

namespace mudra::format {

inline constexpr std::size_t kMaxNameLength = 256;  // of a node, a tensor, a model in a pack

struct EspdlContainer {
  EspdlGeneration generation = EspdlGeneration::kEdl2;
  std::span<const std::uint8_t> payload;
  std::size_t bytes = 0;  // header and payload; `payload` ends there
};

// The file that begins with `bytes`; there may be more behind it. Throws Error for anything else, and for
// encrypted files.
EspdlContainer open_container(std::span<const std::uint8_t> bytes);

// The same, with nothing behind it but packed weights (device/packed_section.hpp).
EspdlContainer open_single(std::span<const std::uint8_t> bytes);

// Every file of a pack, in its order, with its name.
std::vector<std::pair<std::string, EspdlContainer>> open_pack(std::span<const std::uint8_t> bytes);

std::vector<std::uint8_t> close_container(std::span<const std::uint8_t> payload, EspdlGeneration generation);

// The network of a file that was opened.
EspdlFile read_container(const EspdlContainer& container);

// Little-endian, as all numbers in the headers. `at` + 4 must not be beyond the end.
std::uint32_t read_u32(std::span<const std::uint8_t> bytes, std::size_t at);
void append_u32(std::vector<std::uint8_t>& bytes, std::uint32_t value);

}  // namespace mudra::format
