// Dense convolutions, also those of one pixel, as dot products. Included once per instruction set.
#if defined(MUDRA_DEVICE_HOST_DENSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_DEVICE_HOST_DENSE_INL_H_
#undef MUDRA_DEVICE_HOST_DENSE_INL_H_
#else
#define MUDRA_DEVICE_HOST_DENSE_INL_H_
#endif

#include <algorithm>
#include <cstring>
#include <iterator>

#include "device/host/dot-inl.h"
#include "device/host/packing.hpp"
#include "mudra/device/kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

constexpr int kMaxGathered = 2048;  // bytes of a window that is copied
constexpr int kJoined = 4;

// A dense convolution as dot products of whole window rows. A row of a window is kernel_w * in_channels
// neighbouring bytes, taken four at a time. As long as there are kBytes output channels, a panel is four
// registers of them in the order that join() needs; then come panels of up to three in plain order.
// Packed: the biases, padded to whole registers; for each register that begins a panel, its steps; then for
// each register of output channels the weights: [step][channel][4].
//
// A step is a four of inputs and its weights, or two of the four if the products of neighbours might not fit
// 16 bits. Of each window row come pairs of steps whose sums fit 16 bits when added, then single steps.
// Packed are [kMaxKernelSide] numbers of pairs, as many of singles, and each step's offset in the window row.
// Where kTakesAllBytes there is no such table: steps are all fours, in order.
struct Dense {
  explicit Dense(const Operation& made)
      : operation(made),
        convolution(operation.convolution),
        low(operation.out_range.low),
        high(operation.out_range.high),
        is_signed(operation.in_range.low < 0),
        most_input(is_signed ? 255 : operation.in_range.high),
        row_bytes(operation.window.kernel_w * operation.in_channels),
        fours((row_bytes + 3) / 4),
        most_steps(operation.window.kernel_h * fours * (is_signed && !kTakesAllBytes ? 2 : 1)),
        joined(operation.out_channels / kBytes * kJoined),
        registers((operation.out_channels + kWords - 1) / kWords),
        register_bytes(most_steps * kBytes) {}

  int step_words() const {
    constexpr int kLine = 32;
    return kTakesAllBytes ? 0 : (2 * kMaxKernelSide + most_steps + kLine - 1) / kLine * kLine;
  }
  std::size_t packed_bytes() const {
    return static_cast<std::size_t>(registers) *
           (kBytes + step_words() * sizeof(std::uint16_t) + register_bytes);
  }
  const std::int32_t* biases() const { return static_cast<const std::int32_t*>(convolution.packed); }
  const std::uint16_t* steps(int first_register) const {
    return reinterpret_cast<const std::uint16_t*>(biases() + registers * kWords) +
           first_register * step_words();
  }
  const std::int8_t* weights(int first_register) const {
    return reinterpret_cast<const std::int8_t*>(steps(registers)) + first_register * register_bytes;
  }
  // Registers of the panel that begins here.
  int panel(int first_register) const {
    return first_register < joined ? kJoined : std::min(registers - first_register, kJoined - 1);
  }

  const Operation& operation;
  const Convolution& convolution;
  const int low, high;
  const bool is_signed;  // then 128 is added to each input, and taken off again in the biases
  const int most_input;
  const int row_bytes, fours;
  const int most_steps;
  const int joined, registers;  // registers of output channels: to join, and all
  const int register_bytes;     // of weights
};

// The weight of an output channel at input i of its window (kernel row, kernel column, input channel).
inline std::int8_t weight_of(const Operation& operation, int window, int channel, int i) {
  const auto* weights = static_cast<const std::int8_t*>(operation.convolution.weights);
  const int in_blocks = operation.out_channels / kLanesInFile * kLanesInFile;
  if (channel >= in_blocks) return weights[channel * window + i];
  return weights[channel / kLanesInFile * kLanesInFile * window + i * kLanesInFile + channel % kLanesInFile];
}

// The output channel of a register's lane; none if it is not below out_channels.
inline int channel_of(const Dense& dense, int of_register, int lane) {
  if (of_register >= dense.joined) return of_register * kWords + lane;
  return of_register / kJoined * kBytes + lane / 4 * 16 + of_register % kJoined * 4 + lane % 4;
}

