#include "mudra/device/packed_section.hpp"

#include <cstring>

#include "mudra/device/flatbuffer.hpp"
#include "mudra/device/line.hpp"

namespace mudra::device {
namespace {

constexpr std::uint32_t kPlaceBytes = sizeof(std::uint32_t);
constexpr std::uint32_t kChecked = 8;  // where what the section's checksum is of begins

std::span<const std::uint8_t> behind(std::span<const std::uint8_t> file, std::size_t model_bytes) {
  const std::size_t begin = align_up(static_cast<std::uint32_t>(model_bytes));
  return begin < file.size() ? file.subspan(begin) : std::span<const std::uint8_t>();
}

// The blocks of all operations; kBadOffset if one of them does not lie where it says.
Status take_blocks(std::span<const std::uint8_t> section, const Kernels& kernels, Network& network) {
  flatbuffer::Buffer buffer(section);
  const std::uint32_t blocks = PackedHeader::kBytes + static_cast<std::uint32_t>(network.size) * kPlaceBytes;
  for (int i = 0; i < network.size; ++i) {
    Operation& operation = network.links[i].operation;
    const std::size_t bytes = kernels.packed_bytes(operation);
    const auto at =
        buffer.read<std::uint32_t>(PackedHeader::kBytes + static_cast<std::uint32_t>(i) * kPlaceBytes);
    if ((bytes == 0) != (at == 0)) return Status::kBadOffset;
    if (bytes == 0) continue;
    if (at < blocks || at % kAlignment != 0 || !buffer.holds(at, bytes)) return Status::kBadOffset;
    operation.convolution.packed = buffer.data(at);
  }
  return buffer.status();
}

}  // namespace

Status read_packed_header(std::span<const std::uint8_t> file, std::size_t model_bytes, PackedHeader& header) {
  const std::span<const std::uint8_t> rest = behind(file, model_bytes);
  constexpr std::size_t kMagicBytes = sizeof PackedHeader::kMagic;
  if (rest.size() < kMagicBytes || std::memcmp(rest.data(), PackedHeader::kMagic, kMagicBytes) != 0)
    return Status::kNoPackedWeights;
  if (rest.size() < PackedHeader::kBytes) return Status::kTruncated;
  flatbuffer::Buffer buffer(rest.first(PackedHeader::kBytes));
  header = {.bytes = buffer.read<std::uint32_t>(8),
            .kernels = buffer.read<std::uint32_t>(12),
            .version = buffer.read<std::uint32_t>(16),
            .model = buffer.read<std::uint32_t>(20),
            .operations = buffer.read<std::uint32_t>(24)};
  if (header.bytes > rest.size()) return Status::kTruncated;
  if (header.bytes % kAlignment != 0 || header.operations > kMaxOperations ||
      header.bytes < PackedHeader::kBytes + header.operations * sizeof(std::uint32_t))
    return Status::kBadOffset;
  const std::uint32_t checksum = crc32(rest.subspan(kChecked, header.bytes - kChecked));
  return checksum == buffer.read<std::uint32_t>(4) ? Status::kOk : Status::kBadChecksum;
}

Status use_packed_section(std::span<const std::uint8_t> file, std::size_t model_bytes, const Kernels& kernels,
                          Network& network) {
  PackedHeader header;
  Status status = read_packed_header(file, model_bytes, header);
  if (status != Status::kOk) return status;
  if (header.kernels != kernels.id || header.version != kernels.version) return Status::kOtherKernels;
  if (header.model != crc32(file.first(model_bytes)) ||
      header.operations != static_cast<std::uint32_t>(network.size))
    return Status::kOtherModel;
  const std::span<const std::uint8_t> section = behind(file, model_bytes).first(header.bytes);
  if (reinterpret_cast<std::uintptr_t>(section.data()) % kAlignment != 0) return Status::kMisaligned;
  status = take_blocks(section, kernels, network);
  if (status != Status::kOk)
    for (int i = 0; i < network.size; ++i) network.links[i].operation.convolution.packed = nullptr;
  return status;
}

}  // namespace mudra::device
