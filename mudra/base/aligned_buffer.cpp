#include "mudra/base/aligned_buffer.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace mudra {

AlignedBuffer::AlignedBuffer(std::size_t floats) : size_(floats) {
  constexpr std::size_t kVectorBytes = 64, kHugePageBytes = std::size_t{2} << 20;
  const std::size_t wanted = floats * sizeof(float);
  const std::size_t alignment = wanted >= kHugePageBytes ? kHugePageBytes : kVectorBytes;
  const std::size_t bytes = (wanted + alignment) / alignment * alignment;
  data_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
  if (!data_) throw std::bad_alloc();
  if (alignment == kHugePageBytes) ::madvise(data_.get(), bytes, MADV_HUGEPAGE);  // slower without, not wrong
  clear();
}

void AlignedBuffer::clear() { std::fill_n(data_.get(), size_, 0.0f); }

}  // namespace mudra
