#include "device/s3/packing.hpp"
#include "device/s3/weights.hpp"
#include "mudra/device/network.hpp"

namespace mudra::device::s3 {
namespace {

using Kind = Operation::Kind;

// How far before its output kExpand writes.
constexpr std::uint8_t kExpandLead = 2 * kVector;

bool is_dense(const Operation& operation) { return operation.out_step == out_pixel_bytes(operation); }

// Each lane's start value, half of the last place included, stays inside, and so does every sum; and without
// that half, which can keep a sum from the lower end, none saturates either.
bool rounds_channels_at_once(const Operation& operation) {
  if (operation.convolution.saturates) return false;
  for (int channel = 0; channel < operation.out_channels; ++channel)
    if (!stays_inside(operation, channel, start_of(operation, channel, true))) return false;
  return true;
}

bool all_split(const Operation& operation) {
  for (int channel = 0; channel < operation.out_channels; ++channel)
    if (!splits(start_of(operation, channel, true))) return false;
  return true;
}

// Where saturation to 8 bits is the upper bound, and lanes start at b - 128 h.
bool is_streamed(const Operation& operation) {
  return operation.in == Width::kInt8 && operation.is_aligned && is_dense(operation) &&
         operation.out_range.high + operation.out_zero == 127 && all_split(operation) &&
         rounds_channels_at_once(operation);
}

bool is_3x3(const Window& window) {
  return window.kernel_h == 3 && window.kernel_w == 3 && window.pad_top <= 1 && window.pad_left <= 1;
}

bool is_first(const Operation& operation) {
  return is_3x3(operation.window) && operation.window.stride_w == 2 && operation.window.pad_left == 1 &&
         operation.in_channels == 1 && operation.in_width % kVector == 0 &&
         operation.out_width * 2 == operation.in_width && operation.in_zero == 0 &&
         operation.out_channels % 16 == 0 && is_streamed(operation);
}

bool is_pixelwise(const Operation& operation) {
  const Window& window = operation.window;
  return taps_of(operation) == 1 && window.stride_w == 1 && window.pad_top + window.pad_left == 0 &&
         operation.out_width == operation.in_width;
}

bool is_expansion(const Operation& operation) {
  const int channels = operation.in_channels;
  const bool whole = channels == 16 || channels == 32 || (channels == 24 && operation.in_width % 2 == 0);
  return whole && is_pixelwise(operation) && operation.out_channels % 16 == 0 &&
         operation.lead_bytes >= kExpandLead && is_streamed(operation);
}

bool is_pointwise(const Operation& operation) {
  return operation.in == Width::kInt8 && operation.is_aligned && is_dense(operation) &&
         is_pixelwise(operation) && operation.in_channels % kVector == 0 && operation.out_channels % 8 == 0 &&
         rounds_channels_at_once(operation);
}

bool is_depthwise3(const Operation& operation) {
  const Window& window = operation.window;
  return is_3x3(window) && window.stride_w <= 2 && pad_right(operation) <= 1 &&
         operation.in_channels % kVector == 0 && is_streamed(operation);
}

// The channels behind the last whole block are summed in 40 bits: in lanes where these hold them.
bool is_exact_in_lanes(const Operation& operation) {
  if (operation.in == Width::kInt16 || operation.convolution.depthwise) return true;
  const int in_lanes = Accumulators<std::int8_t>::lane_channels(operation.out_channels);
  for (int channel = in_lanes; channel < operation.out_channels; ++channel)
    if (!stays_inside(operation, channel, start_of(operation, channel, false))) return false;
  return true;
}

Form convolution_form(const Operation& operation) {
  const bool depthwise = operation.convolution.depthwise;
  if (depthwise && is_depthwise3(operation)) return Form::kDepthwise3;
  if (!depthwise && is_first(operation)) return Form::kFirst;
  if (!depthwise && is_expansion(operation)) return Form::kExpand;
  if (!depthwise && is_pointwise(operation)) return Form::kPointwise;
  if (operation.in_zero != 0 || operation.out_zero != 0 || !is_exact_in_lanes(operation))
    return Form::kPortable;
  return depthwise ? Form::kDepthwise : Form::kConvolution;
}

// The rows of which are whole vectors, so that nothing is written behind them.
bool has_whole_vectors(const Operation& operation) {
  return operation.is_aligned && is_dense(operation) &&
         operation.out_width * out_pixel_bytes(operation) % kVector == 0;
}

bool clamps_vectors(const Operation& operation) {
  return has_whole_vectors(operation) && operation.in == operation.out;
}

bool converts_vectors(const Operation& operation) {
  if (!has_whole_vectors(operation) || operation.out_width * operation.out_channels % 16 != 0) return false;
  if (operation.in == Width::kInt8)
    return operation.out == Width::kInt16 && operation.shift >= -8 && operation.shift <= 0;
  return operation.out == Width::kInt8 && operation.shift >= 0 && operation.shift <= 15;
}

bool adds_vectors(const Operation& operation) {
  constexpr int kMostLeft = 6, kMostRight = 7;  // 2^6 is a weight of 8 bits, and so is half of 2^7
  return has_whole_vectors(operation) && operation.in == operation.out &&
         operation.second == Operation::Second::kMap && operation.second_width == operation.in &&
         (operation.shift == 0 ||
          (operation.in == Width::kInt8 && operation.shift >= -kMostLeft && operation.shift <= kMostRight));
}

// Of so few pixels that no lane of 20 bits can saturate.
bool averages_pictures(const Operation& operation) {
  constexpr int kMostPixels = 4095;
  const Window& window = operation.window;
  return operation.in == Width::kInt8 && operation.is_aligned && operation.in_channels % kVector == 0 &&
         window.kernel_h == operation.in_height && window.kernel_w == operation.in_width &&
         window.kernel_h * window.kernel_w <= kMostPixels && operation.out_height == 1 &&
         operation.out_width == 1;
}

// Who reads a tensor: one operation as its input, or (kMany) others too.
struct Readers {
  static constexpr std::uint8_t kNone = 255, kMany = 254;
  static_assert(kMaxOperations < kMany);

