#include "mudra/device/s3/self_check.hpp"

#include <cstdint>
#include <cstring>

#include "device/s3/packing.hpp"
#include "device/s3/weights.hpp"

namespace mudra::device::s3 {
namespace {

using Kind = Operation::Kind;

constexpr Range kInt8 = range_of(Width::kInt8), kInt16 = range_of(Width::kInt16);
// As arrange leaves what lies between two kernels: kZero is added.
constexpr Range kShifted = {0, 100};
constexpr std::int8_t kZero = 27;

// clang-format off
constexpr Sample kSamples[] = {
    // First
    {.side = 3, .stride = 2, .pad = 1, .in_width = 32, .in_channels = 1, .out_channels = 32, .shift = 8,
     .out_range = kShifted, .out_zero = kZero},
    // Expand
    {.in_channels = 16, .out_channels = 32, .shift = 7, .out_range = kShifted, .out_zero = kZero},
    {.in_width = 6, .in_channels = 24, .out_channels = 16, .shift = 8},
    {.in_channels = 32, .out_channels = 32, .shift = 8, .out_range = kShifted, .out_zero = kZero},
    // Pointwise
    {.in_channels = 48, .out_channels = 32, .shift = 8, .in_range = kShifted, .in_zero = kZero},
    {.in_channels = 32, .out_channels = 16, .shift = 7, .out_range = {-90, 60}},
    {.in_channels = 16, .out_channels = 24, .shift = 7},
    {.in_channels = 48, .out_channels = 8, .shift = 7, .in_range = kShifted, .out_range = {0, 60},
     .in_zero = kZero},
    // Depthwise 3x3: an odd and an even number of columns, with and without padding at the right end
    {.depthwise = true, .side = 3, .pad = 1, .in_channels = 32, .out_channels = 32, .shift = 6,
     .in_range = kShifted, .out_range = kShifted, .in_zero = kZero, .out_zero = kZero},
    {.depthwise = true, .side = 3, .in_width = 6, .shift = 7},
    {.depthwise = true, .side = 3, .stride = 2, .pad = 1, .in_channels = 32, .out_channels = 32, .shift = 6,
     .in_range = kShifted, .out_range = kShifted, .in_zero = kZero, .out_zero = kZero},
    {.depthwise = true, .side = 3, .stride = 2, .pad = 1, .in_width = 6, .shift = 7},
    // Any window
    {.side = 3, .pad = 1, .in_channels = 5, .out_channels = 19, .shift = 8},
    {.saturates = true, .side = 3, .stride = 2, .pad = 1, .in_channels = 3, .shift = 13},
    {.width = Width::kInt16, .side = 3, .pad = 1, .in_channels = 3, .out_channels = 11, .shift = 17,
     .in_range = kInt16, .out_range = {-20000, 32767}},
    {.width = Width::kInt16, .saturates = true, .side = 3, .stride = 2, .pad = 1, .in_channels = 3,
     .out_channels = 8, .shift = 25, .in_range = kInt16, .out_range = kInt16},
    {.depthwise = true, .side = 3, .pad = 1, .in_channels = 19, .out_channels = 19, .shift = 7},
    {.depthwise = true, .saturates = true, .side = 3, .stride = 2, .pad = 1, .shift = 13},
    {.width = Width::kInt16, .depthwise = true, .side = 3, .pad = 1, .in_channels = 11, .out_channels = 11,
     .shift = 17, .in_range = kInt16, .out_range = {-20000, 32767}},
    {.width = Width::kInt16, .depthwise = true, .saturates = true, .side = 3, .stride = 2, .pad = 1,
     .in_channels = 8, .out_channels = 8, .shift = 25, .in_range = kInt16, .out_range = kInt16},
    // Element by element
    {.kind = Kind::kAdd},
    {.kind = Kind::kAdd, .shift = 3},
    {.kind = Kind::kAdd, .shift = -2},
    {.kind = Kind::kAdd, .width = Width::kInt16, .in_range = kInt16, .out_range = kInt16},
    {.kind = Kind::kClamp, .out_range = {-20, 90}},
    {.kind = Kind::kClamp, .width = Width::kInt16, .in_range = kInt16, .out_range = {-2000, 9000}},
    {.kind = Kind::kConvert, .shift = -8},
    {.kind = Kind::kConvert, .width = Width::kInt16, .shift = 7, .in_range = kInt16},
    // Average
    {.kind = Kind::kAveragePool, .side = 3, .in_width = 3, .in_channels = 32, .out_channels = 32},
};
// clang-format on

Operation operation_of(const Sample& sample) {
  Operation operation;
  operation.kind = sample.kind;
  operation.in = operation.out = operation.second_width = sample.width;
  operation.in_height = sample.side;
  operation.in_width = sample.in_width;
  operation.in_channels = sample.in_channels;
  operation.out_channels = sample.out_channels;
  operation.out_width =
      static_cast<std::uint16_t>((sample.in_width + 2 * sample.pad - sample.side) / sample.stride + 1);
  operation.out_step = static_cast<std::uint16_t>(out_pixel_bytes(operation));
  operation.window = {sample.side, sample.side, sample.stride, sample.stride, sample.pad, sample.pad};
  operation.in_range = sample.in_range;
  operation.out_range = sample.out_range;
  operation.convolution.depthwise = sample.depthwise;
  if (sample.kind == Kind::kConvolution)
    operation.convolution.shift = static_cast<std::uint8_t>(sample.shift);
  else
    operation.shift = sample.shift;
  if (sample.kind != Kind::kConvert) return operation;
  operation.out = sample.width == Width::kInt8 ? Width::kInt16 : Width::kInt8;
  operation.out_step = static_cast<std::uint16_t>(out_pixel_bytes(operation));
  return operation;
}

// Pieces of a memory, each at a multiple of kAlignment. Where there is no room for one, all are missing.
class Pieces {
 public:
  explicit Pieces(std::span<std::byte> memory) : memory_(memory) {}

