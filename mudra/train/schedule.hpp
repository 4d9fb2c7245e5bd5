// How the learning rate falls over a training.
#pragma once

#include <cstdint>

namespace mudra::train {

// Half a cosine from `base` at step 0 to 0 at step `total` (PyTorch's CosineAnnealingLR with T_max = total).
// 0 <= step <= total, total > 0.
double cosine_annealing(double base, std::int64_t step, std::int64_t total);

}  // namespace mudra::train
