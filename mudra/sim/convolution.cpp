#include "mudra/sim/convolution.hpp"

#include <algorithm>
#include <cassert>

namespace mudra::sim {
namespace {

// Compilers turn this loop into multiply-add instructions for pairs of 16-bit numbers.
template <typename Wide>
Wide dot(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
  Wide sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<Wide>(a[i]) * b[i];
  return sum;
}

}  // namespace

template <device::TensorInteger Integer>
Convolution<Integer>::Convolution(const ConvolutionForm& form, std::span<const Integer> weights,
                                  std::span<const std::int64_t> bias, Range input, Sums sums)
    : form_(form) {
  using Accumulators = device::Accumulators<Integer>;
  const graph::Window& window = form.window;
  const auto area = static_cast<std::size_t>(window.kernel_h * window.kernel_w);
  const auto out = static_cast<std::size_t>(form.out_channels);
  const std::size_t in = form.depthwise ? 1 : static_cast<std::size_t>(form.in_channels);
  taps_ = area * in;
  assert(weights.size() == out * taps_ && (bias.empty() || bias.size() == out));
  weights_.resize(weights.size());
  for (std::size_t n = 0; n < out; ++n)
    for (std::size_t c = 0; c < in; ++c)
      for (std::size_t tap = 0; tap < area; ++tap)
        weights_[form.depthwise ? tap * out + n : (n * area + tap) * in + c] =
            weights[(n * in + c) * area + tap];

  const int in_lanes = form.depthwise ? form.out_channels : Accumulators::lane_channels(form.out_channels);
  for (std::size_t n = 0; n < out; ++n) {
    Channel channel;
    channel.bits = static_cast<int>(n) < in_lanes ? Accumulators::kLaneBits : Accumulators::kSingleBits;
    channel.bias = device::wrap_bits(bias.empty() ? 0 : bias[n], channel.bits);
    const auto filter = weights.subspan(n * taps_, taps_);
    const Range sum = sum_range(channel.bias, filter, input), products = sum_range(0, filter, input);
    if (sums == Sums::kFastWhereProved && fits(sum, channel.bits))
      channel.sum = fits(sum, 32) && fits(products, 32) ? Sum::kInt32 : Sum::kInt64;
    channels_.push_back(channel);
  }
  fits_int32_ = std::ranges::all_of(channels_, [](const Channel& c) { return c.sum == Sum::kInt32; });
}

template <device::TensorInteger Integer>
template <typename Wide>
Integer Convolution<Integer>::finish(Wide sum) const {
  const auto value = device::requantize<Integer>(sum, form_.shift);
  return form_.relu ? device::relu(value) : value;
}

template <device::TensorInteger Integer>
std::int64_t Convolution<Integer>::sum_of(const Channel& channel, const std::int16_t* taps,
                                          const std::int16_t* weights) const {
  switch (channel.sum) {
    case Sum::kInt32:
      return channel.bias + dot<std::int32_t>(taps, weights, taps_);
    case Sum::kInt64:
      return channel.bias + dot<std::int64_t>(taps, weights, taps_);
    case Sum::kInOrder:
      break;
  }
  std::int64_t sum = channel.bias;
  for (std::size_t i = 0; i < taps_; ++i)
    sum = device::accumulate(sum, std::int32_t{taps[i]} * weights[i], channel.bits);
  return sum;
}

template <device::TensorInteger Integer>
void Convolution<Integer>::run_pixel(const std::int16_t* taps, Integer* output) const {
  const std::int16_t* weights = weights_.data();
  for (std::size_t n = 0; n < channels_.size(); ++n, weights += taps_)
    output[n] = finish(sum_of(channels_[n], taps, weights));
}

// The input under the window in the order of the sum, with zeros for the padding: a product of zero changes
// no accumulator, so that it stands for one left out.
template <device::TensorInteger Integer>
const std::int16_t* Convolution<Integer>::gather(const std::int16_t* input, int y, int x,
                                                 std::int16_t* taps) const {
  const graph::Window& window = form_.window;
  const auto channels = static_cast<std::size_t>(form_.in_channels);
  const int top = y * window.stride_h - window.pad_top, left = x * window.stride_w - window.pad_left;
  const auto pixel = [&](int row, int column) {
    return input + (static_cast<std::size_t>(row) * static_cast<std::size_t>(form_.in_w) +
                    static_cast<std::size_t>(column)) *
                       channels;
  };
  const auto inside = [&](int row, int column) {
    return row >= 0 && row < form_.in_h && column >= 0 && column < form_.in_w;
  };
  if (taps_ == channels && inside(top, left)) return pixel(top, left);
  std::int16_t* tap = taps;
  for (int row = top; row < top + window.kernel_h; ++row)
    for (int column = left; column < left + window.kernel_w; ++column, tap += channels) {
      if (inside(row, column))
        std::copy_n(pixel(row, column), channels, tap);
      else
        std::fill_n(tap, channels, std::int16_t{0});
    }
  return taps;
}

// `Wide` is int32 only where all sums fit.
template <device::TensorInteger Integer>
template <typename Wide>
void Convolution<Integer>::run_depthwise_pixel(const std::int16_t* input, int y, int x, Wide* sums,
                                               Integer* output) const {
  const graph::Window& window = form_.window;
  const std::size_t channels = channels_.size();
  for (std::size_t c = 0; c < channels; ++c) sums[c] = static_cast<Wide>(channels_[c].bias);
  const int top = y * window.stride_h - window.pad_top, left = x * window.stride_w - window.pad_left;
  for (int i = 0; i < window.kernel_h; ++i)
    for (int j = 0; j < window.kernel_w; ++j) {
      const int row = top + i, column = left + j;
      if (row < 0 || row >= form_.in_h || column < 0 || column >= form_.in_w) continue;
      const auto place = static_cast<std::size_t>(row) * static_cast<std::size_t>(form_.in_w);
      const std::int16_t* pixel = input + (place + static_cast<std::size_t>(column)) * channels;
      const std::int16_t* weights =
          weights_.data() + static_cast<std::size_t>(i * window.kernel_w + j) * channels;
      if constexpr (sizeof(Wide) == 4) {
        for (std::size_t c = 0; c < channels; ++c) sums[c] += std::int32_t{pixel[c]} * weights[c];
      } else {
        for (std::size_t c = 0; c < channels; ++c)
          sums[c] = device::accumulate(sums[c], std::int32_t{pixel[c]} * weights[c], channels_[c].bits);
      }
    }
  for (std::size_t c = 0; c < channels; ++c) output[c] = finish(sums[c]);
}

template <device::TensorInteger Integer>
void Convolution<Integer>::run(std::span<const Integer> input, std::span<Integer> output) const {
  const std::vector<std::int16_t> wide(input.begin(), input.end());
  std::vector<std::int16_t> taps(form_.depthwise ? 0 : taps_);
  std::vector<std::int32_t> sums(form_.depthwise && fits_int32_ ? channels_.size() : 0);
  std::vector<std::int64_t> wide_sums(form_.depthwise && !fits_int32_ ? channels_.size() : 0);
  Integer* pixel = output.data();
  for (int y = 0; y < form_.out_h; ++y)
    for (int x = 0; x < form_.out_w; ++x, pixel += channels_.size()) {
      if (!form_.depthwise)
        run_pixel(gather(wide.data(), y, x, taps.data()), pixel);
      else if (fits_int32_)
        run_depthwise_pixel(wide.data(), y, x, sums.data(), pixel);
      else
        run_depthwise_pixel(wide.data(), y, x, wide_sums.data(), pixel);
    }
}

template class Convolution<std::int8_t>;
template class Convolution<std::int16_t>;

}  // namespace mudra::sim
