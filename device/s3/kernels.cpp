#include "mudra/device/s3/kernels.hpp"

#include <algorithm>
#include <cstring>

#include "device/s3/packing.hpp"
#include "device/s3/weights.hpp"
#include "mudra/device/network.hpp"
#include "mudra/device/s3/routine.hpp"

namespace mudra::device::s3 {
namespace {

using Kind = Operation::Kind;

// Bytes behind a tensor that some routine reads.
constexpr int kSlack = 3 * kVector;

constexpr std::uint32_t u32(int value) { return static_cast<std::uint32_t>(value); }

std::uint32_t reads_packed(const Operation& operation, Form form) {
  const std::size_t bytes = kIsChip ? 0 : packed_bytes(operation, form);
  return reads(operation.convolution.packed, static_cast<std::uint32_t>(bytes));
}

// Whole input rows of a tile.
std::uint32_t reads_row(const Operation& operation, const std::byte* row) {
  return reads(row, operation.in_width * in_pixel_bytes(operation) + kSlack);
}
std::uint32_t writes_row(const Operation& operation, std::byte* out, std::uint32_t before = 0) {
  return writes(out, operation.out_width * out_pixel_bytes(operation), before);
}

// A row of a window of three, and the step from vector to vector in it: where it is above or below the
// picture 0, and `outside` is read.
struct WindowRow {
  WindowRow(const Operation& operation, const std::byte* row, const void* outside, std::uint32_t inside_step)
      : address(row == nullptr ? reads(outside, kVector) : reads_row(operation, row)),
        step(row == nullptr ? 0 : inside_step) {}
  std::uint32_t address, step;
};

void run_first(const Operation& operation, const Tile& tile) {
  alignas(kVector) static constexpr std::int8_t kZeros[kVector] = {};
  for (std::uint32_t block = 0; block * kVector < operation.out_channels; ++block) {
    const WindowRow row0(operation, tile.rows[0], kZeros, kVector),
        row1(operation, tile.rows[1], kZeros, kVector), row2(operation, tile.rows[2], kZeros, kVector);
    const std::uint32_t words[] = {writes_row(operation, tile.out) + block * kVector,
                                   row0.address,
                                   row1.address,
                                   row2.address,
                                   reads_packed(operation, Form::kFirst) + block * kFirstBlock,
                                   operation.in_width / u32(kVector),
                                   operation.convolution.shift,
                                   operation.out_step,
                                   row0.step,
                                   row1.step,
                                   row2.step};
    call(mudra_s3_first3, words);
  }
}

void run_expand(const Operation& operation, const Tile& tile) {
  const std::uint32_t words[] = {writes_row(operation, tile.out, 2 * kVector),
                                 reads_row(operation, tile.rows[0]),
                                 reads_packed(operation, Form::kExpand),
                                 u32(tile.pixels),
                                 u32(blocks_of(operation)),
                                 operation.convolution.shift};
  call(operation.in_channels == 16   ? mudra_s3_expand16
       : operation.in_channels == 24 ? mudra_s3_expand24
                                     : mudra_s3_expand32,
       words);
}

template <bool kWhole, bool kClamps>
void run_pointwise(const Operation& operation, const Tile& tile) {
  const std::uint32_t packed = reads_packed(operation, Form::kPointwise);
  const std::uint32_t words[] = {writes_row(operation, tile.out),
                                 reads_row(operation, tile.rows[0]),
                                 packed,
                                 u32(tile.pixels),
                                 operation.in_channels / u32(kVector),
                                 operation.out_channels / 16u,
                                 operation.convolution.shift,
                                 packed + u32(weights_after(kPointwiseLanes, operation))};
  call(kWhole    ? kClamps ? mudra_s3_pointwise16_clamped : mudra_s3_pointwise16
       : kClamps ? mudra_s3_pointwise8_clamped
                 : mudra_s3_pointwise8,
       words);
}

Kernel choose_pointwise(const Operation& operation) {
  const bool clamps = operation.out_range.low + operation.out_zero > -128 ||
                      operation.out_range.high + operation.out_zero < 127;
  if (operation.out_channels % 16 == 0)
    return clamps ? run_pointwise<true, true> : run_pointwise<true, false>;
  return clamps ? run_pointwise<false, true> : run_pointwise<false, false>;
}

template <int kStride>
void run_depthwise3(const Operation& operation, const Tile& tile) {
  const auto& fixed = *static_cast<const Depthwise3Arguments*>(operation.convolution.packed);
  const WindowRow row0(operation, tile.rows[0], fixed.outside, fixed.channels),
      row1(operation, tile.rows[1], fixed.outside, fixed.channels),
      row2(operation, tile.rows[2], fixed.outside, fixed.channels);
  const auto back = [&](const WindowRow& row) { return row.step == 0 ? 0 : fixed.row_back; };
  const std::uint32_t words[] = {writes_row(operation, tile.out),
                                 row0.address,
                                 row1.address,
                                 row2.address,
                                 reads_packed(operation, Form::kDepthwise3) + u32(sizeof fixed),
                                 fixed.pixels,
                                 fixed.blocks,
                                 fixed.shift,
                                 fixed.channels,
                                 row0.step,
                                 row1.step,
                                 row2.step,
                                 reads(fixed.outside, kVector),
                                 fixed.pad_left,
                                 fixed.pad_right,
                                 fixed.one_is_left,
                                 fixed.out_back,
                                 back(row0),
                                 back(row1),
                                 back(row2)};
  call(kStride == 1 ? mudra_s3_depthwise3_stride1 : mudra_s3_depthwise3_stride2, words);
}

// Any window: windows that lie in the picture side by side, and those that reach beyond its edges one by one
// with their inputs in the scratch memory, zeros around them.
class AnyConvolution {
 public:
  AnyConvolution(const Operation& operation, const Tile& tile, bool exact)
      : operation_(operation), tile_(tile), exact_(exact) {}

