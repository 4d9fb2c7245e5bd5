// Training's inverted residual: forward with batch statistics, and back.
#pragma once

#include "mudra/train/folded_product.hpp"
#include "mudra/train/kernels/inverted_residual.hpp"
#include "mudra/train/step.hpp"

namespace mudra::train {

class BlockLayer final : public Step {
 public:
  // Its constants; the activation behind expansion and depthwise convolution has one limit.
  struct Nodes {
    graph::TensorIndex expand, depthwise, project;  // weights
    NormalisationNode expand_norm, depthwise_norm, project_norm;
    graph::TensorIndex in, out;
    kernels::BlockShape shape;
    bool has_shortcut;
    float limit;
  };
  BlockLayer(const Nodes& nodes, int max_batch);

  std::size_t scratch_floats() const override { return kernels::scratch_floats(shape()); }

  // Settles the normalisations and moves the running statistics; promises the output.
  void forward(Tape& tape) override;
  // Promises the gradient by the input.
  void backward(Tape& tape) override;

 private:
  const kernels::BlockShape& shape() const { return nodes_.shape; }
  NormalisedConv expand_of(Tape& tape) const { return tape.parameters.at(nodes_.expand, nodes_.expand_norm); }
  NormalisedConv depthwise_of(Tape& tape) const {
    return tape.parameters.at(nodes_.depthwise, nodes_.depthwise_norm);
  }
  NormalisedConv project_of(Tape& tape) const {
    return tape.parameters.at(nodes_.project, nodes_.project_norm);
  }
  kernels::BlockWeights weights() const { return {expand_.weights(), expand_.bias(), taps_.data()}; }

  float* compute_out(Tape& tape, int image) const;
  kernels::NormalisationGradient backward_project_norm(Tape& tape);
  kernels::NormalisationGradient backward_projection(Tape& tape,
                                                     const kernels::NormalisationGradient& project_gradient);
  void backward_middle(Tape& tape, const kernels::NormalisationGradient& hidden_gradient,
                       BatchMap& in_gradient);

  Nodes nodes_;
  BatchMap hidden_;     // behind the depthwise convolution, before its normalisation
  BatchMap projected_;  // before its normalisation; on the way back the gradient by it
  FoldedProduct expand_;
  BatchNorm hidden_norm_, project_norm_;
  AlignedBuffer taps_;                // [9, padded(hidden)]
  AlignedBuffer project_;             // [padded(hidden), padded(out)]
  AlignedBuffer project_transposed_;  // [out, padded(hidden)]
};

}  // namespace mudra::train
