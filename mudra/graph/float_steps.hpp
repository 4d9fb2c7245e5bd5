// What FloatRunner does for one image: steps over one piece of memory, each a few nodes of the graph.
#pragma once

#include <array>
#include <cstddef>
#include <variant>
#include <vector>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/kernels/inverted_residual.hpp"
#include "mudra/graph/kernels/map_kernels.hpp"

namespace mudra::graph {

// Where a map lies: floats from the start of an image's memory. kNowhere: there is none; kAtInput: the
// caller's image, whose channels are not padded.
using Place = std::ptrdiff_t;
inline constexpr Place kNowhere = -1, kAtInput = -2;

// One image's memory.
struct Workplace {
  const float* input;
  float* maps;
  float* scratch;
  const FloatRunner::Watch& watch;

  const float* at(Place place) const {
    return place == kAtInput ? input : place == kNowhere ? nullptr : maps + place;
  }
  void show(TensorIndex tensor, const kernels::Pixels& pixels) const;
};

// Copies `pixels` of `channels` floats each, which lie a stride apart.
void copy_pixels(const float* from, std::ptrdiff_t from_stride, float* to, std::ptrdiff_t to_stride,
                 std::ptrdiff_t pixels, std::ptrdiff_t channels);

// Pads the channels of the caller's image.
struct LoadStep {
  kernels::MapSize size;
  Place out;
  void run(const Workplace& work) const;
};

// A dense convolution or a fully connected layer (a 1x1 convolution of one pixel).
struct ConvStep {
  kernels::MapSize in_size;
  kernels::MapSize out_size;
  kernels::Sliding window;
  AlignedBuffer weights;  // [kernel_h * kernel_w * in_channels, padded(out_channels)]
  AlignedBuffer bias;     // [padded(out_channels)]
  kernels::Bounds bounds;
  Place in, shortcut, out;

  void run(const Workplace& work) const;
  std::size_t scratch_floats() const;

 private:
  bool is_pointwise() const;
  int depth() const { return window.kernel_h * window.kernel_w * in_size.channels; }
  // What the window sees along output row y: [depth, out_width].
  void gather(const float* from, int y, float* patches) const;
};

struct DepthwiseStep {
  kernels::MapSize in_size;
  kernels::MapSize out_size;
  kernels::Sliding window;
  AlignedBuffer taps;  // [kernel_h * kernel_w, padded(channels)]
  AlignedBuffer bias;
  kernels::Bounds bounds;
  Place in, out;

  void run(const Workplace& work) const;
};

struct BlockStep {
  kernels::BlockShape shape;
  AlignedBuffer expand, expand_bias, taps, taps_bias, project, project_bias;  // as kernels::Block has them
  kernels::Bounds expand_bounds, taps_bounds;
  Place in, shortcut, out;
  TensorIndex expanded, filtered;  // the maps within, if watched; else -1

  void run(const Workplace& work) const;
};

struct AddStep {
  int floats;
  kernels::Bounds bounds;
  Place in, addend, out;  // addend may be kNowhere

  void run(const Workplace& work) const;
};

struct AverageStep {
  kernels::MapSize in_size;
  Place in, out;

  void run(const Workplace& work) const;
};

// The pixels of a map as one pixel of so many channels.
struct FlattenStep {
  kernels::MapSize in_size;
  Place in, out;

  void run(const Workplace& work) const;
};

struct PoolStep {
  kernels::MapSize in_size;
  kernels::MapSize out_size;
  kernels::Sliding window;
  bool takes_largest, counts_padding;
  Place in, out;

  void run(const Workplace& work) const;
};

// By a factor for each value or for each channel.
struct MultiplyStep {
  kernels::MapSize size;
  bool per_channel;
  Place in, factor, out;

  void run(const Workplace& work) const;
};

// Values below zero times their channel's slope.
struct SlopeStep {
  kernels::MapSize size;
  AlignedBuffer slopes;  // [padded(channels)]
  Place in, out;

  void run(const Workplace& work) const;
};

struct ActivateStep {
  kernels::MapSize size;
  Activation activation;
  Place in, out;

  void run(const Workplace& work) const;
};

struct ConcatStep {
  struct Part {
    Place place;
    int channels;
  };
  std::vector<Part> parts;
  kernels::MapSize out_size;
  Place out;

  void run(const Workplace& work) const;
};

struct TransposeStep {
  kernels::MapSize in_size;
  kernels::MapSize out_size;
  std::array<int, 3> axes;  // of the input, by axis of the output: 0 rows, 1 columns, 2 channels
  Place in, out;

  void run(const Workplace& work) const;
};

using FloatStep =
    std::variant<LoadStep, ConvStep, DepthwiseStep, BlockStep, AddStep, AverageStep, FlattenStep, PoolStep,
                 MultiplyStep, SlopeStep, ActivateStep, ConcatStep, TransposeStep>;

}  // namespace mudra::graph
