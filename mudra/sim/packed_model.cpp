#include "mudra/sim/packed_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/device/line.hpp"
#include "mudra/device/packed_section.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "mudra/format/espdl_container.hpp"
#include "mudra/sim/espdl_runner.hpp"

namespace mudra::sim {
namespace {

void put_u32(std::vector<std::uint8_t>& bytes, std::size_t at, std::size_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::vector<std::uint8_t> section_of(std::span<const std::uint8_t> model) {
  using device::PackedHeader;
  const device::Kernels& kernels = device::s3::kernels();
  const auto engine = planned_engine(model, kernels, device::PackedWeights::kInArena);
  const device::Network& network = engine->network();
  const auto operations = static_cast<std::size_t>(network.size);
  const auto aligned = [](std::size_t bytes) { return device::align_up(static_cast<std::uint32_t>(bytes)); };
  std::vector<std::uint8_t> section(aligned(PackedHeader::kBytes + 4 * operations));
  std::ranges::copy(PackedHeader::kMagic, section.begin());
  put_u32(section, 12, kernels.id);
  put_u32(section, 16, kernels.version);
  put_u32(section, 20, device::crc32(model));
  put_u32(section, 24, operations);
  for (std::size_t i = 0; i < operations; ++i) {
    const device::Operation& operation = network.links[i].operation;
    const std::size_t bytes = kernels.packed_bytes(operation), at = section.size();
    if (bytes == 0) continue;
    put_u32(section, PackedHeader::kBytes + 4 * i, at);
    section.resize(at + aligned(bytes));
    kernels.pack(operation, reinterpret_cast<std::byte*>(section.data() + at));
  }
  put_u32(section, 8, section.size());
  put_u32(section, 4, device::crc32(std::span<const std::uint8_t>(section).subspan(8)));
  return section;
}

}  // namespace

device::PackedWeights packed_weights_named(std::string_view name) {
  for (const auto where : {device::PackedWeights::kInPlace, device::PackedWeights::kInArena})
    if (name == name_of(where)) return where;
  fail("weights '{}': give ram or flash", name);
}

std::string_view name_of(device::PackedWeights where) {
  return where == device::PackedWeights::kInPlace ? "flash" : "ram";
}

std::span<const std::uint8_t> model_alone(std::span<const std::uint8_t> file) {
  return file.first(format::open_container(file).bytes);
}

std::vector<std::uint8_t> with_packed_weights(std::span<const std::uint8_t> file) {
  const auto model = model_alone(file);
  std::vector<std::uint8_t> bytes(model.begin(), model.end());
  const std::vector<std::uint8_t> section = section_of(bytes);
  bytes.resize(device::align_up(static_cast<std::uint32_t>(bytes.size())));
  bytes.insert(bytes.end(), section.begin(), section.end());
  return bytes;
}

std::string describe_packed_weights(std::span<const std::uint8_t> file) {
  const std::size_t rest = file.size() - model_alone(file).size();
  if (rest == 0) return {};
  const std::string what = fmt::format("{} bytes of packed weights behind the model", rest);
  const auto unused = [&](std::string_view why) {
    return fmt::format("{}, which are not used: {}\n", what, why);
  };
  try {
    const std::vector<std::uint8_t> bytes(file.begin(), file.end());  // at an address as a chip would have it
    const auto status = planned_engine(bytes, device::s3::kernels())->packed_section();
    return status == device::Status::kOk ? what + ", used where they lie\n"
                                         : unused(device::describe(status));
  } catch (const Error& error) {
    return unused(error.text);
  }
}

}  // namespace mudra::sim
