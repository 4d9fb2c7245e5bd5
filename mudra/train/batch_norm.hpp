// Batch normalisation of one layer for one batch, in double: statistics, the affine map they make, and the
// way back. The sums over pixels come from the kernels.
//
// With x_hat = (z - mean) / deviation and y = scale * x_hat + shift over the `count` values of a channel
// (Ioffe and Szegedy 2015):
//   d scale = sum(dy * x_hat), d shift = sum(dy),
//   dz = scale / deviation * (dy - d shift / count - x_hat * d scale / count).
#pragma once

#include <span>
#include <vector>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/train/kernels/pointwise.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::train {

struct BatchStatistics {
  double count = 0;              // values per channel
  std::vector<double> mean;      // [channels]
  std::vector<double> variance;  // biased
};

// From the sums over all values of a channel and of their squares.
BatchStatistics statistics_from_sums(std::span<const double> sums, std::span<const double> squares,
                                     double count);

// One layer's normalisation for one batch, laid out for the kernels.
class BatchNorm {
 public:
  explicit BatchNorm(int channels);

  // The normalisation of a batch with these statistics. Keeps what the way back needs.
  void set(const Normalisation& layer, BatchStatistics statistics);

  kernels::Affine affine() const { return {scale_.data(), shift_.data()}; }
  const BatchStatistics& statistics() const { return statistics_; }
  double inverse_deviation(std::size_t channel) const { return inverse_deviation_[channel]; }

  // From the sums of dy and of dy * z: the layer's gradients of scale and shift, and dz as a linear function
  // of dy and z.
  kernels::NormalisationGradient backward(std::span<const double> sums, std::span<const double> products,
                                          const Normalisation& layer);

 private:
  BatchStatistics statistics_;
  std::vector<double> inverse_deviation_;
  AlignedBuffer scale_, shift_;  // [padded(channels)]
  AlignedBuffer of_gradient_, of_value_, constant_;
};

// running += momentum * (batch's - running), the variance unbiased.
void track(const Normalisation& layer, const BatchStatistics& statistics, double momentum);

}  // namespace mudra::train
