#include "mudra/device/host_kernels.hpp"

#include "mudra/device/network.hpp"

// Plain x86-64 is left to the portable kernels; SSSE3 alone would gain nothing over SSE4.
#define HWY_DISABLED_TARGETS HWY_SSSE3

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/host/host_kernels.cpp"
#include <hwy/foreach_target.h>  // before highway.h

#include <hwy/highway.h>

#if HWY_TARGET != HWY_SCALAR
#include "device/host/dense-inl.h"
#include "device/host/depthwise-inl.h"
#include "device/host/elementwise-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

std::size_t packed_bytes(const Operation&) { return 0; }
void pack(const Operation&, std::byte*) {}
Kernel choose(const Operation& operation) { return portable_kernels().choose(operation); }

#else

bool fits_dense(const Operation& operation) {
  const Dense dense(operation);
  return dense.row_bytes + 3 <= kMaxGathered / kMaxKernelSide;
}

bool fits_depthwise(const Operation& operation) {
  return operation.window.kernel_h == 3 && operation.window.kernel_w == 3 && operation.in_range.low >= 0 &&
         operation.out_channels >= kSmallestChunk;
}

bool fits(const Operation& operation) {
  constexpr int kMostShift = 29;  // so that a sum of 30 bits and its rounding fit an int32
  if (operation.kind != Operation::Kind::kConvolution || operation.in != Width::kInt8) return false;
  if (operation.convolution.saturates || operation.convolution.shift > kMostShift) return false;
  return operation.convolution.depthwise ? fits_depthwise(operation) : fits_dense(operation);
}

std::size_t packed_bytes(const Operation& operation) {
  if (!fits(operation)) return 0;
  return operation.convolution.depthwise ? packed_bytes_depthwise(operation)
                                         : Dense(operation).packed_bytes();
}

void pack(const Operation& operation, std::byte* to) {
  operation.convolution.depthwise ? pack_depthwise(operation, to) : pack_dense(operation, to);
}

Kernel choose(const Operation& operation) {
  using Kind = Operation::Kind;
  if (fits(operation)) return operation.convolution.depthwise ? run_depthwise : run_dense;
  if (operation.kind == Kind::kAdd && fits_add(operation)) return run_add;
  if (operation.kind == Kind::kAveragePool && fits_average(operation)) return run_average;
  return portable_kernels().choose(operation);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::device {

HWY_EXPORT(packed_bytes);
HWY_EXPORT(pack);
HWY_EXPORT(choose);

// Asks Highway for the functions of one instruction set after the other.
const std::vector<HostTarget>& all_host_kernels() {
  static const std::vector<HostTarget> all = [] {
    constexpr int kSlackBytes = 64;
    std::vector<HostTarget> targets;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::GetChosenTarget().Update(target);
      targets.push_back({.name = hwy::TargetName(target),
                         .kernels = {.tile_pixels = kMaxSide,
                                     .slack_bytes = kSlackBytes,
                                     .packed_bytes = HWY_DYNAMIC_DISPATCH(packed_bytes),
                                     .pack = HWY_DYNAMIC_DISPATCH(pack),
                                     .choose = HWY_DYNAMIC_DISPATCH(choose)}});
    }
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    targets.push_back({.name = "portable", .kernels = portable_kernels()});
    return targets;
  }();
  return all;
}

const Kernels& host_kernels() { return all_host_kernels().front().kernels; }

const char* host_kernels_target() { return all_host_kernels().front().name; }

}  // namespace mudra::device
#endif
