// Work that treats every pixel of a map alike: 1x1 convolutions, their gradients, normalisation and sums.
//
// One image at a time; maps and weights as layout.hpp says. "Adds" means +=, so that images of one group
// share an accumulator: double for sums that statistics are made of, where large sums are subtracted from
// each other, float for those of gradients. Every function has a plain twin in reference.hpp.
#pragma once

namespace mudra::train::kernels {

// value * scale[channel] + shift[channel]; both [padded(channels)].
struct Affine {
  const float* scale;
  const float* shift;
};

// Adds the sum over pixels of left[p][i] * right[p][j] to products[i * padded(right_channels) + j].
struct Products {
  const float* left;
  const float* right;
  int pixels;
  int left_channels;
  int right_channels;
  double* products;
};
void add_products(const Products& io);

// Adds the sum over pixels to sums[channel].
void add_sums(const float* map, int pixels, int channels, double* sums);

// Adds the sums over pixels and those of the squares; both [padded(channels)].
void add_moments(const float* map, int pixels, int channels, double* sums, double* squares);

// Adds the sums over pixels of `gradient` and of gradient * value.
struct GradientSums {
  const float* gradient;
  const float* value;
  int pixels;
  int channels;
  float* sums;
  float* products;
};
void add_gradient_sums(const GradientSums& io);

// out = activation(map * weights + bias), the limit being 6 for ReLU6 and infinity for ReLU.
struct ActivatedProduct {
  const float* map;  // [pixels, padded(in_channels)]
  int pixels;
  int in_channels;
  int out_channels;
  const float* weights;  // [in_channels, padded(out_channels)]
  const float* bias;
  float limit;
  float* out;
};
void multiply_activate(const ActivatedProduct& io);

// The projection of a block: out = activation(normalised hidden map) * weights, and the sums over pixels of
// out and of its squares.
struct Projection {
  const float* hidden;  // before normalisation, [slabs(hidden_channels), pixels, kSlab]
  int pixels;
  int hidden_channels;
  int out_channels;
  Affine normalisation;
  float limit;
  const float* weights;  // [padded(hidden_channels), padded(out_channels)]
  float* out;
  double* sums;     // adds
  double* squares;  // adds
};
void project(const Projection& io);

// The way back through a projection: adds the weights' gradient, and the sums the hidden normalisation needs:
// of the gradient that reaches it through the activation, and of that times the hidden map.
struct ProjectionBackward {
  const float* hidden;
  int pixels;
  int hidden_channels;
  int out_channels;
  Affine normalisation;
  float limit;
  const float* out_gradient;  // [pixels, padded(out_channels)]
  const float* weights;       // transposed: [out_channels, padded(hidden_channels)]
  float* weight_gradients;    // like weights
  float* sums;
  float* products;
};
void project_backward(const ProjectionBackward& io);

// out = map * scale + shift, plus `shortcut` unless it is null.
struct Normalisation {
  const float* map;
  int pixels;
  int channels;
  Affine affine;
  const float* shortcut;
  float* out;
};
void normalise(const Normalisation& io);

// The gradient in front of a batch normalisation from the one behind it: a linear function of that gradient
// and of the normalised map, see BatchNorm's backward pass. All [padded(channels)].
struct NormalisationGradient {
  const float* of_gradient;
  const float* of_value;
  const float* constant;
};
// map = of_gradient * gradient + of_value * map + constant.
void normalise_backward(const float* gradient, int pixels, int channels, const NormalisationGradient& terms,
                        float* map);

// gradient += offset + map * weights, plus `shortcut` unless it is null.
struct GradientCorrection {
  const float* map;  // [pixels, padded(channels)]
  int pixels;
  int channels;
  const float* weights;   // [channels, padded(channels)]
  const float* offset;    // [padded(channels)]
  const float* shortcut;  // like map
  float* gradient;        // like map
};
void correct_gradient(const GradientCorrection& io);

// gradient = 0 where the activation was closed, that is unless 0 < activated < limit.
void mask_by_activation(const float* activated, int pixels, int channels, float limit, float* gradient);

}  // namespace mudra::train::kernels
