// What judges need of a network, wherever it runs: picture in, scores out.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::report {

struct Predictor {
  std::string format;                    // "pth"
  std::vector<std::string> class_names;  // in the order of the scores
  std::uint64_t bytes = 0;               // of the model file
  // Writes one logit per class. Called from one thread at a time.
  std::function<void(data::ImageView image, std::span<float> logits)> score;
};

}  // namespace mudra::report
