// Training's first layer: 3x3 convolution of the gray image with stride 2, batch normalisation, activation.
#pragma once

#include "mudra/train/folded_product.hpp"
#include "mudra/train/step.hpp"

namespace mudra::train {

class FirstLayer final : public Step {
 public:
  // `limit` is the activation's.
  FirstLayer(graph::TensorIndex input, graph::TensorIndex weight, const NormalisationNode& norm,
             graph::TensorIndex output, int channels, int image_side, float limit)
      : Step({input}, output, limit),
        weight_(weight),
        norm_(norm),
        image_side_(image_side),
        product_(kTaps, channels) {}

  std::size_t scratch_floats() const override;

  // Settles the normalisation and moves the running statistics; promises the output.
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  static constexpr int kTaps = 9;
  float* gather(const Tape& tape, int image, float* patches) const;

  graph::TensorIndex weight_;
  NormalisationNode norm_;
  int image_side_;
  FoldedProduct product_;
};

}  // namespace mudra::train
