#include "mudra/train/batch_norm.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "mudra/train/kernels/layout.hpp"

namespace mudra::train {

BatchStatistics statistics_from_sums(std::span<const double> sums, std::span<const double> squares,
                                     double count) {
  BatchStatistics statistics{count, std::vector<double>(sums.size()), std::vector<double>(sums.size())};
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const double mean = sums[c] / count;
    statistics.mean[c] = mean;
    statistics.variance[c] = std::max(0.0, squares[c] / count - mean * mean);
  }
  return statistics;
}

BatchNorm::BatchNorm(int channels)
    : inverse_deviation_(static_cast<std::size_t>(channels)),
      scale_(static_cast<std::size_t>(kernels::padded(channels))),
      shift_(scale_.size()),
      of_gradient_(scale_.size()),
      of_value_(scale_.size()),
      constant_(scale_.size()) {}

void BatchNorm::set(const Normalisation& layer, BatchStatistics statistics) {
  assert(statistics.mean.size() == inverse_deviation_.size());
  statistics_ = std::move(statistics);
  for (std::size_t c = 0; c < inverse_deviation_.size(); ++c) {
    inverse_deviation_[c] = 1.0 / std::sqrt(statistics_.variance[c] + layer.epsilon);
    const double scale = layer.scale.values[c] * inverse_deviation_[c];
    scale_.data()[c] = static_cast<float>(scale);
    shift_.data()[c] = static_cast<float>(layer.shift.values[c] - statistics_.mean[c] * scale);
  }
}

kernels::NormalisationGradient BatchNorm::backward(std::span<const double> sums,
                                                   std::span<const double> products,
                                                   const Normalisation& layer) {
  for (std::size_t c = 0; c < inverse_deviation_.size(); ++c) {
    const double mean = statistics_.mean[c], inverse = inverse_deviation_[c];
    const double of_shift = sums[c], of_scale = inverse * (products[c] - mean * sums[c]);
    layer.shift.gradients[c] = static_cast<float>(of_shift);
    layer.scale.gradients[c] = static_cast<float>(of_scale);
    const double scale = layer.scale.values[c] * inverse;
    const double of_value = -scale * inverse * of_scale / statistics_.count;
    of_gradient_.data()[c] = static_cast<float>(scale);
    of_value_.data()[c] = static_cast<float>(of_value);
    constant_.data()[c] = static_cast<float>(-scale * of_shift / statistics_.count - of_value * mean);
  }
  return {of_gradient_.data(), of_value_.data(), constant_.data()};
}

void track(const Normalisation& layer, const BatchStatistics& statistics, double momentum) {
  const double unbiased = statistics.count / (statistics.count - 1.0);
  for (std::size_t c = 0; c < statistics.mean.size(); ++c) {
    float& mean = layer.running_mean[c];
    float& variance = layer.running_variance[c];
    mean = static_cast<float>((1.0 - momentum) * mean + momentum * statistics.mean[c]);
    variance = static_cast<float>((1.0 - momentum) * variance + momentum * unbiased * statistics.variance[c]);
  }
  if (layer.batches_tracked != nullptr) ++*layer.batches_tracked;
}

}  // namespace mudra::train