// The weights of a panel's window row.
struct PanelRow {
  const Dense& dense;
  int first_register, ky;

  std::int8_t weight(int of_register, int lane, int x) const {
    const int channel = channel_of(dense, of_register, lane);
    if (channel >= dense.operation.out_channels || x >= dense.row_bytes) return 0;
    return weight_of(dense.operation, dense.operation.window.kernel_h * dense.row_bytes, channel,
                     ky * dense.row_bytes + x);
  }
};

struct Step {
  static constexpr int kWhole = 0b1111, kEven = 0b0101, kOdd = 0b1010;
  int offset, taken;                           // its first input, and which of the four have weights
  std::int16_t most[kJoined * 2 * kWords]{};   // of each 16-bit sum: the sum of the weights above zero
  std::int16_t least[kJoined * 2 * kWords]{};  // and below

  Step() = default;
  Step(const PanelRow& row, int at, int inputs) : offset(at), taken(inputs) {
    int sum = 0;
    for (int r = 0; r < row.dense.panel(row.first_register); ++r)
      for (int lane = 0; lane < kWords; ++lane)
        for (int half = 0; half < 2; ++half, ++sum)
          for (int x = 2 * half; x < 2 * half + 2; ++x) {
            const int weight =
                (taken >> x & 1) != 0 ? row.weight(row.first_register + r, lane, offset + x) : 0;
            most[sum] = static_cast<std::int16_t>(most[sum] + std::max(weight, 0));
            least[sum] = static_cast<std::int16_t>(least[sum] + std::min(weight, 0));
          }
  }
};

// Whether the sums of both steps together fit 16 bits whatever the inputs.
inline bool fit(const Step& a, const Step& b, int most_input) {
  for (int i = 0; i < static_cast<int>(std::size(a.most)); ++i)
    if ((a.most[i] + b.most[i]) * most_input > 32767 || (a.least[i] + b.least[i]) * most_input < -32768)
      return false;
  return true;
}

// The steps of a window row: first pairs, then single ones. Returns how many steps and how many pairs.
struct StepCount {
  int steps, pairs;
};
inline StepCount make_steps(const PanelRow& row, Step* steps) {
  StepCount count{};
  for (int offset = 0; offset < row.dense.row_bytes; offset += 4) {
    const Step whole(row, offset, Step::kWhole);
    if (kTakesAllBytes || fit(whole, {}, row.dense.most_input)) {
      steps[count.steps++] = whole;
    } else {
      steps[count.steps++] = Step(row, offset, Step::kEven);
      steps[count.steps++] = Step(row, offset, Step::kOdd);
    }
  }
  if (kTakesAllBytes) return count;
  Step* const end = steps + count.steps;
  Step* paired = steps;  // the end of the pairs
  for (Step* first = steps; first != end; ++first) {
    Step* const second = std::find_if(
        first + 1, end, [&](const Step& other) { return fit(*first, other, row.dense.most_input); });
    if (second == end) continue;
    std::rotate(paired, first, first + 1);
    std::rotate(paired + 1, second, second + 1);
    paired += 2;
    ++first;
  }
  count.pairs = static_cast<int>(paired - steps) / 2;
  return count;
}