  std::byte* take(std::size_t bytes) {
    bytes = align_up(static_cast<std::uint32_t>(bytes));
    if (bytes > memory_.size()) memory_ = {}, is_short_ = true;
    if (is_short_) return nullptr;
    std::byte* const piece = memory_.data();
    memory_ = memory_.subspan(bytes);
    return piece;
  }
  bool is_short() const { return is_short_; }

 private:
  std::span<std::byte> memory_;
  bool is_short_ = false;
};

// One sample: its numbers and its results lie in the pieces of a memory.
class Trial {
 public:
  Trial(const Sample& sample, std::uint32_t seed, std::span<std::byte> memory)
      : sample_(sample), operation_(operation_of(sample)), pieces_(memory), random_(seed) {}

  // The form if it is wrong.
  std::optional<Form> run() {
    if (!make_weights() || !make_room()) return Form::kPortable;
    const int cases = sample_.pad > 0 ? 2 : 1;  // no row above the picture, no row below it
    for (int i = 0; i < cases; ++i) {
      for (int y = 0; y < sample_.side; ++y) rows_[y] = input_ + y * row_bytes();
      if (sample_.pad > 0) rows_[i == 0 ? 0 : sample_.side - 1] = nullptr;
      if (!is_equal()) return form_of(fast_);
    }
    return std::nullopt;
  }

 private:
  bool is_int8() const { return sample_.width == Width::kInt8; }
  int row_bytes() const {
    return static_cast<int>(align_up(operation_.in_width * in_pixel_bytes(operation_)));
  }
  int out_bytes() const { return static_cast<int>(operation_.out_width * out_pixel_bytes(operation_)); }

  std::uint32_t random() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return random_;
  }
  // Every fourth number is an end of the range.
  int random(Range range) {
    const std::uint32_t bits = random();
    if (bits % 4 == 0) return bits >> 31 ? range.high : range.low;
    return range.low + static_cast<int>((bits >> 8) % static_cast<std::uint32_t>(range.high - range.low + 1));
  }
  void fill(std::byte* to, int bytes, Range range) {
    for (int i = 0; i < bytes; i += static_cast<int>(bytes_of(sample_.width))) {
      const int value = random(range);
      to[i] = static_cast<std::byte>(value);
      if (!is_int8()) to[i + 1] = static_cast<std::byte>(value >> 8);
    }
  }

