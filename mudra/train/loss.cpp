#include "mudra/train/loss.hpp"

#include <algorithm>
#include <cmath>

namespace mudra::train {

namespace {

// Of exp(logit - peak).
double sum_of_exponentials(std::span<const float> logits, double peak) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - peak);
  return sum;
}

}  // namespace

double cross_entropy(std::span<const float> logits, std::int32_t label) {
  const double peak = *std::ranges::max_element(logits);
  return peak + std::log(sum_of_exponentials(logits, peak)) - logits[static_cast<std::size_t>(label)];
}

BatchResult cross_entropy_gradients(std::span<float> logits, std::span<const std::int32_t> labels) {
  BatchResult result;
  const std::size_t batch = labels.size(), classes = logits.size() / batch;
  for (std::size_t b = 0; b < batch; ++b) {
    const std::span<float> row = logits.subspan(b * classes, classes);
    const auto label = static_cast<std::size_t>(labels[b]);
    const auto largest = std::ranges::max_element(row);
    if (static_cast<std::size_t>(largest - row.begin()) == label) ++result.correct;
    const double peak = *largest;
    const double total = sum_of_exponentials(row, peak);
    result.loss += std::log(total) - (row[label] - peak);
    for (std::size_t k = 0; k < classes; ++k) {
      const double probability = std::exp(row[k] - peak) / total;
      row[k] = static_cast<float>((probability - (k == label ? 1.0 : 0.0)) / static_cast<double>(batch));
    }
  }
  result.loss /= static_cast<double>(batch);
  return result;
}

}  // namespace mudra::train