  // Of a row of outputs that cannot be written where they belong, and of a window's rows.
  static int out_bytes(const Operation& operation) {
    return operation.out_width * blocks_of(operation) * kVector;
  }
  static int window_row_bytes(const Operation& operation) {
    const int columns = operation.window.kernel_w * static_cast<int>(in_pixel_bytes(operation));
    return (columns + kSlack + kVector - 1) / kVector * kVector;
  }

  void run() {
    const int pixel_bytes = blocks_of(operation_) * kVector;
    const bool is_direct = operation_.out_step == pixel_bytes && operation_.is_aligned;
    out_ = is_direct ? tile_.out : tile_.scratch;
    const int end = tile_.pixels;
    int x = 0;
    while (x < end && !is_inside(x)) run_edge(x++);
    int inside = 0;
    while (x + inside < end && is_inside(x + inside)) ++inside;
    if (inside > 0) run_inside(x, inside);
    for (x += inside; x < end; ++x) run_edge(x);
    if (is_direct) return;
    for (int i = 0; i < end; ++i)
      std::memcpy(tile_.out + i * operation_.out_step, out_ + i * pixel_bytes, out_pixel_bytes(operation_));
  }

 private:
  int left_of(int x) const { return (tile_.x + x) * operation_.window.stride_w - operation_.window.pad_left; }
  bool is_inside(int x) const {
    return left_of(x) >= 0 && left_of(x) + operation_.window.kernel_w <= operation_.in_width;
  }

  void run_inside(int x, int pixels) {
    const std::byte* rows[kMaxKernelSide];
    const int offset = left_of(x) * static_cast<int>(in_pixel_bytes(operation_));
    for (int ky = 0; ky < operation_.window.kernel_h; ++ky)
      rows[ky] = tile_.rows[ky] == nullptr ? nullptr : tile_.rows[ky] + offset;
    call_for(rows, x, pixels);
  }

  void run_edge(int x) {
    const std::byte* rows[kMaxKernelSide];
    const int left = left_of(x), pixel = static_cast<int>(in_pixel_bytes(operation_));
    const int first = std::max(0, -left);
    const int last = std::min<int>(operation_.window.kernel_w, operation_.in_width - left);
    std::byte* to = tile_.scratch + out_bytes(operation_);
    for (int ky = 0; ky < operation_.window.kernel_h; ++ky, to += window_row_bytes(operation_)) {
      rows[ky] = tile_.rows[ky] == nullptr ? nullptr : to;
      if (rows[ky] == nullptr) continue;
      std::memset(to, 0, static_cast<std::size_t>(window_row_bytes(operation_)));
      if (last > first)
        std::memcpy(to + first * pixel, tile_.rows[ky] + (left + first) * pixel,
                    static_cast<std::size_t>((last - first) * pixel));
    }
    call_for(rows, x, 1);
  }

