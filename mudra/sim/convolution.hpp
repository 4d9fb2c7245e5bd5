// A convolution or fully connected layer in the chip's integers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mudra/device/arithmetic.hpp"
#include "mudra/graph/graph.hpp"
#include "mudra/sim/value_range.hpp"

namespace mudra::sim {

enum class Sums {
  kFastWhereProved,  // in any order where no accumulator can reach its limits, else as kInOrder; the same
                     // results
  kInOrder,          // product by product, saturating after each, as the chip does
};

struct ConvolutionForm {
  int in_h = 1, in_w = 1, in_channels = 0;
  int out_h = 1, out_w = 1, out_channels = 0;
  graph::Window window;
  bool depthwise = false, relu = false;
  int shift = 0;  // output exponent - weight exponent - input exponent, 0 to device::kMaxShift
};

template <device::TensorInteger Integer>
class Convolution {
 public:
  // weights: OIHW; bias: one per output channel, or none. `input` is the range of the values that will come.
  Convolution(const ConvolutionForm& form, std::span<const Integer> weights,
              std::span<const std::int64_t> bias, Range input, Sums sums);

  // [in_h, in_w, in_channels] to [out_h, out_w, out_channels]. Safe from several threads.
  void run(std::span<const Integer> input, std::span<Integer> output) const;

 private:
  enum class Sum : std::uint8_t { kInt32, kInt64, kInOrder };

  struct Channel {
    std::int64_t bias = 0;  // as its accumulator keeps it
    int bits = 40;          // of its accumulator
    Sum sum = Sum::kInOrder;
  };

  void run_pixel(const std::int16_t* taps, Integer* output) const;
  template <typename Wide>
  void run_depthwise_pixel(const std::int16_t* input, int y, int x, Wide* sums, Integer* output) const;
  std::int64_t sum_of(const Channel& channel, const std::int16_t* taps, const std::int16_t* weights) const;
  const std::int16_t* gather(const std::int16_t* input, int y, int x, std::int16_t* taps) const;
  template <typename Wide>
  Integer finish(Wide sum) const;

  ConvolutionForm form_;
  std::size_t taps_ = 0;  // products per output
  std::vector<std::int16_t>
      weights_;  // [out][kernel_h][kernel_w][in]; depthwise [kernel_h][kernel_w][channel]
  std::vector<Channel> channels_;
  bool fits_int32_ = false;  // all sums of all channels
};

extern template class Convolution<std::int8_t>;
extern template class Convolution<std::int16_t>;

}  // namespace mudra::sim
