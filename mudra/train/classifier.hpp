// The end of the network: pooled channels to logits, the loss, and its gradient back to the pooled channels.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/train/network.hpp"
#include "mudra/train/train_step.hpp"

namespace mudra::train {

// logits[b] = weight * pooled[b] + bias for pooled [B, stride] and logits [B, classes].
void classify(const Parameter& weight, const Parameter& bias, std::span<const float> pooled,
              std::size_t stride, std::span<float> logits);

// Mean cross-entropy of the logits [B, classes] and, in their place, its gradient by each logit.
BatchResult cross_entropy(std::span<float> logits, std::span<const std::int32_t> labels);

// From the gradients by the logits [B, classes]: the parameters' gradients, and by pooled [B, stride].
void classify_backward(Parameter& weight, Parameter& bias, std::span<const float> logit_gradients,
                       std::span<const float> pooled, std::size_t stride, std::span<float> pooled_gradients);

}  // namespace mudra::train
