// The training kernels written plainly: same signatures, same meaning, sums in double. What the fast ones are
// tested against.
#pragma once

#include "mudra/train/kernels/inverted_residual.hpp"
#include "mudra/train/kernels/pointwise.hpp"

namespace mudra::train::kernels::reference {

void add_products(const Products& io);
void add_sums(const float* map, int pixels, int channels, double* sums);
void add_moments(const float* map, int pixels, int channels, double* sums, double* squares);
void add_gradient_sums(const GradientSums& io);
void multiply_activate(const ActivatedProduct& io);
void project(const Projection& io);
void project_backward(const ProjectionBackward& io);
void normalise(const Normalisation& io);
void normalise_backward(const float* gradient, int pixels, int channels, const NormalisationGradient& terms,
                        float* map);
void correct_gradient(const GradientCorrection& io);
void mask_by_activation(const float* activated, int pixels, int channels, float limit, float* gradient);

void expand_depthwise(const BlockShape& shape, const ExpandDepthwise& io);
void expand_depthwise_backward(const BlockShape& shape, const ExpandDepthwiseBackward& io);

}  // namespace mudra::train::kernels::reference
