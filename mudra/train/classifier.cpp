#include "mudra/train/classifier.hpp"

#include <algorithm>
#include <cmath>

namespace mudra::train {
namespace {

struct Extents {
  std::size_t classes, channels;
};

Extents extents_of(const Parameter& weight) {
  return {static_cast<std::size_t>(weight.shape[0]), static_cast<std::size_t>(weight.shape[1])};
}

}  // namespace

void classify(const Parameter& weight, const Parameter& bias, std::span<const float> pooled,
              std::size_t stride, std::span<float> logits) {
  const auto [classes, channels] = extents_of(weight);
  for (std::size_t b = 0; b < logits.size() / classes; ++b) {
    for (std::size_t k = 0; k < classes; ++k) {
      float sum = bias.values[k];
      for (std::size_t c = 0; c < channels; ++c)
        sum += weight.values[k * channels + c] * pooled[b * stride + c];
      logits[b * classes + k] = sum;
    }
  }
}

BatchResult cross_entropy(std::span<float> logits, std::span<const std::int32_t> labels) {
  BatchResult result;
  const std::size_t batch = labels.size(), classes = logits.size() / batch;
  for (std::size_t b = 0; b < batch; ++b) {
    const std::span<float> row = logits.subspan(b * classes, classes);
    const auto label = static_cast<std::size_t>(labels[b]);
    const auto largest = std::ranges::max_element(row);
    if (static_cast<std::size_t>(largest - row.begin()) == label) ++result.correct;
    const double peak = *largest;
    double total = 0;
    for (const float logit : row) total += std::exp(logit - peak);
    result.loss += std::log(total) - (row[label] - peak);
    for (std::size_t k = 0; k < classes; ++k) {
      const double probability = std::exp(row[k] - peak) / total;
      row[k] = static_cast<float>((probability - (k == label ? 1.0 : 0.0)) / static_cast<double>(batch));
    }
  }
  result.loss /= static_cast<double>(batch);
  return result;
}

void classify_backward(Parameter& weight, Parameter& bias, std::span<const float> logit_gradients,
                       std::span<const float> pooled, std::size_t stride, std::span<float> pooled_gradients) {
  const auto [classes, channels] = extents_of(weight);
  std::ranges::fill(weight.gradients, 0.0f);
  std::ranges::fill(bias.gradients, 0.0f);
  std::ranges::fill(pooled_gradients, 0.0f);
  for (std::size_t b = 0; b < logit_gradients.size() / classes; ++b) {
    for (std::size_t k = 0; k < classes; ++k) {
      const float gradient = logit_gradients[b * classes + k];
      bias.gradients[k] += gradient;
      for (std::size_t c = 0; c < channels; ++c) {
        weight.gradients[k * channels + c] += gradient * pooled[b * stride + c];
        pooled_gradients[b * stride + c] += gradient * weight.values[k * channels + c];
      }
    }
  }
}

}  // namespace mudra::train
