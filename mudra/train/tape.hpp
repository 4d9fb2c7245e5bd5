// A batch on its way through the network: every tensor's maps, and on the way back the gradients by them.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "mudra/graph/kernels/map_kernels.hpp"
#include "mudra/train/batch_map.hpp"
#include "mudra/train/batch_work.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::train {

using graph::kernels::MapSize;

// Features are one pixel.
MapSize map_size(const graph::Tensor& tensor);
inline int pixels_of(const MapSize& size) { return size.height * size.width; }

// What a tensor's maps are written with may be promised instead: it is done image by image, in the first pass
// over the batch that asks for them.
class Tape {
 public:
  // For batches of up to `max_batch` images.
  Tape(graph::Graph& graph, int max_batch)
      : parameters(graph), max_batch_(max_batch), slots_(graph.tensors.size()) {}

  Parameters parameters;
  BatchWork batch{0};             // replaced once it is known what memory the steps want
  const float* images = nullptr;  // [B, input's size]
  double momentum = 0;            // of running statistics
  int max_batch() const { return max_batch_; }

  // Room for a tensor's values, and later for the gradient by any of them.
  BatchMap& allot(graph::TensorIndex tensor);
  bool is_allotted(graph::TensorIndex tensor) const { return at(tensor).values != nullptr; }

  BatchMap& map(graph::TensorIndex tensor) { return *at(tensor).values; }
  void promise(graph::TensorIndex tensor, MapOf complete) { at(tensor).complete = std::move(complete); }
  // The values of one image, completed.
  const float* values(graph::TensorIndex tensor, int image, float* scratch) const;
  // All images have been asked for.
  void settle(graph::TensorIndex tensor) { at(tensor).complete = nullptr; }

  // The input's is not.
  bool wants_gradient(graph::TensorIndex tensor) const { return tensor != parameters.graph().input; }
  // Room for a gradient by a tensor.
  std::unique_ptr<BatchMap> new_gradient(graph::TensorIndex tensor);
  // Adds a gradient by `tensor`, all of it there or promised. `kept` is what keeping the promise reads.
  void add_gradient(graph::TensorIndex tensor, std::unique_ptr<BatchMap> gradient, MapOf complete = {},
                    std::unique_ptr<BatchMap> kept = {});
  // Of one image, completed; the step that reads it may overwrite it.
  float* gradient(graph::TensorIndex tensor, int image, float* scratch) const;
  void settle_gradient(graph::TensorIndex tensor);
  // Out of the tape's hands, to be kept for a promise.
  std::unique_ptr<BatchMap> take_gradient(graph::TensorIndex tensor) {
    return std::move(at(tensor).gradient.map);
  }
  void drop_gradient(graph::TensorIndex tensor);

 private:
  struct Gradient {
    std::unique_ptr<BatchMap> map, kept;
    MapOf complete;
  };
  struct Slot {
    std::unique_ptr<BatchMap> values;
    MapOf complete;
    Gradient gradient;
  };
  Slot& at(graph::TensorIndex tensor) { return slots_[static_cast<std::size_t>(tensor)]; }
  const Slot& at(graph::TensorIndex tensor) const { return slots_[static_cast<std::size_t>(tensor)]; }
  void recycle(std::unique_ptr<BatchMap> map);

  int max_batch_;
  std::vector<Slot> slots_;                       // by TensorIndex
  std::vector<std::unique_ptr<BatchMap>> spare_;  // gradients' memory; any fits any tensor
  std::size_t largest_ = 0, floats_ = 0;          // of one image: of the largest map, and of all
};

}  // namespace mudra::train
