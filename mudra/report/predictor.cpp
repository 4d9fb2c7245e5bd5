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

std::vector<double> softmax(const Scores& scores, std::size_t classes) {
  check_finite(scores);
  std::vector<double> probabilities;
  std::visit(
      [&](const auto& values) {
        const std::size_t width = classes == 0 ? values.size() : classes;
        for (std::size_t first = 0; first < values.size(); first += width) {
          const auto row = std::span(values).subspan(first, width);
          const auto largest = static_cast<double>(*std::ranges::max_element(row));
          double sum = 0;
          for (const auto value : row)
            sum += probabilities.emplace_back(
                std::exp(std::ldexp(static_cast<double>(value) - largest, scores.exponent)));
          for (double& probability : std::span(probabilities).subspan(first)) probability /= sum;
        }
      },
      scores.values);
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
