// A trained network judging images: normalisation by the running statistics, folded into the convolutions.
#pragma once

#include <memory>
#include <span>

#include "mudra/train/network.hpp"

namespace mudra::train {

// Keeps its own copy of the weights as they were at construction.
class Inference {
 public:
  // Throws Error for max_batch outside [1, 4096].
  Inference(const Network& network, int max_batch);
  Inference(Inference&&) noexcept;
  ~Inference();

  // images: [B, side, side], pixel / 255; logits: [B, classes] come out. 1 <= B <= max_batch. Images are
  // shared among the threads; an image's logits do not depend on the rest of its batch.
  void run(std::span<const float> images, std::span<float> logits);

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace mudra::train
