#include "mudra/train/schedule.hpp"

#include <cassert>
#include <cmath>
#include <numbers>

namespace mudra::train {

double cosine_annealing(double base, std::int64_t step, std::int64_t total) {
  assert(total > 0 && step >= 0 && step <= total);
  return base * 0.5 *
         (1.0 + std::cos(std::numbers::pi * static_cast<double>(step) / static_cast<double>(total)));
}

}  // namespace mudra::train