inline void pack_dense(const Operation& operation, std::byte* to) {
  constexpr int kMostSteps = 2 * kMaxGathered / kMaxKernelSide / 4;
  const Dense dense(operation);
  const Convolution& convolution = dense.convolution;
  const int kernel_h = operation.window.kernel_h;
  std::memset(to, 0, dense.packed_bytes());
  auto* const biases = reinterpret_cast<std::int32_t*>(to);
  auto* const tables = reinterpret_cast<std::uint16_t*>(biases + dense.registers * kWords);
  auto* const weights = reinterpret_cast<std::int8_t*>(tables + dense.registers * dense.step_words());
  for (int first = 0; first < dense.registers; first += dense.panel(first)) {
    std::uint16_t* const table = tables + first * dense.step_words();
    std::int8_t* of_step = weights + first * dense.register_bytes;
    int packed_steps = 0;
    for (int ky = 0; ky < kernel_h; ++ky) {
      const PanelRow row{dense, first, ky};
      Step steps[kMostSteps];
      const StepCount count = make_steps(row, steps);
      if (!kTakesAllBytes) {
        table[ky] = static_cast<std::uint16_t>(count.pairs);
        table[kMaxKernelSide + ky] = static_cast<std::uint16_t>(count.steps - 2 * count.pairs);
      }
      for (int i = 0; i < count.steps; ++i, of_step += kBytes) {
        if (!kTakesAllBytes)
          table[2 * kMaxKernelSide + packed_steps++] = static_cast<std::uint16_t>(steps[i].offset);
        for (int r = 0; r < dense.panel(first); ++r)
          for (int byte = 0; byte < kBytes; ++byte)
            if ((steps[i].taken >> byte % 4 & 1) != 0)
              of_step[r * dense.register_bytes + byte] =
                  row.weight(first + r, byte / 4, steps[i].offset + byte % 4);
      }
    }
  }
  const int window = kernel_h * dense.row_bytes;
  for (int r = 0; r < dense.registers; ++r)
    for (int lane = 0; lane < kWords; ++lane) {
      const int channel = channel_of(dense, r, lane);
      if (channel >= operation.out_channels) continue;
      std::int32_t bias = rounding_bias(convolution, channel);
      for (int i = 0; dense.is_signed && i < window; ++i)
        bias -= 128 * weight_of(operation, window, channel, i);
      biases[r * kWords + lane] = bias;
    }
}

// Four neighbouring inputs in every lane, raised by 128 if they are signed.
template <bool kSigned>
HWY_INLINE hn::Vec<Bytes> broadcast(const std::uint8_t* from) {
  std::uint32_t four = 0;
  std::memcpy(&four, from, 4);
  const auto inputs = hn::BitCast(Bytes(), hn::Set(hn::Repartition<std::uint32_t, Bytes>(), four));
  return kSigned ? hn::Xor(inputs, hn::Set(Bytes(), 128)) : inputs;
}

// What the blocks of a panel need, at hand: to the compiler the bytes they store may change any other memory.
struct Panel {
  Panel(const Dense& dense, int first_register)
      : biases(dense.biases() + first_register * kWords),
        steps(dense.steps(first_register)),
        weights(dense.weights(first_register)),
        first_channel(first_register * kWords),
        kernel_h(dense.operation.window.kernel_h),
        fours(dense.fours),
        register_bytes(dense.register_bytes),
        shift(dense.convolution.shift),
        low(dense.low),
        high(dense.high),
        out_channels(dense.operation.out_channels),
        out_step(dense.operation.out_step) {}

  const std::int32_t* biases;
  const std::uint16_t* steps;
  const std::int8_t* weights;
  int first_channel;
  int kernel_h, fours, register_bytes, shift, low, high, out_channels;
  int out_step;  // bytes from pixel to pixel
};

// Channels `first` and on of a pixel, as many as there are.
HWY_INLINE void store_register(const Panel& panel, hn::Vec<Words> sums, int first, std::int8_t* pixel) {
  const Words words;
  const hn::Rebind<std::int8_t, Words> out_lanes;
  const auto clamped = hn::Min(hn::Max(sums, hn::Set(words, panel.low)), hn::Set(words, panel.high));
  const auto bytes = hn::DemoteTo(out_lanes, clamped);
  const int left = panel.out_channels - first;
  if (left >= kWords)
    hn::StoreU(bytes, out_lanes, pixel + first);
  else
    hn::BlendedStore(bytes, hn::FirstN(out_lanes, static_cast<std::size_t>(left)), out_lanes, pixel + first);
}

