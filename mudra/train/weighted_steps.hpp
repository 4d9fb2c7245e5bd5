// Steps with weights of their own: convolutions of any window, fully connected layers, normalisations.
#pragma once

#include <optional>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/train/batch_norm.hpp"
#include "mudra/train/kernels/patches.hpp"
#include "mudra/train/step.hpp"

namespace mudra::train {

// A dense convolution: a product of patches, some rows of them at a time.
class ConvStep final : public Step {
 public:
  // `reads_image`: the input is the network's, as the caller lays it out.
  ConvStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
           std::optional<float> limit, bool reads_image);

  std::size_t scratch_floats() const override;
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  bool is_pointwise() const;
  int pixel_stride() const { return reads_image_ ? in_size_.channels : kernels::padded(in_size_.channels); }
  const float* in_of(Tape& tape, int image, float* scratch) const;
  template <class Work>
  void for_each_rows(const Work& work) const;

  graph::TensorIndex weight_, bias_;  // bias_: -1 where there is none
  MapSize in_size_, out_size_;
  graph::kernels::Sliding window_;
  bool reads_image_;
  int depth_;                 // of a patch
  AlignedBuffer weights_;     // [depth, padded(out)]
  AlignedBuffer transposed_;  // [out, padded(depth)]
  AlignedBuffer biases_;      // [padded(out)]
  AlignedBuffer no_biases_;   // [padded(depth)], 0
};

class DepthwiseStep final : public Step {
 public:
  DepthwiseStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
                std::optional<float> limit);

  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  graph::TensorIndex weight_, bias_;
  MapSize in_size_, out_size_;
  graph::kernels::Sliding window_;
  AlignedBuffer taps_;    // [kernel_h * kernel_w, padded(channels)]
  AlignedBuffer biases_;  // [padded(channels)]
};

class GemmStep final : public Step {
 public:
  GemmStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
           std::optional<float> limit);

  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  graph::TensorIndex weight_, bias_;
  AlignedBuffer weights_;  // [in, padded(out)]
};

class NormStep final : public Step {
 public:
  NormStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
           std::optional<float> limit);

  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  NormalisationNode node_;
  BatchNorm norm_;
};

}  // namespace mudra::train
