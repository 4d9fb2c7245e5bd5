// What training's kernels do beside register-tiled products: sums, activations, and where products start and
// end; compiled once per instruction set like graph's products-inl.h.
#if defined(MUDRA_TRAIN_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_TRAIN_PRODUCTS_INL_H_
#undef MUDRA_TRAIN_PRODUCTS_INL_H_
#else
#define MUDRA_TRAIN_PRODUCTS_INL_H_
#endif

#include <hwy/cache_control.h>

#include "mudra/graph/kernels/products-inl.h"
#include "mudra/train/kernels/layout.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::train::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using namespace graph::kernels::HWY_NAMESPACE;

HWY_INLINE void add_to(float* total, Vec value) { store(hn::Add(load(total), value), total); }
HWY_INLINE void add_to(double* total, Vec value) {
#if HWY_TARGET == HWY_SCALAR
  *total += static_cast<double>(hn::GetLane(value));
#else
  const hn::Repartition<double, Tag> wide;
  const hn::Half<Tag> half;
  const auto low = hn::PromoteTo(wide, hn::LowerHalf(half, value));
  const auto high = hn::PromoteTo(wide, hn::UpperHalf(half, value));
  hn::StoreU(hn::Add(hn::LoadU(wide, total), low), wide, total);
  hn::StoreU(hn::Add(hn::LoadU(wide, total + kVec / 2), high), wide, total + kVec / 2);
#endif
}

// ReLU6 with limit 6, ReLU with limit infinity.
HWY_INLINE Vec activate(Vec value, Vec limit) { return hn::Min(hn::Max(value, hn::Zero(Tag())), limit); }

// The gradient where the activation let its input through, else 0.
HWY_INLINE Vec through_activation(Vec gradient, Vec activated, Vec limit) {
  const auto open = hn::And(hn::Gt(activated, hn::Zero(Tag())), hn::Lt(activated, limit));
  return hn::IfThenElseZero(open, gradient);
}

// Starts and finishes of products.
struct FromZero {
  HWY_INLINE Vec operator()(int, int) const { return hn::Zero(Tag()); }
};
struct FromRow {  // the same row of values for every row: a bias
  const float* values;
  HWY_INLINE Vec operator()(int, int column) const { return load(values + column); }
};
template <class Stride>
struct FromMap {
  const float* data;
  Stride stride;
  HWY_INLINE Vec operator()(int row, int column) const { return load(data + row * stride + column); }
};
template <class Stride>
struct ToMap {
  float* data;
  Stride stride;
  HWY_INLINE void operator()(int row, int column, Vec value) const {
    store(value, data + row * stride + column);
  }
};
template <class Sum>
struct AddTo {
  Sum* data;
  std::ptrdiff_t stride;
  HWY_INLINE void operator()(int row, int column, Vec value) const {
    add_to(data + row * stride + column, value);
  }
};
template <class Stride>
struct ToActivatedMap {
  float* data;
  Stride stride;
  float limit;
  HWY_INLINE void operator()(int row, int column, Vec value) const {
    store(activate(value, hn::Set(Tag(), limit)), data + row * stride + column);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace mudra::train::kernels
HWY_AFTER_NAMESPACE();

#endif
