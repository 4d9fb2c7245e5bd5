#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/base/random.hpp"
#include "mudra/train/kernels/patches.hpp"
#include "mudra/train/kernels/reference.hpp"
#include "tests/instruction_sets.hpp"

namespace mudra::train::kernels {
namespace {

// The arrays of one call. Inputs are random but for the padding, which is 0; the same call order gives the
// same values.
class Arrays {
 public:
  // [rows, padded(columns)]
  float* random(int rows, int columns) {
    float* const data = zeros(rows, columns);
    fill(data, rows, columns, padded(columns));
    return data;
  }

  // A hidden map: [slabs, pixels, kSlab].
  float* random_hidden(int pixels, int channels) {
    float* const data = zeros(pixels, slabs(channels) * kSlab);
    for (int first = 0; first < channels; first += kSlab)
      fill(data + static_cast<std::size_t>(first) * static_cast<std::size_t>(pixels), pixels,
           std::min(kSlab, channels - first), kSlab);
    return data;
  }

  float* zeros(int rows, int columns) {
    buffers_.emplace_back(static_cast<std::size_t>(rows) * static_cast<std::size_t>(padded(columns)));
    return buffers_.back().data();
  }

  // Sums in double to add to.
  double* sums(int rows, int columns) {
    double_sums_.emplace_back(static_cast<std::size_t>(rows) * static_cast<std::size_t>(padded(columns)));
    for (double& sum : double_sums_.back()) sum = static_cast<double>(random_.uniform(-1.0f, 1.0f));
    return double_sums_.back().data();
  }

  // Everything, sums rounded to float.
  std::vector<AlignedBuffer> take() {
    for (const std::vector<double>& sums : double_sums_) {
      buffers_.emplace_back(sums.size());
      std::ranges::transform(sums, buffers_.back().data(),
                             [](double sum) { return static_cast<float>(sum); });
    }
    return std::move(buffers_);
  }

 private:
  void fill(float* data, int rows, int columns, int stride) {
    for (int row = 0; row < rows; ++row)
      for (int column = 0; column < columns; ++column)
        data[row * stride + column] = random_.uniform(-1.0f, 1.0f);
  }

