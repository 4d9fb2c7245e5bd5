#include "mudra/report/decision.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace mudra::report {
namespace {

bool is_shown(const JudgedPicture& picture, double threshold, std::optional<std::size_t> none) {
  return picture.said != none && picture.probability >= threshold;
}

}  // namespace

Decided decided_at(double threshold, std::span<const JudgedPicture> pictures,
                   std::optional<std::size_t> none) {
  Decided count;
  for (const JudgedPicture& picture : pictures) {
    const bool shown = is_shown(picture, threshold, none);
    if (shown ? picture.said == picture.actual : picture.actual == none)
      ++count.right;
    else
      ++(shown ? count.wrong : count.unknown);
  }
  const auto all = static_cast<double>(std::max<std::size_t>(pictures.size(), 1));
  return {.right = count.right / all, .unknown = count.unknown / all, .wrong = count.wrong / all};
}

double threshold_for(double most_wrong, std::span<const JudgedPicture> pictures,
                     std::optional<std::size_t> none) {
  constexpr double kSteps = 10000, kRounding = 1e-9;
  std::vector<double> wrong;
  for (const JudgedPicture& picture : pictures)
    if (is_shown(picture, kLeastThreshold, none) && picture.said != picture.actual)
      wrong.push_back(picture.probability);
  const auto allowed =
      static_cast<std::size_t>(most_wrong * static_cast<double>(pictures.size()) + kRounding);
  if (wrong.size() <= allowed) return kLeastThreshold;
  std::ranges::sort(wrong, std::greater());
  double step = std::floor(wrong[allowed] * kSteps);
  while (step / kSteps <= wrong[allowed]) ++step;
  return std::min(step / kSteps, kMostThreshold);
}

}  // namespace mudra::report
