// Whatever bytes come, the engine refuses them or runs them in the memory it asked for; the view
// reads nothing outside of them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "mudra/device/engine.hpp"
#include "mudra/device/espdl_view.hpp"
#include "mudra/device/host_kernels.hpp"
#include "mudra/device/line.hpp"
#include "mudra/device/model_info.hpp"
#include "mudra/device/packed_section.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "tests/format/espdl_files.hpp"
#include "tests/fuzz/targets.hpp"

namespace mudra::fuzz {
namespace {

using namespace device;

constexpr std::size_t kMaxArenaBytes = 1 << 18;  // more would only make the fuzzer slow
constexpr std::int64_t kMostProducts = std::int64_t{1} << 24;

// Every byte of a span, so that a span outside of the file is noticed.
std::uint32_t sum(std::span<const std::uint8_t> bytes) {
  std::uint32_t total = 0;
  for (const std::uint8_t byte : bytes) total += byte;
  return total;
}

std::uint32_t touch(std::span<const std::uint8_t> model) {
  ModelView view;
  if (view.open(model) != Status::kOk) return 0;
  ModelInfo info;
  if (read_model_info(view, info) == Status::kOk && info.output.channels != info.classes.size()) std::abort();
  std::uint32_t total = 0;
  for (int i = 0; i < view.test_count(); ++i)
    total += sum(view.test_input(i).data) + sum(view.test_output(i).data);
  for (int i = 0; i < view.node_count(); ++i)
    for (int input = 0; input < view.node(i).input_count(); ++input)
      total += sum(view.initializer(view.node(i).input(input)).data);
  return total;
}

std::int64_t all_products(const Network& network) {
  std::int64_t total = 0;
  for (int i = 0; i < network.size; ++i) total += products(network.operation(i));
  return total;
}

// The output, or nothing.
std::vector<std::byte> output_of(std::span<const std::uint8_t> model, const Kernels& kernels) {
  Engine engine;
  if (engine.prepare(model, {}, kernels) != Status::kArenaTooSmall) return {};
  if (engine.arena_bytes() > kMaxArenaBytes || all_products(engine.network()) > kMostProducts) return {};
  // Exactly as large as asked for, so that the sanitizer sees any step beyond.
  auto* arena = static_cast<std::byte*>(std::aligned_alloc(64, (engine.arena_bytes() + 63) / 64 * 64));
  std::vector<std::byte> output;
  if (engine.prepare(model, {arena, engine.arena_bytes()}, kernels) == Status::kOk) {
    std::ranges::fill(engine.input(), std::byte{0x5A});
    if (engine.run() != Status::kOk) std::abort();
    output.assign(engine.output().begin(), engine.output().end());
  }
  std::free(arena);
  return output;
}

}  // namespace

void read_engine(Bytes bytes) {
  // As aligned as in flash, and with the sanitizer's guard right behind the last byte.
  const std::vector<std::uint8_t> file(bytes.begin(), bytes.end());
  PackView pack;
  if (pack.open(file) != Status::kOk) return;
  for (int i = 0; i < pack.size(); ++i) {
    const auto model = pack.model(i);
    static_cast<void>(pack.name(i));
    volatile std::uint32_t seen = touch(model);
    static_cast<void>(seen);
    if (output_of(model, portable_kernels()) != output_of(model, host_kernels())) std::abort();
  }
}

void read_packed(Bytes bytes) {
  if (bytes.size() > kMaxArenaBytes) return;
  static const std::vector<std::uint8_t> model = format::write_espdl(format::small_espdl());
  std::vector<std::uint8_t> file = model;
  file.resize(align_up(static_cast<std::uint32_t>(file.size())));
  const std::size_t section = file.size();
  file.insert(file.end(), bytes.begin(), bytes.end());
  const auto put = [&](std::size_t at, std::uint32_t value) {
    if (bytes.size() >= PackedHeader::kBytes) std::memcpy(file.data() + section + at, &value, sizeof value);
  };
  put(20, crc32(model));
  if (bytes.size() >= PackedHeader::kBytes) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + 8, sizeof size);
    if (size > 8 && size <= bytes.size())
      put(4, crc32(std::span<const std::uint8_t>(file).subspan(section + 8, size - 8)));
  }
  const Kernels& kernels = device::s3::kernels();
  Engine engine;
  if (engine.prepare(file, {}, kernels) != Status::kArenaTooSmall) std::abort();
  for (int i = 0; i < engine.network().size; ++i) {
    const Operation& operation = engine.network().operation(i);
    const std::size_t block = kernels.packed_bytes(operation);
    const auto* packed = static_cast<const std::uint8_t*>(operation.convolution.packed);
    if ((packed != nullptr) != (block > 0 && engine.packed_section() == Status::kOk)) std::abort();
    volatile std::uint32_t seen = packed == nullptr ? 0 : sum({packed, block});
    static_cast<void>(seen);
  }
}

}  // namespace mudra::fuzz