  Random random_{1};
  std::vector<AlignedBuffer> buffers_;
  std::vector<std::vector<double>> double_sums_;
};

using Call = std::function<void(Arrays&)>;

std::vector<AlignedBuffer> run(const Call& call) {
  Arrays arrays;
  call(arrays);
  return arrays.take();
}

// Sums of up to a few thousand products of numbers around 1, which float keeps to some 1e-6 of their size.
void expect_close(const std::vector<AlignedBuffer>& actual, const std::vector<AlignedBuffer>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    float largest = 1.0f;
    for (const float value : expected[i].span()) largest = std::max(largest, std::abs(value));
    for (std::size_t j = 0; j < actual[i].size(); ++j)
      ASSERT_NEAR(actual[i].data()[j], expected[i].data()[j], 1e-5f * largest)
          << "array " << i << ", value " << j;
  }
}

bool same_bytes(const std::vector<AlignedBuffer>& a, const std::vector<AlignedBuffer>& b) {
  return std::ranges::equal(a, b, [](const AlignedBuffer& x, const AlignedBuffer& y) {
    return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
  });
}

// Every instruction set stays close to the reference; those with fused multiply-add agree to the bit.
void check(const Call& fast, const Call& reference) {
  const std::vector<AlignedBuffer> expected = run(reference);
  std::vector<AlignedBuffer> first_with_fma;
  for (const InstructionSet& set : instruction_sets()) {
    SCOPED_TRACE(set.name);
    const UseInstructionSet use(set);
    std::vector<AlignedBuffer> actual = run(fast);
    expect_close(actual, expected);
    if (!set.has_fma) continue;
    if (first_with_fma.empty())
      first_with_fma = std::move(actual);
    else
      EXPECT_TRUE(same_bytes(actual, first_with_fma)) << "not the bytes of the widest vectors";
  }
}

struct Case {
  BlockShape shape;
  float limit;
};

// Odd and even sides, both strides, one channel vector and several, whole slabs and a rest, more pixels than
// a run.
const Case kCases[] = {
    {{7, 2, 8, 32, 16}, 6.0f},   {{8, 1, 16, 96, 16}, 0.5f},   {{9, 1, 24, 144, 24}, 6.0f},
    {{12, 2, 40, 80, 48}, 0.5f}, {{3, 2, 16, 48, 72}, 6.0f},   {{1, 1, 8, 64, 8}, INFINITY},
    {{1, 2, 8, 16, 8}, 6.0f},    {{2, 1, 32, 192, 32}, 0.25f},
};

class Kernels : public testing::TestWithParam<Case> {
 protected:
  const BlockShape& shape() const { return GetParam().shape; }
  float limit() const { return GetParam().limit; }
};
INSTANTIATE_TEST_SUITE_P(Shapes, Kernels, testing::ValuesIn(kCases));

// check() with FUNCTION and its reference given the same arguments.
#define CHECK_KERNEL(FUNCTION, ...)                     \
  check([&](Arrays& arrays) { FUNCTION(__VA_ARGS__); }, \
        [&](Arrays& arrays) { reference::FUNCTION(__VA_ARGS__); })

TEST_P(Kernels, add_products_is_its_reference) {
  CHECK_KERNEL(add_products, {.left = arrays.random(shape().pixels(), shape().in_channels),
                              .right = arrays.random(shape().pixels(), shape().hidden_channels),
                              .pixels = shape().pixels(),
                              .left_channels = shape().in_channels,
                              .right_channels = shape().hidden_channels,
                              .products = arrays.sums(shape().in_channels, shape().hidden_channels)});
}

TEST_P(Kernels, add_sums_is_its_reference) {
  CHECK_KERNEL(add_sums, arrays.random(shape().pixels(), shape().in_channels), shape().pixels(),
               shape().in_channels, arrays.sums(1, shape().in_channels));
}

TEST_P(Kernels, add_moments_is_its_reference) {
  CHECK_KERNEL(add_moments, arrays.random(shape().pixels(), shape().in_channels), shape().pixels(),
               shape().in_channels, arrays.sums(1, shape().in_channels), arrays.sums(1, shape().in_channels));
}

TEST_P(Kernels, add_gradient_sums_is_its_reference) {
  CHECK_KERNEL(add_gradient_sums, {.gradient = arrays.random(shape().pixels(), shape().in_channels),
                                   .value = arrays.random(shape().pixels(), shape().in_channels),
                                   .pixels = shape().pixels(),
                                   .channels = shape().in_channels,
                                   .sums = arrays.random(1, shape().in_channels),
                                   .products = arrays.random(1, shape().in_channels)});
}

TEST_P(Kernels, multiply_activate_is_its_reference) {
  CHECK_KERNEL(multiply_activate, {.map = arrays.random(shape().pixels(), shape().in_channels),
                                   .pixels = shape().pixels(),
                                   .in_channels = shape().in_channels,
                                   .out_channels = shape().out_channels,
                                   .weights = arrays.random(shape().in_channels, shape().out_channels),
                                   .bias = arrays.random(1, shape().out_channels),
                                   .limit = limit(),
                                   .out = arrays.zeros(shape().pixels(), shape().out_channels)});
}

TEST_P(Kernels, project_is_its_reference) {
  CHECK_KERNEL(project, {.hidden = arrays.random_hidden(shape().pixels(), shape().hidden_channels),
                         .pixels = shape().pixels(),
                         .hidden_channels = shape().hidden_channels,
                         .out_channels = shape().out_channels,
                         .normalisation = {arrays.random(1, shape().hidden_channels),
                                           arrays.random(1, shape().hidden_channels)},
                         .limit = limit(),
                         .weights = arrays.random(shape().hidden_channels, shape().out_channels),
                         .out = arrays.zeros(shape().pixels(), shape().out_channels),
                         .sums = arrays.sums(1, shape().out_channels),
                         .squares = arrays.sums(1, shape().out_channels)});
}

TEST_P(Kernels, project_backward_is_its_reference) {
  CHECK_KERNEL(project_backward,
               {.hidden = arrays.random_hidden(shape().pixels(), shape().hidden_channels),
                .pixels = shape().pixels(),
                .hidden_channels = shape().hidden_channels,
                .out_channels = shape().out_channels,
                .normalisation = {arrays.random(1, shape().hidden_channels),
                                  arrays.random(1, shape().hidden_channels)},
                .limit = limit(),
                .out_gradient = arrays.random(shape().pixels(), shape().out_channels),
                .weights = arrays.random(shape().out_channels, shape().hidden_channels),
                .weight_gradients = arrays.random(shape().out_channels, shape().hidden_channels),
                .sums = arrays.random(1, shape().hidden_channels),
                .products = arrays.random(1, shape().hidden_channels)});
}

TEST_P(Kernels, normalise_is_its_reference) {
  for (const bool has_shortcut : {false, true})
    CHECK_KERNEL(normalise,
                 {.map = arrays.random(shape().pixels(), shape().in_channels),
                  .pixels = shape().pixels(),
                  .channels = shape().in_channels,
                  .affine = {arrays.random(1, shape().in_channels), arrays.random(1, shape().in_channels)},
                  .shortcut = has_shortcut ? arrays.random(shape().pixels(), shape().in_channels) : nullptr,
                  .out = arrays.zeros(shape().pixels(), shape().in_channels)});
}

TEST_P(Kernels, normalise_backward_is_its_reference) {
  CHECK_KERNEL(normalise_backward, arrays.random(shape().pixels(), shape().in_channels), shape().pixels(),
               shape().in_channels,
               {arrays.random(1, shape().in_channels), arrays.random(1, shape().in_channels),
                arrays.random(1, shape().in_channels)},
               arrays.random(shape().pixels(), shape().in_channels));
}

TEST_P(Kernels, correct_gradient_is_its_reference) {
  for (const bool has_shortcut : {false, true})
    CHECK_KERNEL(correct_gradient,
                 {.map = arrays.random(shape().pixels(), shape().in_channels),
                  .pixels = shape().pixels(),
                  .channels = shape().in_channels,
                  .weights = arrays.random(shape().in_channels, shape().in_channels),
                  .offset = arrays.random(1, shape().in_channels),
                  .shortcut = has_shortcut ? arrays.random(shape().pixels(), shape().in_channels) : nullptr,
                  .gradient = arrays.random(shape().pixels(), shape().in_channels)});
}

TEST_P(Kernels, mask_by_activation_is_its_reference) {
  CHECK_KERNEL(mask_by_activation, arrays.random(shape().pixels(), shape().in_channels), shape().pixels(),
               shape().in_channels, 0.5f, arrays.random(shape().pixels(), shape().in_channels));
}

BlockWeights random_weights(Arrays& arrays, const BlockShape& shape) {
  return {.expand = arrays.random(shape.in_channels, shape.hidden_channels),
          .expand_bias = arrays.random(1, shape.hidden_channels),
          .taps = arrays.random(9, shape.hidden_channels)};
}

// Its contents are nobody's promise, so it is not one of the arrays that are compared.
float* scratch_for(const BlockShape& shape) {
  static AlignedBuffer scratch;
  scratch = AlignedBuffer(scratch_floats(shape));
  std::ranges::fill(scratch.span(), NAN);
  return scratch.data();
}

TEST_P(Kernels, expand_depthwise_is_its_reference) {
  CHECK_KERNEL(expand_depthwise, shape(),
               {.in = arrays.random(shape().pixels(), shape().in_channels),
                .weights = random_weights(arrays, shape()),
                .limit = limit(),
                .hidden = arrays.zeros(shape().out_pixels(), slabs(shape().hidden_channels) * kSlab),
                .sums = arrays.sums(1, shape().hidden_channels),
                .squares = arrays.sums(1, shape().hidden_channels),
                .scratch = scratch_for(shape())});
}

TEST_P(Kernels, expand_depthwise_backward_is_its_reference) {
  CHECK_KERNEL(expand_depthwise_backward, shape(),
               {.in = arrays.random(shape().pixels(), shape().in_channels),
                .weights = random_weights(arrays, shape()),
                .limit = limit(),
                .out_gradient = arrays.random(shape().out_pixels(), shape().out_channels),
                .project_transposed = arrays.random(shape().out_channels, shape().hidden_channels),
                .hidden = arrays.random_hidden(shape().out_pixels(), shape().hidden_channels),
                .hidden_normalisation = {arrays.random(1, shape().hidden_channels),
                                         arrays.random(1, shape().hidden_channels)},
                .hidden_gradient = {arrays.random(1, shape().hidden_channels),
                                    arrays.random(1, shape().hidden_channels),
                                    arrays.random(1, shape().hidden_channels)},
                .expand_transposed = arrays.random(shape().hidden_channels, shape().in_channels),
                .in_gradient = arrays.zeros(shape().pixels(), shape().in_channels),
                .tap_gradients = arrays.random(9, shape().hidden_channels),
                .sums = arrays.random(1, shape().hidden_channels),
                .products = arrays.random(shape().in_channels, shape().hidden_channels),
                .scratch = scratch_for(shape())});
}

TEST(Patches, are_the_neighbourhoods_with_zeros_around_the_image) {
  for (const int side : {3, 4, 7, 8, 96}) {
    std::vector<float> image(static_cast<std::size_t>(side * side));
    for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i + 1);
    const int out_side = strided(side, 2);
    std::vector<float> patches(static_cast<std::size_t>(out_side * out_side * padded(kPatchTaps)), NAN);
    gather_patches(image.data(), side, patches.data());
    for (int p = 0; p < out_side * out_side; ++p)
      for (int k = 0; k < padded(kPatchTaps); ++k) {
        const int y = p / out_side * 2 + k / 3 - 1, x = p % out_side * 2 + k % 3 - 1;
        const bool inside = k < kPatchTaps && y >= 0 && y < side && x >= 0 && x < side;
        ASSERT_EQ(patches[static_cast<std::size_t>(p * padded(kPatchTaps) + k)],
                  inside ? static_cast<float>(y * side + x + 1) : 0.0f)
            << "side " << side << ", pixel " << p << ", tap " << k;
      }
  }
}

}  // namespace
}  // namespace mudra::train::kernels