// Adds kSteps fours, whose sums fit 16 bits when added, to kPixels pixels in kRegisters registers of channels
// each.
template <bool kSigned, int kSteps, int kRegisters, int kPixels>
HWY_INLINE void add_steps(const std::uint8_t* const (&fours)[kSteps], int pixel_bytes,
                          const std::int8_t* weights, int register_bytes,
                          hn::Vec<Words> (&sums)[kPixels][kRegisters]) {
  const Bytes bytes;
  const auto taps = [&](int r, int s) HWY_ATTR {
    return hn::LoadU(hn::RebindToSigned<Bytes>(), weights + r * register_bytes + s * kBytes);
  };
#if HWY_TARGET == HWY_AVX3_DL
  static_assert(kSteps == 1);
  SignedOf<Bytes> all_taps[kRegisters];
  for (int r = 0; r < kRegisters; ++r) all_taps[r] = taps(r, 0);
  for (int p = 0; p < kPixels; ++p) {
    const auto inputs = broadcast<kSigned>(fours[0] + p * pixel_bytes);
    for (int r = 0; r < kRegisters; ++r) sums[p][r] = dot(bytes, sums[p][r], inputs, all_taps[r]);
  }
#else
  hn::Vec<Bytes> inputs[kSteps][kPixels];
  for (int s = 0; s < kSteps; ++s)
    for (int p = 0; p < kPixels; ++p) inputs[s][p] = broadcast<kSigned>(fours[s] + p * pixel_bytes);
  for (int r = 0; r < kRegisters; ++r) {
    for (int p = 0; p < kPixels; ++p) {
      auto halves = products(bytes, inputs[0][p], taps(r, 0));
      for (int s = 1; s < kSteps; ++s) halves = hn::Add(halves, products(bytes, inputs[s][p], taps(r, s)));
      sums[p][r] = add_neighbours(bytes, sums[p][r], halves);
    }
  }
#endif
}

// kPixels neighbouring output pixels in kRegisters registers of channels each. rows: the window of the first
// pixel, row by row; the next one's is pixel_bytes further.
template <bool kSigned, int kRegisters, int kPixels>
HWY_INLINE void dense_block(const Panel panel, const std::uint8_t* const* rows, int pixel_bytes,
                            std::int8_t* out) {
  const Words words;
  hn::Vec<Words> sums[kPixels][kRegisters];
  for (int r = 0; r < kRegisters; ++r) {
    const auto bias = hn::LoadU(words, panel.biases + r * kWords);
    for (int p = 0; p < kPixels; ++p) sums[p][r] = bias;
  }
  const std::int8_t* weights = panel.weights;
  const std::uint16_t* offsets = panel.steps + 2 * kMaxKernelSide;
  for (int ky = 0; ky < panel.kernel_h; ++ky) {
    const std::uint8_t* const row = rows[ky];
    if constexpr (kTakesAllBytes) {
      for (int i = 0; i < panel.fours; ++i, weights += kBytes)
        add_steps<kSigned, 1>({row + 4 * i}, pixel_bytes, weights, panel.register_bytes, sums);
    } else {
      for (int left = panel.steps[ky]; left > 0; --left, offsets += 2, weights += 2 * kBytes)
        add_steps<kSigned, 2>({row + offsets[0], row + offsets[1]}, pixel_bytes, weights,
                              panel.register_bytes, sums);
      for (int left = panel.steps[kMaxKernelSide + ky]; left > 0; --left, ++offsets, weights += kBytes)
        add_steps<kSigned, 1>({row + offsets[0]}, pixel_bytes, weights, panel.register_bytes, sums);
    }
  }
  for (int p = 0; p < kPixels; ++p, out += panel.out_step) {
    for (int r = 0; r < kRegisters; ++r) sums[p][r] = hn::ShiftRightSame(sums[p][r], panel.shift);
    if constexpr (kRegisters == kJoined)
      hn::StoreU(join(Bytes(), sums[p], panel.low, panel.high), hn::RebindToSigned<Bytes>(),
                 out + panel.first_channel);
    else
      for (int r = 0; r < kRegisters; ++r)
        store_register(panel, sums[p][r], panel.first_channel + r * kWords, out);
  }
}

// As many blocks as there are whole ones; `at`, `pixels` and `out` go on behind them.
template <bool kSigned, int kRegisters, int kPixels>
HWY_INLINE void dense_blocks(const Panel panel, const std::uint8_t* (&at)[kMaxKernelSide], int pixel_bytes,
                             int& pixels, std::int8_t*& out) {
  for (; pixels >= kPixels; pixels -= kPixels) {
    dense_block<kSigned, kRegisters, kPixels>(panel, at, pixel_bytes, out);
    for (int ky = 0; ky < panel.kernel_h; ++ky) at[ky] += kPixels * pixel_bytes;
    out += kPixels * panel.out_step;
  }
}

