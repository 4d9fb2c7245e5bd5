// One step of a training plan: what a few nodes of the graph do with a batch, forward and back.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "mudra/train/kernels/pointwise.hpp"
#include "mudra/train/tape.hpp"

namespace mudra::train {

class Step {
 public:
  // `limit`: of the ReLU (infinity) or ReLU6 that ends the step; none: it ends without one.
  Step(std::vector<graph::TensorIndex> inputs, graph::TensorIndex output, std::optional<float> limit = {})
      : inputs_(std::move(inputs)), output_(output), limit_(limit) {}
  virtual ~Step() = default;

  const std::vector<graph::TensorIndex>& inputs() const { return inputs_; }
  graph::TensorIndex output() const { return output_; }
  virtual std::size_t scratch_floats() const { return 0; }  // a thread's

  // Writes or promises the output's values. Asks for all values of its inputs in its first pass.
  virtual void forward(Tape& tape) = 0;
  // From the gradient by the output: those by its constants and its inputs. Once after each forward().
  virtual void backward(Tape& tape) = 0;

 protected:
  graph::TensorIndex in() const { return inputs_[0]; }
  graph::kernels::Bounds bounds() const;

  // The gradient by what the step's activation reads, of one image; once.
  float* masked_gradient(Tape& tape, int image, float* scratch) const {
    float* const gradient = tape.gradient(output_, image, scratch);
    if (limit_) {
      const BatchMap& out = tape.map(output_);
      kernels::mask_by_activation(out.of(image), out.pixels(), out.channels(), *limit_, gradient);
    }
    return gradient;
  }

  std::vector<graph::TensorIndex> inputs_;
  graph::TensorIndex output_;
  std::optional<float> limit_;
};

}  // namespace mudra::train
