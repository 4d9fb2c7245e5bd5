// Which operations have SIMD kernels, and all of them together. Included once per instruction set.
#if defined(MUDRA_DEVICE_HOST_KERNELS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_DEVICE_HOST_KERNELS_INL_H_
#undef MUDRA_DEVICE_HOST_KERNELS_INL_H_
#else
#define MUDRA_DEVICE_HOST_KERNELS_INL_H_
#endif

#include "device/host/dense-inl.h"
#include "device/host/depthwise-inl.h"
#include "device/host/elementwise-inl.h"
#include "mudra/device/network.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

inline bool fits_dense(const Operation& operation) {
  const Dense dense(operation);
  return dense.row_bytes + 3 <= kMaxGathered / kMaxKernelSide;
}

inline bool fits_depthwise(const Operation& operation) {
  return operation.window.kernel_h == 3 && operation.window.kernel_w == 3 && operation.in_range.low >= 0 &&
         operation.out_channels >= kSmallestChunk;
}

inline bool fits(const Operation& operation) {
  constexpr int kMostShift = 29;  // so that a sum of 30 bits and its rounding fit an int32
  if (operation.kind != Operation::Kind::kConvolution || operation.in != Width::kInt8) return false;
  if (operation.convolution.saturates || operation.convolution.shift > kMostShift) return false;
  return operation.convolution.depthwise ? fits_depthwise(operation) : fits_dense(operation);
}

inline std::size_t packed_bytes(const Operation& operation) {
  if (!fits(operation)) return 0;
  return operation.convolution.depthwise ? packed_bytes_depthwise(operation)
                                         : Dense(operation).packed_bytes();
}

inline void pack(const Operation& operation, std::byte* to) {
  operation.convolution.depthwise ? pack_depthwise(operation, to) : pack_dense(operation, to);
}

inline Kernel choose(const Operation& operation) {
  using Kind = Operation::Kind;
  if (fits(operation)) return operation.convolution.depthwise ? run_depthwise : run_dense;
  if (operation.kind == Kind::kAdd && fits_add(operation)) return run_add;
  if (operation.kind == Kind::kAveragePool && fits_average(operation)) return run_average;
  return portable_kernels().choose(operation);
}

inline Kernels simd_kernels() {
  return {.tile_pixels = kMaxSide,
          .slack_bytes = 64,
          .packed_bytes = packed_bytes,
          .pack = pack,
          .choose = choose};
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
