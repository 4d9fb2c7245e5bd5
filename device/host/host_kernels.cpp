#include "mudra/device/host_kernels.hpp"

#include "mudra/device/network.hpp"

// Plain x86-64 is left to the portable kernels; SSSE3 alone would gain nothing over SSE4.
#define HWY_DISABLED_TARGETS HWY_SSSE3

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/host/host_kernels.cpp"
#include <hwy/foreach_target.h>  // before highway.h

#include <hwy/highway.h>

#if HWY_TARGET != HWY_SCALAR
#include "device/host/kernels-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
Kernels simd_kernels() { return portable_kernels(); }
#endif

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::device {

HWY_EXPORT(simd_kernels);

// Asks Highway for the functions of one instruction set after the other.
const std::vector<HostTarget>& all_host_kernels() {
  static const std::vector<HostTarget> all = [] {
    std::vector<HostTarget> targets;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::GetChosenTarget().Update(target);
      targets.push_back({.name = hwy::TargetName(target), .kernels = HWY_DYNAMIC_DISPATCH(simd_kernels)()});
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