  explicit Readers(const Network& network) {
    std::fill_n(by, kMaxOperations + 1, kNone);
    for (int i = 0; i < network.size; ++i) {
      const Link& link = network.links[i];
      if (link.input != kNoTensor)
        by[link.input] = by[link.input] == kNone ? static_cast<std::uint8_t>(i) : kMany;
      if (link.second != kNoTensor) by[link.second] = kMany;
      if (link.into != kNoTensor) by[i + 1] = kMany;
    }
    by[network.output] = kMany;
  }
  std::uint8_t by[kMaxOperations + 1];
};

bool shifts_output(Form form) {
  return form == Form::kFirst || form == Form::kExpand || form == Form::kDepthwise3;
}

// Shifts what lies between two kernels so that saturation to 8 bits is its upper bound, if both can do so.
void shift(Operation& maker, Operation& reader) {
  constexpr int kMost = 127;
  if (maker.kind != Kind::kConvolution || reader.kind != Kind::kConvolution) return;
  if (maker.in != Width::kInt8 || reader.in != Width::kInt8 || maker.out_range.high >= kMost) return;
  maker.out_zero = reader.in_zero = static_cast<std::int8_t>(kMost - maker.out_range.high);
  if (shifts_output(form_of(maker)) && form_of(reader) != Form::kPortable) return;
  maker.out_zero = reader.in_zero = 0;
}

bool rows_are_aligned(const Network& network, TensorIndex tensor) {
  if (tensor == kNoTensor) return true;
  if (tensor == 0) {
    const TensorInfo& input = network.input_info;
    return input.width * input.channels * static_cast<int>(bytes_of(input.type)) % kVector == 0;
  }
  const Operation& maker = network.operation(tensor - 1);
  return !network.links[tensor - 1].keeps_all || maker.out_width * out_pixel_bytes(maker) % kVector == 0;
}

}  // namespace

void arrange(Network& network) {
  const Readers readers(network);
  for (int i = 0; i < network.size; ++i) {
    Link& link = network.links[i];
    const auto output = static_cast<TensorIndex>(i + 1);
    link.operation.is_aligned = rows_are_aligned(network, link.input) &&
                                rows_are_aligned(network, link.second) && rows_are_aligned(network, output) &&
                                link.into == kNoTensor;
    const bool is_free = readers.by[output] < kMaxOperations && !link.keeps_all;
    if (is_free) link.operation.lead_bytes = kExpandLead;
  }
  // From the last one: what a reader's own output needs is settled.
  for (int i = network.size - 1; i >= 0; --i) {
    Operation& maker = network.links[i].operation;
    if (maker.lead_bytes > 0) shift(maker, network.links[readers.by[i + 1]].operation);
  }
  for (int i = 0; i < network.size; ++i) {
    Operation& operation = network.links[i].operation;
    if (form_of(operation) != Form::kExpand) operation.lead_bytes = 0;
  }
}

Form form_of(const Operation& operation) {
  switch (operation.kind) {
    case Kind::kConvolution:
      return convolution_form(operation);
    case Kind::kAdd:
      return adds_vectors(operation) ? Form::kAdd : Form::kPortable;
    case Kind::kClamp:
      return clamps_vectors(operation) ? Form::kClamp : Form::kPortable;
    case Kind::kConvert:
      return converts_vectors(operation) ? Form::kConvert : Form::kPortable;
    case Kind::kAveragePool:
      return averages_pictures(operation) ? Form::kAverage : Form::kPortable;
    default:
      return Form::kPortable;
  }
}

std::string_view name_of(Form form) {
  constexpr std::string_view kNames[] = {"portable",   "first",       "expand",    "pointwise",
                                         "depthwise3", "convolution", "depthwise", "add",
                                         "clamp",      "convert",     "average"};
  return kNames[static_cast<int>(form)];
}

const char* why_portable(const Operation& operation) {
  if (form_of(operation) != Form::kPortable) return "";
  switch (operation.kind) {
    case Kind::kConvolution:
      return "sums of the channels behind the last whole 16 may leave the 20 bits of a lane";
    case Kind::kAdd:
      if (operation.second != Operation::Second::kMap) return "it adds a constant, not a map";
      if (!has_whole_vectors(operation)) return "its rows are not whole vectors of 16 bytes";
      return "its operands' exponents or widths differ too much";
    case Kind::kClamp:
      return "its rows are not whole vectors of 16 bytes";
    case Kind::kConvert:
      return has_whole_vectors(operation) ? "it shifts by too many bits"
                                          : "its rows are not whole vectors of 16 bytes";
    case Kind::kAveragePool:
      return "the kernel takes the mean of whole pictures of a multiple of 16 channels in 8 bits";
    default:
      return "no kernel for this operation";
  }
}

bool rounds_at_once(const Operation& convolution) { return rounds_channels_at_once(convolution); }

}  // namespace mudra::device::s3
