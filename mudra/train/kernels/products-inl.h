// Register-tiled matrix products and small vector operations, compiled once per instruction set
// (Highway's foreach_target; no include guard but Highway's toggle).
//
// Every element of a result is one chain of fused multiply-adds in the order of the inner index, whatever the
// tile and the vector width: AVX2 and AVX-512 give the same bytes.
#if defined(MUDRA_TRAIN_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_TRAIN_PRODUCTS_INL_H_
#undef MUDRA_TRAIN_PRODUCTS_INL_H_
#else
#define MUDRA_TRAIN_PRODUCTS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstddef>
#include <type_traits>

#include "mudra/train/kernels/layout.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::train::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;
using Vec = hn::Vec<Tag>;
inline constexpr int kVec = static_cast<int>(hn::MaxLanes(Tag()));
static_assert(kLanes % kVec == 0);

HWY_INLINE Vec load(const float* from) { return hn::Load(Tag(), from); }
HWY_INLINE void store(Vec value, float* to) { hn::Store(value, Tag(), to); }
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

// A stride known when compiling: one address register serves a whole tile.
template <int kValue>
using Constant = std::integral_constant<std::ptrdiff_t, kValue>;

// The left factor of a product: element (row, k) is data[row * row_stride + k * depth_stride].
template <class RowStride, class DepthStride>
struct Left {
  const float* data;
  RowStride row_stride;
  DepthStride depth_stride;
};

// Rows of a map: (pixel, channel).
template <class Stride>
HWY_INLINE Left<Stride, Constant<1>> pixels_of(const float* data, Stride stride) {
  return {data, stride, {}};
}

// Columns of a map: (channel, pixel).
template <class Stride>
HWY_INLINE Left<Constant<1>, Stride> channels_of(const float* data, Stride stride) {
  return {data, {}, stride};
}

// Not inlined: on its own the tile's accumulators and its row of the right factor stay in registers, while
// inside a larger function GCC 12 spills them. bench/training_bench.cpp shows it at once.
template <int kRows, int kVectors, class RowStride, class DepthStride, class Start, class Finish>
HWY_NOINLINE void product_tile(int row, int column, int depth, Left<RowStride, DepthStride> left,
                               const float* HWY_RESTRICT right, std::ptrdiff_t right_stride, Start start,
                               Finish finish) {
  Vec sums[kRows][kVectors];
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(4)
    for (int v = 0; v < kVectors; ++v) sums[r][v] = start(row + r, column + v * kVec);
  }
  const float* HWY_RESTRICT a = left.data + row * left.row_stride;
  const float* HWY_RESTRICT b = right + column;
  for (int k = 0; k < depth; ++k) {
    Vec b_vectors[kVectors];
    HWY_UNROLL(4)
    for (int v = 0; v < kVectors; ++v) b_vectors[v] = load(b + v * kVec);
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      const Vec a_value = hn::Set(Tag(), a[r * left.row_stride]);
      HWY_UNROLL(4)
      for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(a_value, b_vectors[v], sums[r][v]);
    }
    a += left.depth_stride;
    b += right_stride;
  }
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(4)
    for (int v = 0; v < kVectors; ++v) finish(row + r, column + v * kVec, sums[r][v]);
  }
}

// Rows [row, rows) of one panel of columns, in tiles of kRows, then fewer.
template <int kRows, int kVectors, class L, class Start, class Finish>
HWY_INLINE void product_panel(int row, int rows, int column, int depth, L left, const float* right,
                              std::ptrdiff_t right_stride, Start start, Finish finish) {
  for (; row + kRows <= rows; row += kRows)
    product_tile<kRows, kVectors>(row, column, depth, left, right, right_stride, start, finish);
  if constexpr (kRows > 1) {
    if (row < rows)
      product_panel<(kRows > 4 ? 4 : 1), kVectors>(row, rows, column, depth, left, right, right_stride, start,
                                                   finish);
  }
}

// finish(row, column, start(row, column) + sum over k of left(row, k) * right[k * right_stride + column]) for
// every row and every vector of columns; `columns` is a multiple of kLanes.
template <class L, class Start, class Finish>
HWY_INLINE void product(int rows, int columns, int depth, L left, const float* right,
                        std::ptrdiff_t right_stride, Start start, Finish finish) {
  // As many accumulators as registers allow beside one row of the right factor and one broadcast value.
  constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3;  // 32 instead of 16
  constexpr int kRows3 = kManyRegisters ? 8 : 4, kRows2 = kManyRegisters ? 12 : 6,
                kRows1 = kManyRegisters ? 16 : 8;
  for (int column = 0; column < columns;) {
    const int vectors = (columns - column) / kVec;
    if (vectors == 3 || vectors > 4) {
      product_panel<kRows3, 3>(0, rows, column, depth, left, right, right_stride, start, finish);
      column += 3 * kVec;
    } else if (vectors >= 2) {
      product_panel<kRows2, 2>(0, rows, column, depth, left, right, right_stride, start, finish);
      column += 2 * kVec;
    } else {
      product_panel<kRows1, 1>(0, rows, column, depth, left, right, right_stride, start, finish);
      column += kVec;
    }
  }
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
