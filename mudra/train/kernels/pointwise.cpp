#include "mudra/train/kernels/pointwise.hpp"

#include <algorithm>

#include "mudra/graph/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/train/kernels/pointwise.cpp"
#include <hwy/foreach_target.h>  // before products-inl.h

#include "mudra/train/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mudra::train::kernels {
namespace HWY_NAMESPACE {

// work(first pixel, number of pixels) for every run.
template <class Work>
HWY_INLINE void for_each_run(int pixels, Work work) {
  for (int first = 0; first < pixels; first += kRun) work(first, std::min(kRun, pixels - first));
}

// Of `count` pixels of `stride` channels each.
HWY_INLINE void add_run_moments(const float* map, int count, std::ptrdiff_t stride, double* sums,
                                double* squares) {
  for (std::ptrdiff_t c = 0; c < stride; c += kVec) {
    Vec sum = hn::Zero(Tag()), square_sum = hn::Zero(Tag());
    for (int p = 0; p < count; ++p) {
      const Vec value = load(map + p * stride + c);
      sum = hn::Add(sum, value);
      square_sum = hn::MulAdd(value, value, square_sum);
    }
    add_to(sums + c, sum);
    add_to(squares + c, square_sum);
  }
}

void add_products(const Products& io) {
  const std::ptrdiff_t left_stride = padded(io.left_channels), stride = padded(io.right_channels);
  for_each_run(io.pixels, [&](int first, int count) {
    product(io.left_channels, io.right_channels, count,
            columns_of(io.left + first * left_stride, left_stride), io.right + first * stride, stride,
            FromZero{}, AddTo<double>{io.products, stride});
  });
}

void add_sums(const float* map, int pixels, int channels, double* sums) {
  const std::ptrdiff_t stride = padded(channels);
  for_each_run(pixels, [&](int first, int count) {
    for (int c = 0; c < stride; c += kVec) {
      Vec sum = hn::Zero(Tag());
      for (int p = first; p < first + count; ++p) sum = hn::Add(sum, load(map + p * stride + c));
      add_to(sums + c, sum);
    }
  });
}

void add_moments(const float* map, int pixels, int channels, double* sums, double* squares) {
  const std::ptrdiff_t stride = padded(channels);
  for_each_run(pixels, [&](int first, int count) {
    add_run_moments(map + first * stride, count, stride, sums, squares);
  });
}

void add_gradient_sums(const GradientSums& io) {
  const std::ptrdiff_t stride = padded(io.channels);
  for_each_run(io.pixels, [&](int first, int count) {
    for (int c = 0; c < stride; c += kVec) {
      Vec sum = hn::Zero(Tag()), product_sum = hn::Zero(Tag());
      for (int p = first; p < first + count; ++p) {
        const Vec gradient = load(io.gradient + p * stride + c);
        sum = hn::Add(sum, gradient);
        product_sum = hn::MulAdd(gradient, load(io.value + p * stride + c), product_sum);
      }
      add_to(io.sums + c, sum);
      add_to(io.products + c, product_sum);
    }
  });
}

void multiply_activate(const ActivatedProduct& io) {
  const std::ptrdiff_t in_stride = padded(io.in_channels), out_stride = padded(io.out_channels);
  product(io.pixels, io.out_channels, io.in_channels, rows_of(io.map, in_stride), io.weights, out_stride,
          FromRow{io.bias}, ToActivatedMap<std::ptrdiff_t>{io.out, out_stride, io.limit});
}

// A run of one slab of the hidden map, normalised and activated: out is [count, kSlab]. Fetches the next run
// of it from memory meanwhile.
HWY_INLINE void activate_slab(const float* hidden, int count, int channels, Affine normalisation, float limit,
                              float* out) {
  const Vec limit_vector = hn::Set(Tag(), limit);
  for (int c = 0; c < channels; c += kVec) {
    const Vec scale = load(normalisation.scale + c), shift = load(normalisation.shift + c);
    for (int p = 0; p < count; ++p) {
      const float* const value = hidden + p * kSlab + c;
      hwy::Prefetch(value + kRun * kSlab);
      store(activate(hn::MulAdd(load(value), scale, shift), limit_vector), out + p * kSlab + c);
    }
  }
}

HWY_INLINE Affine from_channel(Affine affine, int channel) {
  return {affine.scale + channel, affine.shift + channel};
}

void project(const Projection& io) {
  const std::ptrdiff_t stride = padded(io.hidden_channels), out_stride = padded(io.out_channels);
  HWY_ALIGN float activated[kRun * kSlab];
  for_each_run(io.pixels, [&](int first, int count) {
    float* const out = io.out + first * out_stride;
    for (int c = 0; c < stride; c += kSlab) {
      const int channels = std::min(kSlab, static_cast<int>(stride) - c);
      activate_slab(io.hidden + std::ptrdiff_t{c} * io.pixels + first * kSlab, count, channels,
                    from_channel(io.normalisation, c), io.limit, activated);
      const auto left = rows_of(activated, Constant<kSlab>());
      const float* const weights = io.weights + c * out_stride;
      const ToMap<std::ptrdiff_t> finish{out, out_stride};
      if (c == 0)
        product(count, io.out_channels, channels, left, weights, out_stride, FromZero{}, finish);
      else
        product(count, io.out_channels, channels, left, weights, out_stride,
                FromMap<std::ptrdiff_t>{out, out_stride}, finish);
    }
    add_run_moments(out, count, out_stride, io.sums, io.squares);
  });
}

void project_backward(const ProjectionBackward& io) {
  const std::ptrdiff_t stride = padded(io.hidden_channels), out_stride = padded(io.out_channels);
  const Vec limit = hn::Set(Tag(), io.limit);
  HWY_ALIGN float activated[kRun * kSlab];
  HWY_ALIGN float gradients[kRun * kSlab];
  for (int slab = 0; slab < stride; slab += kSlab) {
    const int channels = std::min(kSlab, static_cast<int>(stride) - slab);
    for_each_run(io.pixels, [&](int first, int count) {
      const float* const hidden = io.hidden + std::ptrdiff_t{slab} * io.pixels + first * kSlab;
      const float* const out_gradient = io.out_gradient + first * out_stride;
      activate_slab(hidden, count, channels, from_channel(io.normalisation, slab), io.limit, activated);
      product(io.out_channels, channels, count, columns_of(out_gradient, out_stride), activated, kSlab,
              FromZero{}, AddTo<float>{io.weight_gradients + slab, stride});
      product(count, channels, io.out_channels, rows_of(out_gradient, out_stride), io.weights + slab, stride,
              FromZero{}, ToMap<Constant<kSlab>>{gradients, {}});
      for (int c = 0; c < channels; c += kVec) {
        Vec sum = hn::Zero(Tag()), product_sum = hn::Zero(Tag());
        for (int p = 0; p < count; ++p) {
          const Vec gradient =
              through_activation(load(gradients + p * kSlab + c), load(activated + p * kSlab + c), limit);
          sum = hn::Add(sum, gradient);
          product_sum = hn::MulAdd(gradient, load(hidden + p * kSlab + c), product_sum);
        }
        add_to(io.sums + slab + c, sum);
        add_to(io.products + slab + c, product_sum);
      }
    });
  }
}

void normalise(const Normalisation& io) {
  const std::ptrdiff_t stride = padded(io.channels);
  for (int c = 0; c < stride; c += kVec) {
    const Vec scale = load(io.affine.scale + c), shift = load(io.affine.shift + c);
    for (int p = 0; p < io.pixels; ++p) {
      const std::ptrdiff_t at = p * stride + c;
      Vec value = hn::MulAdd(load(io.map + at), scale, shift);
      if (io.shortcut != nullptr) value = hn::Add(value, load(io.shortcut + at));
      store(value, io.out + at);
    }
  }
}

void normalise_backward(const float* gradient, int pixels, int channels, const NormalisationGradient& terms,
                        float* map) {
  const std::ptrdiff_t stride = padded(channels);
  for (int c = 0; c < stride; c += kVec) {
    const Vec of_gradient = load(terms.of_gradient + c), of_value = load(terms.of_value + c),
              constant = load(terms.constant + c);
    for (int p = 0; p < pixels; ++p) {
      const std::ptrdiff_t at = p * stride + c;
      const Vec from_value = hn::MulAdd(load(map + at), of_value, constant);
      store(hn::MulAdd(load(gradient + at), of_gradient, from_value), map + at);
    }
  }
}

void correct_gradient(const GradientCorrection& io) {
  const std::ptrdiff_t stride = padded(io.channels);
  const auto finish = [&](int pixel, int c, Vec value) {
    const std::ptrdiff_t at = pixel * stride + c;
    value = hn::Add(value, load(io.gradient + at));
    if (io.shortcut != nullptr) value = hn::Add(value, load(io.shortcut + at));
    store(value, io.gradient + at);
  };
  product(io.pixels, io.channels, io.channels, rows_of(io.map, stride), io.weights, stride,
          FromRow{io.offset}, finish);
}

void mask_by_activation(const float* activated, int pixels, int channels, float limit, float* gradient) {
  const Vec limit_vector = hn::Set(Tag(), limit);
  const std::ptrdiff_t count = std::ptrdiff_t{pixels} * padded(channels);
  for (std::ptrdiff_t i = 0; i < count; i += kVec)
    store(through_activation(load(gradient + i), load(activated + i), limit_vector), gradient + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::train::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::train::kernels {

HWY_EXPORT(add_products);
HWY_EXPORT(add_sums);
HWY_EXPORT(add_moments);
HWY_EXPORT(add_gradient_sums);
HWY_EXPORT(multiply_activate);
HWY_EXPORT(project);
HWY_EXPORT(project_backward);
HWY_EXPORT(normalise);
HWY_EXPORT(normalise_backward);
HWY_EXPORT(correct_gradient);
HWY_EXPORT(mask_by_activation);

void add_products(const Products& io) { HWY_DYNAMIC_DISPATCH(add_products)(io); }
void add_sums(const float* map, int pixels, int channels, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_sums)(map, pixels, channels, sums);
}
void add_moments(const float* map, int pixels, int channels, double* sums, double* squares) {
  HWY_DYNAMIC_DISPATCH(add_moments)(map, pixels, channels, sums, squares);
}
void add_gradient_sums(const GradientSums& io) { HWY_DYNAMIC_DISPATCH(add_gradient_sums)(io); }
void multiply_activate(const ActivatedProduct& io) { HWY_DYNAMIC_DISPATCH(multiply_activate)(io); }
void project(const Projection& io) { HWY_DYNAMIC_DISPATCH(project)(io); }
void project_backward(const ProjectionBackward& io) { HWY_DYNAMIC_DISPATCH(project_backward)(io); }
void normalise(const Normalisation& io) { HWY_DYNAMIC_DISPATCH(normalise)(io); }
void normalise_backward(const float* gradient, int pixels, int channels, const NormalisationGradient& terms,
                        float* map) {
  HWY_DYNAMIC_DISPATCH(normalise_backward)(gradient, pixels, channels, terms, map);
}
void correct_gradient(const GradientCorrection& io) { HWY_DYNAMIC_DISPATCH(correct_gradient)(io); }
void mask_by_activation(const float* activated, int pixels, int channels, float limit, float* gradient) {
  HWY_DYNAMIC_DISPATCH(mask_by_activation)(activated, pixels, channels, limit, gradient);
}

}  // namespace mudra::train::kernels
#endif