  void call_for(const std::byte* const* rows, int x, int pixels) {
    const bool depthwise = operation_.convolution.depthwise, is_int8 = operation_.in == Width::kInt8;
    const Window& window = operation_.window;
    const std::uint32_t pixel = in_pixel_bytes(operation_), in_step = window.stride_w * pixel;
    const std::uint32_t window_bytes =
        depthwise ? u32(window.kernel_w) * pixel : u32(row_vectors(operation_)) * kVector;
    const std::uint32_t row_bytes = u32(pixels - 1) * in_step + window_bytes + 2 * kVector;
    std::uint32_t addresses[kMaxKernelSide];
    for (int ky = 0; ky < window.kernel_h; ++ky)
      addresses[ky] = rows[ky] == nullptr
                          ? 0
                          : reads(rows[ky], row_bytes, reinterpret_cast<std::uintptr_t>(rows[ky]) % kVector);
    const std::uint32_t packed = reads_packed(operation_, depthwise ? Form::kDepthwise : Form::kConvolution);
    const std::uint32_t bytes = u32(blocks_of(operation_)) * kVector;
    const std::uint32_t words[] = {writes(out_ + u32(x) * bytes, u32(pixels) * bytes),
                                   reads(addresses, sizeof addresses),
                                   packed,
                                   packed + u32(weights_after(kConvolutionLanes, operation_)),
                                   u32(pixels),
                                   u32(row_vectors(operation_)),
                                   window.kernel_h,
                                   u32(blocks_of(operation_)),
                                   operation_.convolution.shift,
                                   in_step,
                                   bytes,
                                   exact_ ? 1u : 0u,
                                   pixel};
    if (depthwise)
      call(is_int8 ? mudra_s3_depthwise8 : mudra_s3_depthwise16, words);
    else
      call(is_int8 ? mudra_s3_convolution8 : mudra_s3_convolution16, words);
  }

