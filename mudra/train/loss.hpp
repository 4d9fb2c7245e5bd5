// What training makes smaller: softmax cross-entropy.
#pragma once

#include <cstdint>
#include <span>

namespace mudra::train {

struct BatchResult {
  double loss = 0;  // mean cross-entropy
  int correct = 0;  // images whose largest logit is their label's
};

// -log softmax(logits)[label], in double.
double cross_entropy(std::span<const float> logits, std::int32_t label);

// Of the logits [B, classes]; in their place comes the loss's gradient by each.
BatchResult cross_entropy_gradients(std::span<float> logits, std::span<const std::int32_t> labels);

}  // namespace mudra::train
