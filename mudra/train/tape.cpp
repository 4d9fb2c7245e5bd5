#include "mudra/train/tape.hpp"

#include <algorithm>
#include <cassert>

#include "mudra/base/error.hpp"

namespace mudra::train {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 34;  // of all maps of a batch

}  // namespace

MapSize map_size(const graph::Tensor& tensor) {
  const auto at = [&](std::size_t i) { return static_cast<int>(tensor.shape[i]); };
  if (tensor.layout == graph::Layout::kNc) return {1, 1, at(1)};
  return {at(1), at(2), at(3)};
}

BatchMap& Tape::allot(graph::TensorIndex tensor) {
  const MapSize size = map_size(parameters.graph().tensor(tensor));
  const std::size_t floats = map_floats(pixels_of(size), size.channels);
  floats_ += floats;
  largest_ = std::max(largest_, floats);
  const std::size_t bytes = floats_ * static_cast<std::size_t>(max_batch_) * sizeof(float);
  if (bytes > kMostBytes)
    fail("a batch of {} images needs more than {} GB of memory; choose a smaller --batch", max_batch_,
         kMostBytes >> 30);
  at(tensor).values = std::make_unique<BatchMap>(max_batch_, pixels_of(size), size.channels);
  return *at(tensor).values;
}

const float* Tape::values(graph::TensorIndex tensor, int image, float* scratch) const {
  const Slot& slot = at(tensor);
  return slot.complete ? slot.complete(image, scratch) : slot.values->of(image);
}

std::unique_ptr<BatchMap> Tape::new_gradient(graph::TensorIndex tensor) {
  std::unique_ptr<BatchMap> map;
  if (spare_.empty()) {
    map =
        std::make_unique<BatchMap>(max_batch_, static_cast<int>(largest_ / kernels::kLanes), kernels::kLanes);
  } else {
    map = std::move(spare_.back());
    spare_.pop_back();
  }
  const MapSize size = map_size(parameters.graph().tensor(tensor));
  map->reshape(pixels_of(size), size.channels);
  return map;
}

void Tape::add_gradient(graph::TensorIndex tensor, std::unique_ptr<BatchMap> gradient, MapOf complete,
                        std::unique_ptr<BatchMap> kept) {
  Gradient& sum = at(tensor).gradient;
  if (sum.map == nullptr) {
    sum = {std::move(gradient), std::move(kept), std::move(complete)};
    return;
  }
  // Another reader's is there already: theirs are added in the order of the way back.
  batch.for_each_image([&](int image, float* scratch) {
    float* const total = this->gradient(tensor, image, scratch);
    const float* const more = complete ? complete(image, scratch) : gradient->of(image);
    for (std::size_t i = 0; i < gradient->floats(); ++i) total[i] += more[i];
  });
  settle_gradient(tensor);
  recycle(std::move(kept));
  recycle(std::move(gradient));
}

float* Tape::gradient(graph::TensorIndex tensor, int image, float* scratch) const {
  const Gradient& gradient = at(tensor).gradient;
  return gradient.complete ? gradient.complete(image, scratch) : gradient.map->of(image);
}

void Tape::settle_gradient(graph::TensorIndex tensor) {
  Gradient& gradient = at(tensor).gradient;
  gradient.complete = nullptr;
  recycle(std::move(gradient.kept));
}

void Tape::drop_gradient(graph::TensorIndex tensor) {
  settle_gradient(tensor);
  recycle(std::move(at(tensor).gradient.map));
}

void Tape::recycle(std::unique_ptr<BatchMap> map) {
  if (map != nullptr) spare_.push_back(std::move(map));
}

}  // namespace mudra::train
