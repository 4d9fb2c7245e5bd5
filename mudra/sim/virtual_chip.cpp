#include "mudra/sim/virtual_chip.hpp"

#include <algorithm>
#include <array>

namespace mudra::sim {

std::span<const s3::AssemblyText> vector_kernel_texts();

const s3::Program& vector_kernels() {
  static const s3::Program program = s3::assemble(vector_kernel_texts());
  return program;
}

std::uint32_t VirtualChip::map(const void* at, std::uint32_t bytes, std::uint32_t before, bool writable) {
  std::byte* const first = static_cast<std::byte*>(const_cast<void*>(at)) - before;
  const std::span region(first, before + bytes);
  return memory_.map(region, writable ? "output" : "input",
                     writable ? s3::Access::kReadWrite : s3::Access::kRead) +
         before;
}

void VirtualChip::call(const char* routine, const std::uint32_t* words, std::size_t count) {
  std::array<std::uint32_t, 24> arguments{};
  std::copy_n(words, count, arguments.begin());
  const std::uint32_t address = memory_.map(std::span(arguments).first(count), "arguments");
  const s3::Program& program = vector_kernels();
  counts_ += machine_.run(program, routine, memory_, std::array{address});
  memory_.clear();
}

}  // namespace mudra::sim
