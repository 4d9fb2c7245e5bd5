#include "mudra/graph/float_steps.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "mudra/graph/kernels/layout.hpp"

namespace mudra::graph {

using kernels::padded;

void copy_pixels(const float* from, std::ptrdiff_t from_stride, float* to, std::ptrdiff_t to_stride,
                 std::ptrdiff_t pixels, std::ptrdiff_t channels) {
  if (from_stride == channels && to_stride == channels) {
    std::copy_n(from, pixels * channels, to);
    return;
  }
  for (std::ptrdiff_t p = 0; p < pixels; ++p)
    std::copy_n(from + p * from_stride, channels, to + p * to_stride);
}

void Workplace::show(TensorIndex tensor, const kernels::Pixels& pixels) const {
  const auto [values, count, stride, channels] = pixels;
  if (stride == channels) return watch(tensor, {values, static_cast<std::size_t>(count * channels)});
  std::array<float, 1024> dense;  // so many values at a time are worth a copy
  const std::ptrdiff_t most = std::ssize(dense) / channels;
  if (most < 2) {
    for (std::ptrdiff_t p = 0; p < count; ++p)
      watch(tensor, {values + p * stride, static_cast<std::size_t>(channels)});
    return;
  }
  for (std::ptrdiff_t first = 0; first < count; first += most) {
    const std::ptrdiff_t together = std::min(most, count - first);
    copy_pixels(values + first * stride, stride, dense.data(), channels, together, channels);
    watch(tensor, std::span(dense).first(static_cast<std::size_t>(together * channels)));
  }
}

void LoadStep::run(const Workplace& work) const {
  copy_pixels(work.input, size.channels, work.maps + out, padded(size.channels),
              std::ptrdiff_t{size.height} * size.width, size.channels);
}

bool ConvStep::is_pointwise() const {
  return window.kernel_h == 1 && window.kernel_w == 1 && window.stride_h == 1 && window.stride_w == 1 &&
         window.pad_top == 0 && window.pad_left == 0 && in_size.height == out_size.height &&
         in_size.width == out_size.width;
}

std::size_t ConvStep::scratch_floats() const {
  return is_pointwise() ? 0 : static_cast<std::size_t>(depth()) * static_cast<std::size_t>(out_size.width);
}

void ConvStep::gather(const float* from, int y, float* patches) const {
  const std::ptrdiff_t pixel = in == kAtInput ? in_size.channels : padded(in_size.channels);
  for (int ky = 0; ky < window.kernel_h; ++ky) {
    const int in_y = y * window.stride_h + ky - window.pad_top;
    for (int kx = 0; kx < window.kernel_w; ++kx) {
      for (int c = 0; c < in_size.channels; ++c, patches += out_size.width) {
        std::fill_n(patches, out_size.width, 0.0f);
        if (in_y < 0 || in_y >= in_size.height) continue;
        const int offset = kx - window.pad_left;
        const int first = offset < 0 ? (-offset + window.stride_w - 1) / window.stride_w : 0;
        const int room = in_size.width - 1 - offset;
        const int end = room < 0 ? 0 : std::min(out_size.width, room / window.stride_w + 1);
        const float* const row = from + (std::ptrdiff_t{in_y} * in_size.width + offset) * pixel + c;
        const std::ptrdiff_t step = window.stride_w * pixel;
        for (int x = first; x < end; ++x) patches[x] = row[x * step];
      }
    }
  }
}

void ConvStep::run(const Workplace& work) const {
  const float* const from = work.at(in);
  const float* const addend = work.at(shortcut);
  float* const to = work.maps + out;
  kernels::Product product{.rows = from,
                           .count = out_size.height * out_size.width,
                           .row_stride = in == kAtInput ? in_size.channels : padded(in_size.channels),
                           .depth = depth(),
                           .depth_stride = 1,
                           .weights = weights.data(),
                           .bias = bias.data(),
                           .out_channels = out_size.channels,
                           .bounds = bounds,
                           .shortcut = addend,
                           .out = to};
  if (is_pointwise()) return kernels::multiply(product);
  product.rows = work.scratch;
  product.count = product.depth_stride = out_size.width;
  product.row_stride = 1;
  const std::ptrdiff_t out_row = std::ptrdiff_t{out_size.width} * padded(out_size.channels);
  for (int y = 0; y < out_size.height; ++y) {
    gather(from, y, work.scratch);
    product.out = to + y * out_row;
    product.shortcut = addend == nullptr ? nullptr : addend + y * out_row;
    kernels::multiply(product);
  }
}

void DepthwiseStep::run(const Workplace& work) const {
  const std::ptrdiff_t out_row = std::ptrdiff_t{out_size.width} * padded(out_size.channels);
  for (int y = 0; y < out_size.height; ++y)
    kernels::depthwise_row({.in = work.at(in),
                            .in_size = in_size,
                            .window = window,
                            .taps = taps.data(),
                            .bias = bias.data(),
                            .bounds = bounds,
                            .y = y,
                            .out_width = out_size.width,
                            .out = work.maps + out + y * out_row});
}

void BlockStep::run(const Workplace& work) const {
  const auto watch = [&](TensorIndex tensor) -> kernels::PixelsWatch {
    if (tensor < 0) return {};
    return [&work, tensor](const kernels::Pixels& pixels) { work.show(tensor, pixels); };
  };
  kernels::run_block(shape, {.in = work.at(in),
                             .expand = expand.data(),
                             .expand_bias = expand_bias.data(),
                             .expand_bounds = expand_bounds,
                             .taps = taps.data(),
                             .taps_bias = taps_bias.data(),
                             .taps_bounds = taps_bounds,
                             .project = project.data(),
                             .project_bias = project_bias.data(),
                             .shortcut = work.at(shortcut),
                             .out = work.maps + out,
                             .scratch = work.scratch,
                             .watch_expanded = watch(expanded),
                             .watch_filtered = watch(filtered)});
}

void AddStep::run(const Workplace& work) const {
  kernels::add_bounded(work.at(in), work.at(addend), floats, bounds, work.maps + out);
}

void AverageStep::run(const Workplace& work) const {
  kernels::average(work.at(in), in_size.height * in_size.width, in_size.channels, work.maps + out);
}

void FlattenStep::run(const Workplace& work) const {
  copy_pixels(work.at(in), padded(in_size.channels), work.maps + out, in_size.channels,
              std::ptrdiff_t{in_size.height} * in_size.width, in_size.channels);
}

void PoolStep::run(const Workplace& work) const {
  const int channels = padded(in_size.channels);
  const float* const from = work.at(in);
  float* to = work.maps + out;
  for (int y = 0; y < out_size.height; ++y)
    for (int x = 0; x < out_size.width; ++x, to += channels) {
      const int top = y * window.stride_h - window.pad_top, left = x * window.stride_w - window.pad_left;
      const int first_row = std::max(top, 0), end_row = std::min(top + window.kernel_h, in_size.height);
      const int first = std::max(left, 0), end = std::min(left + window.kernel_w, in_size.width);
      std::fill_n(to, channels, takes_largest ? std::numeric_limits<float>::lowest() : 0.0f);
      for (int row = first_row; row < end_row; ++row)
        for (int column = first; column < end; ++column) {
          const float* const pixel = from + (std::ptrdiff_t{row} * in_size.width + column) * channels;
          if (takes_largest)
            for (int c = 0; c < channels; ++c) to[c] = std::max(to[c], pixel[c]);
          else
            for (int c = 0; c < channels; ++c) to[c] += pixel[c];
        }
      if (takes_largest) continue;
      const int area =
          counts_padding ? window.kernel_h * window.kernel_w : (end_row - first_row) * (end - first);
      for (int c = 0; c < channels; ++c) to[c] /= static_cast<float>(area);
    }
}

void MultiplyStep::run(const Workplace& work) const {
  const int channels = padded(size.channels);
  const float *from = work.at(in), *by = work.at(factor);
  float* to = work.maps + out;
  for (int pixel = 0; pixel < size.height * size.width; ++pixel) {
    for (int c = 0; c < channels; ++c) to[c] = from[c] * by[c];
    from += channels;
    to += channels;
    if (!per_channel) by += channels;
  }
}

void SlopeStep::run(const Workplace& work) const {
  const int channels = padded(size.channels);
  const float* from = work.at(in);
  float* to = work.maps + out;
  for (int pixel = 0; pixel < size.height * size.width; ++pixel, from += channels, to += channels)
    for (int c = 0; c < channels; ++c) to[c] = from[c] < 0 ? from[c] * slopes.data()[c] : from[c];
}

void ActivateStep::run(const Workplace& work) const {
  const int channels = padded(size.channels);
  const float* from = work.at(in);
  float* to = work.maps + out;
  for (int pixel = 0; pixel < size.height * size.width; ++pixel, from += channels, to += channels) {
    for (int c = 0; c < size.channels; ++c) to[c] = device::value_of(activation, from[c]);
    std::fill(to + size.channels, to + channels, 0.0f);
  }
}

void ConcatStep::run(const Workplace& work) const {
  const int stride = padded(out_size.channels);
  const std::ptrdiff_t pixels = std::ptrdiff_t{out_size.height} * out_size.width;
  std::fill_n(work.maps + out, pixels * stride, 0.0f);
  int first = 0;
  for (const Part& part : parts) {
    copy_pixels(work.at(part.place), padded(part.channels), work.maps + out + first, stride, pixels,
                part.channels);
    first += part.channels;
  }
}

void TransposeStep::run(const Workplace& work) const {
  const float* const from = work.at(in);
  float* to = work.maps + out;
  const std::array strides{in_size.width * padded(in_size.channels), padded(in_size.channels), 1};
  const auto stride = [&](std::size_t axis) { return strides[static_cast<std::size_t>(axes[axis])]; };
  for (int y = 0; y < out_size.height; ++y)
    for (int x = 0; x < out_size.width; ++x, to += padded(out_size.channels)) {
      for (int c = 0; c < out_size.channels; ++c) to[c] = from[y * stride(0) + x * stride(1) + c * stride(2)];
      std::fill(to + out_size.channels, to + padded(out_size.channels), 0.0f);
    }
}

}  // namespace mudra::graph