  // False: no room.
  bool make_weights() {
    if (sample_.kind != Kind::kConvolution) return true;
    Convolution& convolution = operation_.convolution;
    const int count = taps_of(operation_) * inputs_of(operation_) * operation_.out_channels;
    const int bytes = count * static_cast<int>(bytes_of(sample_.width));
    std::byte* const weights = pieces_.take(bytes);
    std::byte* const bias = pieces_.take(operation_.out_channels * sizeof(std::int64_t));
    if (pieces_.is_short()) return false;
    constexpr Range kNoLaneSaturates = {-100, 100};
    fill(weights, bytes, is_int8() && !sample_.saturates ? kNoLaneSaturates : range_of(sample_.width));
    const int bits = is_int8() ? Accumulators<std::int8_t>::kLaneBits : Accumulators<std::int16_t>::kLaneBits;
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    for (int channel = 0; channel < operation_.out_channels; ++channel) {
      std::int64_t value = random({-1000, 1000});
      if (sample_.saturates) value += value < 0 ? 1000 - limit : limit - 1001;
      std::memcpy(bias + channel * sizeof value, &value, sizeof value);
    }
    convolution.weights = weights;
    convolution.bias = bias;
    convolution.wide_bias = true;
    convolution.saturates = !sums_fit(operation_);
    return true;
  }

  bool make_room() {
    fast_ = operation_;
    fast_.in_zero = sample_.in_zero;
    fast_.out_zero = sample_.out_zero;
    constexpr std::uint8_t kLead = 2 * kVector;
    fast_.lead_bytes = kLead;
    const Kernels& fast = kernels();
    if (form_of(fast_) == Form::kPortable) fast_.in_zero = fast_.out_zero = 0;
    const std::size_t slack = fast.slack_bytes;
    std::byte* const packed = pieces_.take(fast.packed_bytes(fast_));
    scratch_ = pieces_.take(fast.scratch_bytes(fast_));
    input_ = pieces_.take(row_bytes() * sample_.side + slack);
    second_ = pieces_.take(row_bytes() + slack);
    sums_ = pieces_.take(operation_.out_width * operation_.out_channels * sizeof(std::int32_t));
    expected_ = pieces_.take(out_bytes());
    pieces_.take(kLead);
    out_ = pieces_.take(out_bytes() + slack);
    if (pieces_.is_short()) return false;
    fast.pack(fast_, packed);
    fast_.convolution.packed = packed;
    return true;
  }

  bool is_equal() {
    fill(input_, row_bytes() * sample_.side, sample_.in_range);
    fill(second_, row_bytes(), sample_.in_range);
    run_kernel(portable_kernels(), operation_, expected_);
    for (int i = 0; i < row_bytes() * sample_.side; ++i) input_[i] = shifted(input_[i], fast_.in_zero);
    run_kernel(kernels(), fast_, out_);
    for (int i = 0; i < out_bytes(); ++i)
      if (out_[i] != shifted(expected_[i], fast_.out_zero)) return false;
    return true;
  }
  static std::byte shifted(std::byte value, int zero) {
    return static_cast<std::byte>(std::to_integer<int>(value) + zero);
  }

  void run_kernel(const Kernels& kernels, const Operation& operation, std::byte* out) {
    const Kernel kernel = kernels.choose(operation);
    Tile tile{.rows = rows_,
              .second = second_,
              .out = out,
              .pixels = operation.out_width,
              .sums = sums_,
              .scratch = scratch_};
    if (!is_pool(operation.kind)) return kernel(operation, tile);
    tile.step = Tile::Step::kStart;
    kernel(operation, tile);
    tile.step = Tile::Step::kTake;
    tile.pixels = operation.in_width;
    for (int y = 0; y < sample_.side; ++y, ++tile.rows) kernel(operation, tile);
    tile.step = Tile::Step::kFinish;
    kernel(operation, tile);
  }

  const Sample& sample_;
  Operation operation_, fast_;
  Pieces pieces_;
  std::uint32_t random_;
  const std::byte* rows_[kMaxKernelSide] = {};
  std::byte *input_ = nullptr, *second_ = nullptr, *sums_ = nullptr, *scratch_ = nullptr;
  std::byte *expected_ = nullptr, *out_ = nullptr;
};

}  // namespace

std::optional<Form> wrong_form(const Sample& sample, std::uint32_t seed, std::span<std::byte> memory) {
  return Trial(sample, seed, memory).run();
}

std::optional<Form> first_wrong_form(std::span<std::byte, kSelfCheckBytes> memory) {
  std::uint32_t seed = 1;
  for (const Sample& sample : kSamples)
    if (const auto wrong = wrong_form(sample, seed++, memory)) return wrong;
  return std::nullopt;
}

}  // namespace mudra::device::s3
