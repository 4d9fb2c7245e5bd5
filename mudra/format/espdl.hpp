// ESP-DL's .espdl files: an integer network as the ESP32-S3 loads it, one or several in a pack.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::format {

enum class EspdlGeneration {
  kEdl1,  // of December 2024: no tables, INT32 biases, weights copied to RAM
  kEdl2,  // of today: weights aligned to 16 bytes, used where they lie
};

// Integers as the network takes them and as it must answer them.
struct EspdlTest {
  graph::Values input, output;

  bool operator==(const EspdlTest&) const = default;
};

struct EspdlFile {
  graph::Graph graph;  // activations and weights int8 or int16, biases int32 or int64, all with exponents
  EspdlGeneration generation = EspdlGeneration::kEdl2;
  std::string producer_name = "mudra", producer_version, domain, doc_string;
  std::int32_t ir_version = 8;
  std::int64_t model_version = 0;
  std::vector<EspdlTest> tests;

  bool operator==(const EspdlFile&) const = default;
};

// No .espdl is larger than a chip's flash.
inline constexpr std::size_t kMaxEspdlBytes = std::size_t{16} << 20;

// The network of a plain .espdl, packed weights may lie behind it, or of a pack that holds only one. The
// graph's tensors come in order of first use: the input, then node by node what it reads and its output.
// Throws Error for anything damaged, encrypted, made for another chip, or beyond the operations of
// graph::Graph; no file makes it allocate more than about 100 MB.
EspdlFile read_espdl(std::span<const std::uint8_t> bytes);

// The bytes of an .espdl of file.generation. Equal arguments give equal bytes, and read_espdl gives back
// `file` when its tensors are in order of first use and its biases are of the generation's type: int64 in
// 16-bit nodes of EDL2, else int32. Throws Error, naming the node, for a graph that is not wholly integer or
// that the format cannot hold.
std::vector<std::uint8_t> write_espdl(const EspdlFile& file);

// Of the integers of `file.tests`, which a chip keeps in flash and needs for its self-test only.
std::size_t test_vector_bytes(const EspdlFile& file);

struct EspdlPackEntry {
  std::string name;  // "gesture.espdl"
  EspdlFile file;

  bool operator==(const EspdlPackEntry&) const = default;
};

enum class EspdlPackGeneration {
  kPdl1,  // of EDL1 files
  kPdl2,  // of EDL2 files
  kPdl3,  // of EDL2 files, with a version and a checksum
};

// Whether the bytes begin like a pack.
bool is_espdl_pack(std::span<const std::uint8_t> bytes);

// Every network of a pack, in its order. A PDL3's checksum must be right.
std::vector<EspdlPackEntry> read_espdl_pack(std::span<const std::uint8_t> bytes);

// Throws Error for names that are empty or equal, and for files of another generation than the pack holds.
std::vector<std::uint8_t> write_espdl_pack(std::span<const EspdlPackEntry> entries,
                                           EspdlPackGeneration generation = EspdlPackGeneration::kPdl3);

// The file at `path`, plain or a pack of one; errors begin with the path.
EspdlFile load_espdl(const std::filesystem::path& path);

// The file as text for people: what it says about itself, every node with shapes, types and exponents.
std::string describe(const EspdlFile& file);

// Any whole .espdl, also one for another chip or with operations that mudra does not know.
struct EspdlReport {
  std::string name;                  // in its pack; empty without one
  std::optional<EspdlFile> file;     // nothing: mudra cannot run it
  std::string text;                  // all it holds, for people
  std::vector<std::string> remarks;  // why it cannot be run, another chip it is made for
};

// One for each network of the file. Throws Error only for what is damaged or encrypted.
std::vector<EspdlReport> inspect_espdl(std::span<const std::uint8_t> bytes);

}  // namespace mudra::format
