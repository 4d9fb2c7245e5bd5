#include "mudra/report/predictor.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"

namespace mudra::report {
namespace {

void check_finite(const Scores& scores) {
  const auto* reals = std::get_if<std::vector<float>>(&scores.values);
  if (reals != nullptr && !std::ranges::all_of(*reals, [](float score) { return std::isfinite(score); }))
    fail("the network's scores are not finite numbers; its weights are broken");
}

}  // namespace

std::vector<double> softmax(const Scores& scores) {
  check_finite(scores);
  std::vector<double> probabilities;
  double sum = 0;
  std::visit(
      [&](const auto& values) {
        const auto largest = static_cast<double>(*std::ranges::max_element(values));
        for (const auto value : values)
          sum += probabilities.emplace_back(
              std::exp(std::ldexp(static_cast<double>(value) - largest, scores.exponent)));
      },
      scores.values);
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

std::vector<std::size_t> best_classes(const Scores& scores, std::size_t classes) {
  check_finite(scores);
  std::vector<std::size_t> best;
  std::visit(
      [&](const auto& values) {
        for (std::size_t first = 0; first < values.size(); first += classes) {
          const auto row = std::span(values).subspan(first, classes);
          best.push_back(static_cast<std::size_t>(std::ranges::max_element(row) - row.begin()));
        }
      },
      scores.values);
  return best;
}

}  // namespace mudra::report