template <bool kSigned, int kRegisters>
HWY_INLINE void dense_registers(const Dense& dense, const std::uint8_t* const* rows, int pixel_bytes,
                                int pixels, int first_register, std::int8_t* out) {
  constexpr int kTogether = (kTakesAllBytes ? 24 : HWY_TARGET <= HWY_AVX3 ? 16 : 8) / std::max(kRegisters, 2);
  const Panel panel(dense, first_register);
  const std::uint8_t* at[kMaxKernelSide];
  std::copy(rows, rows + panel.kernel_h, at);
  dense_blocks<kSigned, kRegisters, kTogether>(panel, at, pixel_bytes, pixels, out);
  dense_blocks<kSigned, kRegisters, 4>(panel, at, pixel_bytes, pixels, out);
  dense_blocks<kSigned, kRegisters, 1>(panel, at, pixel_bytes, pixels, out);
}

template <bool kSigned>
HWY_NOINLINE void dense_pixels(const Dense& dense, const std::uint8_t* const* rows, int pixel_bytes,
                               int pixels, std::int8_t* out) {
  for (int r = 0; r < dense.joined; r += kJoined)
    dense_registers<kSigned, kJoined>(dense, rows, pixel_bytes, pixels, r, out);
  for (int r = dense.joined; r < dense.registers; r += dense.panel(r)) {
    if (dense.panel(r) == 1) dense_registers<kSigned, 1>(dense, rows, pixel_bytes, pixels, r, out);
    if (dense.panel(r) == 2) dense_registers<kSigned, 2>(dense, rows, pixel_bytes, pixels, r, out);
    if (dense.panel(r) == 3) dense_registers<kSigned, 3>(dense, rows, pixel_bytes, pixels, r, out);
  }
}

// The first and the last output column whose window lies inside the picture, as [first, last).
struct Inside {
  int first, last;
};

inline Inside inside_of(const Operation& operation) {
  const Window& window = operation.window;
  const int first = (window.pad_left + window.stride_w - 1) / window.stride_w;
  const int room = operation.in_width + window.pad_left - window.kernel_w;
  return {first, std::max(first, room < 0 ? 0 : room / window.stride_w + 1)};
}

// Copies the window of output column x, zeros where there is no picture.
inline void gather(const Operation& operation, const Tile& tile, int x, int row_bytes, std::uint8_t* to) {
  const Window& window = operation.window;
  const int left = x * window.stride_w - window.pad_left, channels = operation.in_channels;
  const int first = std::max(0, -left), last = std::min<int>(window.kernel_w, operation.in_width - left);
  for (int ky = 0; ky < window.kernel_h; ++ky, to += row_bytes) {
    std::memset(to, 0, static_cast<std::size_t>(row_bytes));
    if (tile.rows[ky] != nullptr)
      std::memcpy(to + first * channels, tile.rows[ky] + (left + first) * channels,
                  static_cast<std::size_t>((last - first) * channels));
  }
}

inline void run_dense(const Operation& operation, const Tile& tile) {
  const Dense dense(operation);
  const Window& window = operation.window;
  const auto pixels_of = dense.is_signed ? dense_pixels<true> : dense_pixels<false>;
  const int pixel_bytes = window.stride_w * operation.in_channels;
  auto* out = reinterpret_cast<std::int8_t*>(tile.out);
  const bool whole = std::none_of(tile.rows, tile.rows + window.kernel_h,
                                  [](const std::byte* row) { return row == nullptr; });
  const Inside inside = whole ? inside_of(operation) : Inside{0, 0};
  for (int x = tile.x; x < tile.x + tile.pixels;) {
    const std::uint8_t* rows[kMaxKernelSide];
    int count = 1;
    alignas(4) std::uint8_t gathered[kMaxGathered];
    if (x >= inside.first && x < inside.last) {
      count = std::min(inside.last, tile.x + tile.pixels) - x;
      const int left = x * window.stride_w - window.pad_left;
      for (int ky = 0; ky < window.kernel_h; ++ky)
        rows[ky] = reinterpret_cast<const std::uint8_t*>(tile.rows[ky]) + left * operation.in_channels;
    } else {
      const int row_bytes = dense.fours * 4;
      gather(operation, tile, x, row_bytes, gathered);
      for (int ky = 0; ky < window.kernel_h; ++ky) rows[ky] = gathered + ky * row_bytes;
    }
    pixels_of(dense, rows, pixel_bytes, count, out + (x - tile.x) * operation.out_step);
    x += count;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
