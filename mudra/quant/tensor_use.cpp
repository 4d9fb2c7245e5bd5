#include "mudra/quant/tensor_use.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "mudra/quant/kernels/sweeps.hpp"

namespace mudra::quant {
namespace {

constexpr std::array<double, Suit::kCandidates> kSteps{0.125, 0.25, 0.5, 1, 2, 4, 8};
constexpr std::size_t kAllTried = 1024;  // a tensor smaller than this
constexpr std::size_t kSampled = 61;     // of a larger one, one of so many values is tried at other exponents

// floor(value) from -most - 1 to most; `most` for what is no number. Without a call or a branch.
double floor_within(double value, double most) {
  const double below = value < most ? value : most;
  const double bounded = below > -most - 1 ? below : -most - 1;
  const auto whole = static_cast<std::int32_t>(bounded);
  return whole - static_cast<std::int32_t>(static_cast<double>(whole) > bounded);
}

}  // namespace

void Suit::add(const Suit& other) {
  values += other.values;
  largest = std::max(largest, other.largest);
  cut += other.cut;
  for (std::size_t k = 0; k < errors.size(); ++k) errors[k] += other.errors[k];
}

UseWatch::UseWatch(TensorUse use, std::vector<float> gains) : use_(std::move(use)) {
  for (float& gain : gains) gain = std::ldexp(gain, -use_.exponent);
  factors_ = kernels::repeated(gains);
}

Suit UseWatch::suit(std::span<const float> values) const {
  const float most = std::ldexp(1.0f, use_.bits - 1) - 1;
  const kernels::Extent extent = kernels::extent(values, factors_, most);
  Suit suit{.values = values.size(), .largest = extent.largest, .cut = extent.cut};
  const std::size_t step = values.size() < kAllTried ? 1 : kSampled;
  for (std::size_t i = 0; i < values.size(); i += step) {
    const double integer = double{values[i]} * double{factors_[i % factors_.size()]};
    for (std::size_t k = 0; k < kSteps.size(); ++k) {
      const double rounded = floor_within(integer * (1 / kSteps[k]) + 0.5, double{most}) * kSteps[k];
      suit.errors[k] += (rounded - integer) * (rounded - integer);
    }
  }
  return suit;
}

TensorUse UseWatch::use(const Suit& whole) const {
  TensorUse result = use_;
  result.saturated = static_cast<double>(whole.cut) / static_cast<double>(whole.values);
  result.used = double{whole.largest} / (std::ldexp(1.0, use_.bits - 1) - 1);
  result.liked = use_.exponent - Suit::kLower +
                 static_cast<int>(std::ranges::min_element(whole.errors) - whole.errors.begin());
  return result;
}

}  // namespace mudra::quant
