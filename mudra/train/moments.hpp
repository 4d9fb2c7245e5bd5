// First and second moments of a map over a batch: what the batch normalisation behind a linear layer needs to
// know of the layer's input.
#pragma once

#include <span>
#include <vector>

#include "mudra/train/batch_map.hpp"
#include "mudra/train/batch_norm.hpp"
#include "mudra/train/batch_work.hpp"

namespace mudra::train {

// For z = W x, mean(z) = W mean(x) and covariance(z) = W covariance(x) W^T: the statistics of z without any
// z.
class Moments {
 public:
  Moments() = default;
  // sums: [channels] of x; products: [channels, stride] of x x^T; count: pixels of the batch.
  Moments(std::span<const double> sums, std::span<const double> products, std::size_t stride, double count);

  double count() const { return count_; }
  double mean(std::size_t channel) const { return mean_[channel]; }

  // [channels, outputs]: covariance(x) * weights^T, for weights [outputs, channels].
  std::vector<double> covariance_with(std::span<const float> weights) const;

  // Of weights * x, given covariance_with(weights).
  BatchStatistics statistics_of(std::span<const float> weights, std::span<const double> covariance) const;

 private:
  double count_ = 0;
  std::vector<double> mean_;        // [channels]
  std::vector<double> covariance_;  // [channels, channels], biased
};

// Of the maps [pixels, padded(channels)] that map_of gives.
Moments moments_of(BatchWork& batch, int pixels, int channels, const ConstMapOf& map_of);

}  // namespace mudra::train
