#include <algorithm>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"

namespace mudra::device {
namespace {

// Sums of products whose inputs may be any in `range`, or missing.
template <TensorInteger T>
struct Bounds {
  Range range;
  std::int64_t least = 0, most = 0;

  void add(std::int32_t weight) {
    const std::int32_t a = weight * range.low, b = weight * range.high;
    least += std::min({a, b, 0});
    most += std::max({a, b, 0});
  }
  bool fit(int bits) const {
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    return least >= -limit && most < limit;
  }
};

template <TensorInteger T>
bool all_sums_fit(const Operation& operation) {
  const Convolution& convolution = operation.convolution;
  constexpr int kLanes = Accumulators<T>::kLanes, kRegisterBits = sizeof(T) == 1 ? 30 : 40;
  const int taps = operation.window.kernel_h * operation.window.kernel_w, channels = operation.out_channels;
  const int in_lanes = convolution.depthwise ? channels : Accumulators<T>::lane_channels(channels);
  const int window = convolution.depthwise ? taps : taps * operation.in_channels;
  for (int n = 0; n < channels; ++n) {
    // A block holds kLanes channels; the remainder of a depthwise convolution is a smaller block.
    const int first = n < in_lanes ? n / kLanes * kLanes : n;
    const int step = n < in_lanes ? std::min(kLanes, channels - first) : 1;
    const T* weights = static_cast<const T*>(convolution.weights) + first * window + (n - first);
    const std::int64_t bias = bias_of(convolution, n);
    if (wrap_bits(bias, Accumulators<T>::kSingleBits) != bias) return false;
    Bounds<T> bounds{.range = operation.in_range, .least = bias, .most = bias};
    for (int i = 0; i < window; ++i) bounds.add(weights[i * step]);
    const int bits = n < in_lanes ? Accumulators<T>::kLaneBits : Accumulators<T>::kSingleBits;
    if (!bounds.fit(std::min(bits, kRegisterBits))) return false;
  }
  return true;
}

}  // namespace

bool sums_fit(const Operation& convolution) {
  return convolution.in == Width::kInt8 ? all_sums_fit<std::int8_t>(convolution)
                                        : all_sums_fit<std::int16_t>(convolution);
}

}  // namespace mudra::device
