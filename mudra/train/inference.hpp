// A trained network judging images: the float run of its graph, with every normalisation folded.
#pragma once

#include <span>

#include "mudra/graph/float_runner.hpp"

namespace mudra::train {

// Keeps its own copy of the weights as they were at construction.
class Inference {
 public:
  // Throws Error for max_batch outside [1, 4096].
  Inference(const graph::Graph& network, int max_batch);

  // images: [B, height, width, channels], as graph::PixelValues gives them; logits: [B, classes] come out. 1
  // <= B <= max_batch. Images are shared among the threads; an image's logits do not depend on the rest of
  // its batch.
  void run(std::span<const float> images, std::span<float> logits) { runner_.run(images, logits); }

 private:
  graph::FloatRunner runner_;
};

}  // namespace mudra::train
