// Register-tiled matrix products and small vector operations, compiled once per instruction set
// (Highway's foreach_target; no include guard but Highway's toggle).
//
// Every element of a result is one chain of fused multiply-adds in the order of the inner index, whatever the
// tile and the vector width: AVX2 and AVX-512 give the same bytes.
#if defined(MUDRA_GRAPH_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_GRAPH_PRODUCTS_INL_H_
#undef MUDRA_GRAPH_PRODUCTS_INL_H_
#else
#define MUDRA_GRAPH_PRODUCTS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <type_traits>

#include "mudra/graph/kernels/layout.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::graph::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kLanes>;
using Vec = hn::Vec<Tag>;
inline constexpr int kVec = static_cast<int>(hn::MaxLanes(Tag()));
static_assert(kLanes % kVec == 0);

HWY_INLINE Vec load(const float* from) { return hn::Load(Tag(), from); }
HWY_INLINE void store(Vec value, float* to) { hn::Store(value, Tag(), to); }

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

// Rows [.., stride]: (row, k).
template <class Stride>
HWY_INLINE Left<Stride, Constant<1>> rows_of(const float* data, Stride stride) {
  return {data, stride, {}};
}

// Columns [.., stride] of rows that lie across: (row, k) is data[row + k * stride].
template <class Stride>
HWY_INLINE Left<Constant<1>, Stride> columns_of(const float* data, Stride stride) {
  return {data, {}, stride};
}

// Not inlined: on its own the tile's accumulators and its row of the right factor stay in registers, while
// inside a larger function of training's GCC 12 spills them. bench/training_bench.cpp shows it at once.
// Arguments by reference: copying them to the stack costs more than reading them there.
template <int kRows, int kVectors, class RowStride, class DepthStride, class Start, class Finish>
HWY_NOINLINE void product_tile(int row, int column, int depth,
                               const Left<RowStride, DepthStride>& left_factor,
                               const float* HWY_RESTRICT right, std::ptrdiff_t right_stride,
                               const Start& start_of, const Finish& finish_of) {
  const Left<RowStride, DepthStride> left = left_factor;
  const Start start = start_of;
  const Finish finish = finish_of;
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
HWY_INLINE void product_panel(int row, int rows, int column, int depth, const L& left, const float* right,
                              std::ptrdiff_t right_stride, const Start& start, const Finish& finish) {
  for (; row + kRows <= rows; row += kRows)
    product_tile<kRows, kVectors>(row, column, depth, left, right, right_stride, start, finish);
  if constexpr (kRows > 1) {
    if (row < rows)
      product_panel<(kRows > 4 ? 4 : 1), kVectors>(row, rows, column, depth, left, right, right_stride, start,
                                                   finish);
  }
}

// finish(row, column, start(row, column) + sum over k of left(row, k) * right[k * right_stride + column]) for
// every row and every vector of padded(columns); `right` is zero beyond `columns`.
template <class L, class Start, class Finish>
HWY_INLINE void product(int rows, int columns, int depth, L left, const float* right,
                        std::ptrdiff_t right_stride, Start start, Finish finish) {
  // As many accumulators as registers allow beside one row of the right factor and one broadcast value.
  constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3;  // 32 instead of 16
  constexpr int kRows3 = kManyRegisters ? 8 : 4, kRows2 = kManyRegisters ? 12 : 6,
                kRows1 = kManyRegisters ? 16 : 8;
  int column = 0;
  while (column < columns) {
    const int vectors = (columns - column + kVec - 1) / kVec;
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
  for (; column < padded(columns); column += kVec)
    for (int row = 0; row < rows; ++row) finish(row, column, start(row, column));
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::graph::kernels
HWY_AFTER_NAMESPACE();

#endif
