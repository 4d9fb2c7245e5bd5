#include "mudra/train/moments.hpp"

#include <algorithm>

#include "mudra/train/kernels/pointwise.hpp"

namespace mudra::train {

Moments::Moments(std::span<const double> sums, std::span<const double> products, std::size_t stride,
                 double count)
    : count_(count), mean_(sums.size()), covariance_(sums.size() * sums.size()) {
  const std::size_t channels = sums.size();
  for (std::size_t i = 0; i < channels; ++i) mean_[i] = sums[i] / count;
  for (std::size_t i = 0; i < channels; ++i)
    for (std::size_t j = 0; j < channels; ++j)
      covariance_[i * channels + j] = products[i * stride + j] / count - mean_[i] * mean_[j];
}

std::vector<double> Moments::covariance_with(std::span<const float> weights) const {
  const std::size_t channels = mean_.size(), outputs = weights.size() / channels;
  std::vector<double> transposed(weights.size()), result(weights.size());
  for (std::size_t o = 0; o < outputs; ++o)
    for (std::size_t i = 0; i < channels; ++i) transposed[i * outputs + o] = weights[o * channels + i];
  for (std::size_t i = 0; i < channels; ++i) {
    double* const row = result.data() + i * outputs;
    for (std::size_t j = 0; j < channels; ++j) {
      const double factor = covariance_[i * channels + j];
      const double* const weight = transposed.data() + j * outputs;
      for (std::size_t o = 0; o < outputs; ++o) row[o] += factor * weight[o];
    }
  }
  return result;
}

BatchStatistics Moments::statistics_of(std::span<const float> weights,
                                       std::span<const double> covariance) const {
  const std::size_t channels = mean_.size(), outputs = weights.size() / channels;
  BatchStatistics statistics{count_, std::vector<double>(outputs), std::vector<double>(outputs)};
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < channels; ++i) {
      const double weight = weights[o * channels + i];
      statistics.mean[o] += weight * mean_[i];
      statistics.variance[o] += weight * covariance[i * outputs + o];
    }
    statistics.variance[o] = std::max(0.0, statistics.variance[o]);
  }
  return statistics;
}

Moments moments_of(BatchWork& batch, int pixels, int channels, const ConstMapOf& map_of) {
  const std::size_t stride = map_floats(1, channels);
  const std::vector<double> totals = batch.sum_over_images<double>(
      stride + map_floats(channels, channels), [&](int image, double* sums, float* scratch) {
        const float* const map = map_of(image, scratch);
        kernels::add_sums(map, pixels, channels, sums);
        kernels::add_products({.left = map,
                               .right = map,
                               .pixels = pixels,
                               .left_channels = channels,
                               .right_channels = channels,
                               .products = sums + stride});
      });
  const std::span<const double> all = totals;
  return Moments(all.first(static_cast<std::size_t>(channels)), all.subspan(stride), stride,
                 static_cast<double>(batch.images()) * pixels);
}

}  // namespace mudra::train
