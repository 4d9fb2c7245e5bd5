#include "mudra/train/kernels/reference.hpp"

#include <algorithm>
#include <vector>

namespace mudra::train::kernels::reference {
namespace {

float activate(double value, float limit) {
  return static_cast<float>(std::clamp(value, 0.0, double{limit}));
}

bool is_open(float activated, float limit) { return activated > 0 && activated < limit; }

// Where (pixel, channel) of a map is.
std::size_t at(int pixel, int channel, int channels) {
  return static_cast<std::size_t>(pixel) * static_cast<std::size_t>(padded(channels)) +
         static_cast<std::size_t>(channel);
}

// Where (pixel, channel) of a hidden map is.
std::size_t slab_at(int pixel, int channel, int pixels) {
  return (static_cast<std::size_t>(channel / kSlab) * static_cast<std::size_t>(pixels) +
          static_cast<std::size_t>(pixel)) *
             kSlab +
         static_cast<std::size_t>(channel % kSlab);
}

void add(float& total, double value) { total = static_cast<float>(total + value); }
void add(double& total, double value) { total += value; }

// sum over k of left(k) * right(k)
template <class Left, class Right>
double dot(int depth, const Left& left, const Right& right) {
  double sum = 0;
  for (int k = 0; k < depth; ++k) sum += static_cast<double>(left(k)) * static_cast<double>(right(k));
  return sum;
}

// The expanded map of a block, activated, with plain pixel order: [pixels, padded(hidden_channels)].
std::vector<float> expand(const BlockShape& shape, const float* in, const BlockWeights& weights,
                          float limit) {
  const int hidden = shape.hidden_channels;
  std::vector<float> expanded(at(shape.pixels(), 0, hidden));
  for (int p = 0; p < shape.pixels(); ++p)
    for (int c = 0; c < hidden; ++c)
      expanded[at(p, c, hidden)] =
          activate(weights.expand_bias[c] + dot(
                                                shape.in_channels,
                                                [&](int i) { return in[at(p, i, shape.in_channels)]; },
                                                [&](int i) { return weights.expand[at(i, c, hidden)]; }),
                   limit);
  return expanded;
}

// visit(output pixel, input pixel, tap) for every product of a channel's depthwise convolution.
template <class Visit>
void for_each_tap(const BlockShape& shape, const Visit& visit) {
  for (int y = 0; y < shape.out_side(); ++y)
    for (int x = 0; x < shape.out_side(); ++x)
      for (int k = 0; k < 9; ++k) {
        const int in_y = y * shape.stride + k / 3 - 1, in_x = x * shape.stride + k % 3 - 1;
        if (in_y >= 0 && in_y < shape.side && in_x >= 0 && in_x < shape.side)
          visit(y * shape.out_side() + x, in_y * shape.side + in_x, k);
      }
}

// One channel of the depthwise convolution: [out_pixels].
std::vector<double> depthwise(const BlockShape& shape, const std::vector<float>& expanded, const float* taps,
                              int channel) {
  const int hidden = shape.hidden_channels;
  std::vector<double> out(static_cast<std::size_t>(shape.out_pixels()));
  for_each_tap(shape, [&](int out_pixel, int in_pixel, int k) {
    out[static_cast<std::size_t>(out_pixel)] += static_cast<double>(expanded[at(in_pixel, channel, hidden)]) *
                                                static_cast<double>(taps[at(k, channel, hidden)]);
  });
  return out;
}

}  // namespace

void add_products(const Products& io) {
  for (int i = 0; i < io.left_channels; ++i)
    for (int j = 0; j < io.right_channels; ++j)
      add(io.products[at(i, j, io.right_channels)],
          dot(
              io.pixels, [&](int p) { return io.left[at(p, i, io.left_channels)]; },
              [&](int p) { return io.right[at(p, j, io.right_channels)]; }));
}

void add_sums(const float* map, int pixels, int channels, double* sums) {
  for (int c = 0; c < channels; ++c)
    add(sums[c], dot(
                     pixels, [&](int p) { return map[at(p, c, channels)]; }, [](int) { return 1.0f; }));
}

void add_moments(const float* map, int pixels, int channels, double* sums, double* squares) {
  add_sums(map, pixels, channels, sums);
  for (int c = 0; c < channels; ++c) {
    const auto value = [&](int p) { return map[at(p, c, channels)]; };
    add(squares[c], dot(pixels, value, value));
  }
}

void add_gradient_sums(const GradientSums& io) {
  for (int c = 0; c < io.channels; ++c) {
    const auto gradient = [&](int p) { return io.gradient[at(p, c, io.channels)]; };
    const auto value = [&](int p) { return io.value[at(p, c, io.channels)]; };
    add(io.sums[c], dot(io.pixels, gradient, [](int) { return 1.0f; }));
    add(io.products[c], dot(io.pixels, gradient, value));
  }
}

void multiply_activate(const ActivatedProduct& io) {
  for (int p = 0; p < io.pixels; ++p)
    for (int c = 0; c < io.out_channels; ++c)
      io.out[at(p, c, io.out_channels)] =
          activate(io.bias[c] + dot(
                                    io.in_channels, [&](int i) { return io.map[at(p, i, io.in_channels)]; },
                                    [&](int i) { return io.weights[at(i, c, io.out_channels)]; }),
                   io.limit);
}

void project(const Projection& io) {
  const auto activated = [&](int p, int c) {
    return activate(static_cast<double>(io.hidden[slab_at(p, c, io.pixels)]) * io.normalisation.scale[c] +
                        io.normalisation.shift[c],
                    io.limit);
  };
  for (int o = 0; o < io.out_channels; ++o) {
    double sum = 0, squares = 0;
    for (int p = 0; p < io.pixels; ++p) {
      const double value = dot(
          io.hidden_channels, [&](int c) { return activated(p, c); },
          [&](int c) { return io.weights[at(c, o, io.out_channels)]; });
      io.out[at(p, o, io.out_channels)] = static_cast<float>(value);
      sum += value;
      squares += value * value;
    }
    add(io.sums[o], sum);
    add(io.squares[o], squares);
  }
}

void project_backward(const ProjectionBackward& io) {
  for (int c = 0; c < io.hidden_channels; ++c) {
    double sum = 0, products = 0;
    for (int p = 0; p < io.pixels; ++p) {
      const float hidden = io.hidden[slab_at(p, c, io.pixels)];
      const float activated = activate(
          static_cast<double>(hidden) * io.normalisation.scale[c] + io.normalisation.shift[c], io.limit);
      const auto out_gradient = [&](int o) { return io.out_gradient[at(p, o, io.out_channels)]; };
      for (int o = 0; o < io.out_channels; ++o)
        add(io.weight_gradients[at(o, c, io.hidden_channels)],
            static_cast<double>(activated) * static_cast<double>(out_gradient(o)));
      if (!is_open(activated, io.limit)) continue;
      const double gradient =
          dot(io.out_channels, out_gradient, [&](int o) { return io.weights[at(o, c, io.hidden_channels)]; });
      sum += gradient;
      products += gradient * hidden;
    }
    add(io.sums[c], sum);
    add(io.products[c], products);
  }
}

void normalise(const Normalisation& io) {
  for (int p = 0; p < io.pixels; ++p)
    for (int c = 0; c < io.channels; ++c) {
      const std::size_t i = at(p, c, io.channels);
      io.out[i] = io.map[i] * io.affine.scale[c] + io.affine.shift[c] +
                  (io.shortcut != nullptr ? io.shortcut[i] : 0.0f);
    }
}

void normalise_backward(const float* gradient, int pixels, int channels, const NormalisationGradient& terms,
                        float* map) {
  for (int p = 0; p < pixels; ++p)
    for (int c = 0; c < channels; ++c) {
      const std::size_t i = at(p, c, channels);
      map[i] = gradient[i] * terms.of_gradient[c] + map[i] * terms.of_value[c] + terms.constant[c];
    }
}

void correct_gradient(const GradientCorrection& io) {
  for (int p = 0; p < io.pixels; ++p)
    for (int c = 0; c < io.channels; ++c) {
      const std::size_t i = at(p, c, io.channels);
      add(io.gradient[i], io.offset[c] + (io.shortcut != nullptr ? io.shortcut[i] : 0.0f) +
                              dot(
                                  io.channels, [&](int k) { return io.map[at(p, k, io.channels)]; },
                                  [&](int k) { return io.weights[at(k, c, io.channels)]; }));
    }
}

void mask_by_activation(const float* activated, int pixels, int channels, float limit, float* gradient) {
  for (std::size_t i = 0; i < at(pixels, 0, channels); ++i)
    if (!is_open(activated[i], limit)) gradient[i] = 0;
}

void expand_depthwise(const BlockShape& shape, const ExpandDepthwise& io) {
  const std::vector<float> expanded = expand(shape, io.in, io.weights, io.limit);
  for (int c = 0; c < shape.hidden_channels; ++c) {
    const std::vector<double> out = depthwise(shape, expanded, io.weights.taps, c);
    double sum = 0, squares = 0;
    for (int p = 0; p < shape.out_pixels(); ++p) {
      const double value = out[static_cast<std::size_t>(p)];
      io.hidden[slab_at(p, c, shape.out_pixels())] = static_cast<float>(value);
      sum += value;
      squares += value * value;
    }
    add(io.sums[c], sum);
    add(io.squares[c], squares);
  }
}

void expand_depthwise_backward(const BlockShape& shape, const ExpandDepthwiseBackward& io) {
  const int hidden = shape.hidden_channels, in_channels = shape.in_channels;
  const std::vector<float> expanded = expand(shape, io.in, io.weights, io.limit);
  std::vector<double> in_gradient(at(shape.pixels(), 0, in_channels));
  for (int c = 0; c < hidden; ++c) {
    // In front of the depthwise convolution's normalisation, then of the convolution, masked.
    std::vector<double> out_gradient(static_cast<std::size_t>(shape.out_pixels()));
    for (int p = 0; p < shape.out_pixels(); ++p) {
      const double value = io.hidden[slab_at(p, c, shape.out_pixels())];
      const float activated =
          activate(value * io.hidden_normalisation.scale[c] + io.hidden_normalisation.shift[c], io.limit);
      const double gradient = dot(
          shape.out_channels, [&](int o) { return io.out_gradient[at(p, o, shape.out_channels)]; },
          [&](int o) { return io.project_transposed[at(o, c, hidden)]; });
      out_gradient[static_cast<std::size_t>(p)] =
          (is_open(activated, io.limit) ? gradient * io.hidden_gradient.of_gradient[c] : 0.0) +
          value * io.hidden_gradient.of_value[c] + io.hidden_gradient.constant[c];
    }
    std::vector<double> gradient(static_cast<std::size_t>(shape.pixels()));
    for_each_tap(shape, [&](int out_pixel, int in_pixel, int k) {
      const double from = out_gradient[static_cast<std::size_t>(out_pixel)];
      add(io.tap_gradients[at(k, c, hidden)], from * expanded[at(in_pixel, c, hidden)]);
      gradient[static_cast<std::size_t>(in_pixel)] += from * io.weights.taps[at(k, c, hidden)];
    });
    for (int p = 0; p < shape.pixels(); ++p) {
      if (!is_open(expanded[at(p, c, hidden)], io.limit)) continue;
      const double value = gradient[static_cast<std::size_t>(p)];
      add(io.sums[c], value);
      for (int i = 0; i < in_channels; ++i) {
        add(io.products[at(i, c, hidden)], io.in[at(p, i, in_channels)] * value);
        in_gradient[at(p, i, in_channels)] += value * io.expand_transposed[at(c, i, in_channels)];
      }
    }
  }
  std::copy(in_gradient.begin(), in_gradient.end(), io.in_gradient);
}

}  // namespace mudra::train::kernels::reference
