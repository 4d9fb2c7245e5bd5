#include "mudra/report/predictor.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"

namespace mudra::report {
namespace {

void check_finite(std::span<const float> logits) {
  if (!std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); }))
    fail("the network's scores are not finite numbers; its weights are broken");
}

}  // namespace

std::vector<double> softmax(std::span<const float> logits) {
  check_finite(logits);
  const double largest = *std::ranges::max_element(logits);
  std::vector<double> probabilities;
  double sum = 0;
  for (const float logit : logits) sum += probabilities.emplace_back(std::exp(logit - largest));
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

std::size_t best_class(std::span<const float> logits) {
  check_finite(logits);
  return static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin());
}

}  // namespace mudra::report