  const Operation& operation_;
  const Tile& tile_;
  const bool exact_;
  std::byte* out_ = nullptr;
};

template <bool kExact>
void run_convolution(const Operation& operation, const Tile& tile) {
  AnyConvolution(operation, tile, kExact).run();
}

std::uint32_t vectors_of(const Operation& operation) {
  return operation.out_width * out_pixel_bytes(operation) / kVector;
}

void run_add(const Operation& operation, const Tile& tile) {
  const std::uint32_t out = writes_row(operation, tile.out), a = reads_row(operation, tile.rows[0]);
  const std::uint32_t b = reads_row(operation, tile.second);
  if (operation.shift == 0) {
    const std::uint32_t words[] = {out, a, b, vectors_of(operation)};
    return call(operation.in == Width::kInt8 ? mudra_s3_add8 : mudra_s3_add16, words);
  }
  if (operation.shift < 0) {
    const std::uint32_t words[] = {out, a, b, vectors_of(operation), 1u << -operation.shift};
    return call(mudra_s3_add_left8, words);
  }
  constexpr std::uint32_t kOne = 1 << 8;
  const std::uint32_t words[] = {
      out, a, b, vectors_of(operation), u32(operation.shift), (1u << (operation.shift - 1)) | kOne};
  call(mudra_s3_add_shifted8, words);
}

void run_clamp(const Operation& operation, const Tile& tile) {
  const std::uint32_t words[] = {writes_row(operation, tile.out), reads_row(operation, tile.rows[0]),
                                 vectors_of(operation), u32(operation.out_range.low),
                                 u32(operation.out_range.high)};
  call(operation.in == Width::kInt8 ? mudra_s3_clamp8 : mudra_s3_clamp16, words);
}

void run_convert(const Operation& operation, const Tile& tile) {
  const std::uint32_t out = writes_row(operation, tile.out), in = reads_row(operation, tile.rows[0]);
  const std::uint32_t vectors = operation.out_width * operation.out_channels / 16u;
  constexpr std::uint32_t kOne = 1;
  if (operation.out == Width::kInt16) {
    const std::uint32_t words[] = {out, in, vectors, u32(8 + operation.shift), kOne};
    return call(mudra_s3_convert_to16, words);
  }
  constexpr std::uint32_t kBounds = 0xff80 | 127u << 16;  // -128 and 127
  const std::uint32_t half = (1u << operation.shift) >> 1;
  const std::uint32_t words[] = {out, in, vectors, u32(operation.shift), half | kOne << 16, kBounds};
  call(mudra_s3_convert_to8, words);
}

// The sum in a lane of an image that LOAD_LANES reads.
std::int32_t lane_of(const std::byte* image, int lane) {
  const auto byte = [&](int i) {
    const int half = lane / 8;  // its bytes 0 to 15, then 16 to 19
    return std::to_integer<std::uint32_t>(i < 16 ? image[half * 16 + i] : image[32 + half * 4 + i - 16]);
  };
  const int bit = lane % 8 * 20, first = bit / 8;
  const std::uint32_t bits = byte(first) | byte(first + 1) << 8 | byte(first + 2) << 16;
  return static_cast<std::int32_t>(bits << (12 - bit % 8)) >> 12;
}

void run_average(const Operation& operation, const Tile& tile) {
  const int blocks = operation.in_channels / kVector;
  switch (tile.step) {
    case Tile::Step::kStart:
      std::memset(tile.sums, 0, static_cast<std::size_t>(blocks * kLaneImage));
      return;
    case Tile::Step::kTake: {
      const std::uint32_t words[] = {reads(tile.rows[0], u32(tile.pixels) * operation.in_channels),
                                     writes(tile.sums, u32(blocks * kLaneImage)),
                                     u32(tile.pixels),
                                     u32(blocks),
                                     operation.in_channels,
                                     1};
      return call(mudra_s3_add_pixels8, words);
    }
    case Tile::Step::kFinish:
      const Reciprocal one_over_area = reciprocal(operation.window.kernel_h * operation.window.kernel_w);
      for (int channel = 0; channel < operation.in_channels; ++channel)
        tile.out[channel] = static_cast<std::byte>(average_of_float<std::int8_t>(
            lane_of(tile.sums + channel / kVector * kLaneImage, channel % kVector), one_over_area,
            operation.shift));
  }
}

std::size_t packed_bytes_of(const Operation& operation) {
  return packed_bytes(operation, form_of(operation));
}
void pack_form(const Operation& operation, std::byte* to) { pack(operation, form_of(operation), to); }

std::size_t scratch_bytes(const Operation& operation) {
  const Form form = form_of(operation);
  if (form != Form::kConvolution && form != Form::kDepthwise) return 0;
  return static_cast<std::size_t>(AnyConvolution::out_bytes(operation) +
                                  operation.window.kernel_h * AnyConvolution::window_row_bytes(operation));
}

Kernel choose(const Operation& operation) {
  switch (form_of(operation)) {
    case Form::kPortable:
      break;
    case Form::kFirst:
      return run_first;
    case Form::kExpand:
      return run_expand;
    case Form::kPointwise:
      return choose_pointwise(operation);
    case Form::kDepthwise3:
      return operation.window.stride_w == 1 ? run_depthwise3<1> : run_depthwise3<2>;
    case Form::kConvolution:
    case Form::kDepthwise:
      return rounds_at_once(operation) ? run_convolution<false> : run_convolution<true>;
    case Form::kAdd:
      return run_add;
    case Form::kClamp:
      return run_clamp;
    case Form::kConvert:
      return run_convert;
    case Form::kAverage:
      return run_average;
  }
  return portable_kernels().choose(operation);
}

}  // namespace

const Kernels& kernels() {
  static constexpr Kernels kKernels{.id = kKernelsId,
                                    .version = kPackingVersion,
                                    .tile_pixels = kMaxSide,
                                    .slack_bytes = kSlack,
                                    .arrange = arrange,
                                    .scratch_bytes = scratch_bytes,
                                    .packed_bytes = packed_bytes_of,
                                    .pack = pack_form,
                                    .choose = choose};
  return kKernels;
}

}  // namespace mudra::device::s3
