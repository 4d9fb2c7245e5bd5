#include "mudra/format/tflite_int8.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "mudra/base/error.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/format/tflite_arithmetic.hpp"

namespace mudra::format {
namespace {

using Int8s = std::vector<std::int8_t>;
using Activations = std::vector<Int8s>;  // by tensor

struct Extent {
  int height, width, channels;
};

// One image's activations; LightGestureNet's take 1 MB.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

// What an output is clamped to.
struct Limits {
  std::int32_t low, high;
};

std::int32_t zero_point_of(const TfliteTensor& tensor) {
  return static_cast<std::int32_t>(tensor.quantization.zero_points[0]);
}
double scale_of(const TfliteTensor& tensor) { return double{tensor.quantization.scales[0]}; }
Extent extent_of(const TfliteTensor& tensor) { return {tensor.shape[1], tensor.shape[2], tensor.shape[3]}; }
std::size_t size_of(const TfliteTensor& tensor) {
  std::size_t size = 1;
  for (const int side : tensor.shape) size *= static_cast<std::size_t>(side);
  return size;
}

Limits limits_of(TfliteActivation activation, const TfliteTensor& output) {
  const auto integer = [&](double real) {
    return static_cast<std::int32_t>(
        std::clamp(std::round(real / scale_of(output)) + zero_point_of(output), -128.0, 127.0));
  };
  switch (activation) {
    case TfliteActivation::kNone:
      break;
    case TfliteActivation::kRelu:
      return {integer(0), 127};
    case TfliteActivation::kReluN1To1:
      return {integer(-1), integer(1)};
    case TfliteActivation::kRelu6:
      return {integer(0), integer(6)};
  }
  return {-128, 127};
}

// From sums of products to the output's integers, channel by channel.
struct Requantization {
  std::vector<std::int32_t> biases;
  std::vector<FixedFactor> factors;
  std::int32_t zero_point;
  Limits limits;
  Halves halves;

  std::int8_t operator()(std::int32_t sum, std::size_t channel) const {
    const std::int64_t value =
        std::int64_t{scaled(sum + biases[channel], factors[channel], halves)} + zero_point;
    return static_cast<std::int8_t>(std::clamp<std::int64_t>(value, limits.low, limits.high));
  }
};

Requantization requantization_of(const TfliteModel& model, const TfliteOperator& source,
                                 TfliteActivation activation, std::size_t products_per_sum) {
  const TfliteTensor &input = model.tensor(source.inputs[0]), &weight = model.tensor(source.inputs[1]),
                     &output = model.tensor(source.output);
  Requantization result{.biases = std::get<std::vector<std::int32_t>>(*model.tensor(source.inputs[2]).values),
                        .factors = {},
                        .zero_point = zero_point_of(output),
                        .limits = limits_of(activation, output),
                        .halves = std::holds_alternative<TfliteDepthwiseConv2d>(source.operation)
                                      ? Halves::kAwayFromZero
                                      : Halves::kUpwards};
  const std::vector<float>& scales = weight.quantization.scales;
  for (std::size_t c = 0; c < result.biases.size(); ++c) {
    constexpr std::uint64_t kLargestProduct = 255 * 128;
    const auto bias = static_cast<std::uint64_t>(std::abs(std::int64_t{result.biases[c]}));
    if (bias + products_per_sum * kLargestProduct > std::numeric_limits<std::int32_t>::max())
      fail("the sums that make '{}' may not fit into 32 bits", output.name);
    result.factors.push_back(
        fixed_factor(scale_of(input) * double{scales[scales.size() == 1 ? 0 : c]} / scale_of(output)));
  }
  return result;
}

struct Slide {
  int kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
};

Slide slide_of(const TfliteSliding& sliding, int kernel_h, int kernel_w, const TfliteTensor& input,
               const TfliteTensor& output) {
  const auto before = [&](std::size_t axis, int kernel, int stride) {
    if (sliding.padding == TflitePadding::kValid) return 0;
    return std::max((output.shape[axis] - 1) * stride + kernel - input.shape[axis], 0) / 2;
  };
  return {kernel_h,
          kernel_w,
          sliding.stride_h,
          sliding.stride_w,
          before(1, kernel_h, sliding.stride_h),
          before(2, kernel_w, sliding.stride_w)};
}

// The steps. Each reads and writes activations of one image.

struct DenseStep {  // CONV_2D, and FULLY_CONNECTED as one pixel
  Extent in, out;
  Slide slide;
  std::vector<std::int16_t> weights;  // [out, kernel_h, kernel_w, in]
  std::int32_t input_zero_point;
  Requantization requantization;
  int from, to;

  void operator()(Activations& activations) const {
    const Int8s& input = activations[static_cast<std::size_t>(from)];
    Int8s& output = activations[static_cast<std::size_t>(to)];
    const std::size_t channels = requantization.biases.size(), depth = weights.size() / channels;
    std::vector<std::int16_t> patch(depth);
    std::size_t at = 0;
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x) {
        gather(input, y, x, patch);
        for (std::size_t c = 0; c < channels; ++c) {
          const std::int16_t* const row = weights.data() + c * depth;
          std::int32_t sum = 0;
          for (std::size_t i = 0; i < depth; ++i) sum += std::int32_t{patch[i]} * row[i];
          output[at++] = requantization(sum, c);
        }
      }
  }

 private:
  // input - zero point under the window; 0 outside the map.
  void gather(const Int8s& input, int y, int x, std::vector<std::int16_t>& patch) const {
    std::ranges::fill(patch, std::int16_t{0});
    const auto channels = static_cast<std::size_t>(in.channels);
    for (int ky = 0; ky < slide.kernel_h; ++ky)
      for (int kx = 0; kx < slide.kernel_w; ++kx) {
        const int in_y = y * slide.stride_h + ky - slide.pad_top,
                  in_x = x * slide.stride_w + kx - slide.pad_left;
        if (in_y < 0 || in_y >= in.height || in_x < 0 || in_x >= in.width) continue;
        const std::size_t source = static_cast<std::size_t>(in_y * in.width + in_x) * channels;
        const std::size_t target = static_cast<std::size_t>(ky * slide.kernel_w + kx) * channels;
        for (std::size_t c = 0; c < channels; ++c)
          patch[target + c] = static_cast<std::int16_t>(input[source + c] - input_zero_point);
      }
  }
};

struct DepthwiseStep {
  Extent in, out;
  Slide slide;
  std::vector<std::int16_t> weights;  // [kernel_h, kernel_w, channels]
  std::int32_t input_zero_point;
  Requantization requantization;
  int from, to;

  void operator()(Activations& activations) const {
    const Int8s& input = activations[static_cast<std::size_t>(from)];
    Int8s& output = activations[static_cast<std::size_t>(to)];
    const auto channels = static_cast<std::size_t>(in.channels);
    std::vector<std::int32_t> sums(channels);
    std::size_t at = 0;
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x) {
        std::ranges::fill(sums, 0);
        for (int ky = 0; ky < slide.kernel_h; ++ky)
          for (int kx = 0; kx < slide.kernel_w; ++kx) {
            const int in_y = y * slide.stride_h + ky - slide.pad_top,
                      in_x = x * slide.stride_w + kx - slide.pad_left;
            if (in_y < 0 || in_y >= in.height || in_x < 0 || in_x >= in.width) continue;
            const std::int8_t* const pixel =
                input.data() + static_cast<std::size_t>(in_y * in.width + in_x) * channels;
            const std::int16_t* const tap =
                weights.data() + static_cast<std::size_t>(ky * slide.kernel_w + kx) * channels;
            for (std::size_t c = 0; c < channels; ++c) sums[c] += (pixel[c] - input_zero_point) * tap[c];
          }
        for (std::size_t c = 0; c < channels; ++c) output[at++] = requantization(sums[c], c);
      }
  }
};

struct PadStep {
  Extent in, out;
  int top, left;
  std::int8_t zero;
  int from, to;

  void operator()(Activations& activations) const {
    const Int8s& input = activations[static_cast<std::size_t>(from)];
    Int8s& output = activations[static_cast<std::size_t>(to)];
    std::ranges::fill(output, zero);
    const std::ptrdiff_t row = std::ptrdiff_t{in.width} * in.channels;
    for (std::ptrdiff_t y = 0; y < in.height; ++y)
      std::copy_n(input.begin() + y * row, row,
                  output.begin() + ((y + top) * out.width + left) * in.channels);
  }
};

struct AddStep {
  struct Addend {
    int from;
    std::int32_t zero_point;
    FixedFactor factor;
  };
  Addend addends[2];
  FixedFactor factor;
  std::int32_t zero_point;
  Limits limits;
  int to;

  static constexpr int kLeftShift = 20;

  void operator()(Activations& activations) const {
    Int8s& output = activations[static_cast<std::size_t>(to)];
    for (std::size_t i = 0; i < output.size(); ++i) {
      std::int32_t sum = 0;
      for (const Addend& addend : addends) {
        const std::int32_t centred =
            activations[static_cast<std::size_t>(addend.from)][i] - addend.zero_point;
        sum += scaled(centred * (1 << kLeftShift), addend.factor, Halves::kAwayFromZero);
      }
      const std::int64_t value = std::int64_t{scaled(sum, factor, Halves::kAwayFromZero)} + zero_point;
      output[i] = static_cast<std::int8_t>(std::clamp<std::int64_t>(value, limits.low, limits.high));
    }
  }
};

// The windows of SAME leave out what is not in the map.
struct PoolStep {
  Extent in, out;
  Slide slide;
  bool takes_largest;
  int from, to;

  void operator()(Activations& activations) const {
    const Int8s& input = activations[static_cast<std::size_t>(from)];
    auto output = activations[static_cast<std::size_t>(to)].begin();
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x)
        for (int c = 0; c < out.channels; ++c) *output++ = pooled(input, y, x, c);
  }

 private:
  std::int8_t pooled(const Int8s& input, int y, int x, int c) const {
    const int top = y * slide.stride_h - slide.pad_top, left = x * slide.stride_w - slide.pad_left;
    std::int64_t sum = 0, count = 0, largest = std::numeric_limits<std::int8_t>::min();
    for (int row = std::max(top, 0); row < std::min(top + slide.kernel_h, in.height); ++row)
      for (int column = std::max(left, 0); column < std::min(left + slide.kernel_w, in.width); ++column) {
        const std::int64_t value =
            input[static_cast<std::size_t>((row * in.width + column) * in.channels + c)];
        largest = std::max(largest, value);
        sum += value;
        ++count;
      }
    if (takes_largest) return static_cast<std::int8_t>(largest);
    return static_cast<std::int8_t>((sum + (sum > 0 ? count / 2 : -(count / 2))) / count);
  }
};

struct TransposeStep {
  std::vector<std::size_t> source;  // of each value of the output
  int from, to;

  void operator()(Activations& activations) const {
    const Int8s& input = activations[static_cast<std::size_t>(from)];
    std::ranges::transform(source, activations[static_cast<std::size_t>(to)].begin(),
                           [&](std::size_t i) { return input[i]; });
  }
};

struct CopyStep {
  int from, to;
  void operator()(Activations& activations) const {
    activations[static_cast<std::size_t>(to)] = activations[static_cast<std::size_t>(from)];
  }
};

using Step = std::function<void(Activations&)>;

std::vector<std::int16_t> wide_weights(const TfliteTensor& weight) {
  const auto& values = std::get<Int8s>(*weight.values);
  return {values.begin(), values.end()};
}

class Compiler {
 public:
  explicit Compiler(const TfliteModel& model) : model_(model) {}

  Step compile(const TfliteOperator& source) const {
    return std::visit([&](const auto& operation) { return compile(source, operation); }, source.operation);
  }

 private:
  const TfliteTensor& input(const TfliteOperator& source, std::size_t i) const {
    return model_.tensor(source.inputs[i]);
  }
  const TfliteTensor& output(const TfliteOperator& source) const { return model_.tensor(source.output); }

  // `channel_axis`: of the weight, along which each place is an output channel's.
  template <typename Convolution, typename Layer>
  Convolution convolution(const TfliteOperator& source, const Layer& layer, std::size_t channel_axis) const {
    const TfliteTensor &in = input(source, 0), &weight = input(source, 1), &out = output(source);
    const std::size_t taps = size_of(weight) / static_cast<std::size_t>(weight.shape[channel_axis]);
    return {extent_of(in),
            extent_of(out),
            slide_of(layer.sliding, weight.shape[1], weight.shape[2], in, out),
            wide_weights(weight),
            zero_point_of(in),
            requantization_of(model_, source, layer.activation, taps),
            source.inputs[0],
            source.output};
  }
  Step compile(const TfliteOperator& source, const TfliteConv2d& conv) const {
    return convolution<DenseStep>(source, conv, 0);
  }
  Step compile(const TfliteOperator& source, const TfliteDepthwiseConv2d& conv) const {
    return convolution<DepthwiseStep>(source, conv, 3);
  }
  Step compile(const TfliteOperator& source, const TfliteFullyConnected& layer) const {
    const TfliteTensor &in = input(source, 0), &weight = input(source, 1);
    const int features = weight.shape[1], outputs = weight.shape[0];
    return DenseStep{{1, 1, features},
                     {1, 1, outputs},
                     {1, 1, 1, 1, 0, 0},
                     wide_weights(weight),
                     zero_point_of(in),
                     requantization_of(model_, source, layer.activation, static_cast<std::size_t>(features)),
                     source.inputs[0],
                     source.output};
  }
  Step compile(const TfliteOperator& source, const TflitePad&) const {
    const auto& pads = std::get<std::vector<std::int32_t>>(*input(source, 1).values);
    return PadStep{extent_of(input(source, 0)),
                   extent_of(output(source)),
                   pads[2],
                   pads[4],
                   static_cast<std::int8_t>(zero_point_of(output(source))),
                   source.inputs[0],
                   source.output};
  }
  Step compile(const TfliteOperator& source, const TfliteAdd& sum) const {
    const double larger = 2 * std::max(scale_of(input(source, 0)), scale_of(input(source, 1)));
    const auto addend = [&](std::size_t i) {
      return AddStep::Addend{source.inputs[i], zero_point_of(input(source, i)),
                             fixed_factor(scale_of(input(source, i)) / larger)};
    };
    const double factor = larger / (double{1 << AddStep::kLeftShift} * scale_of(output(source)));
    return AddStep{{addend(0), addend(1)},
                   fixed_factor(factor),
                   zero_point_of(output(source)),
                   limits_of(sum.activation, output(source)),
                   source.output};
  }
  Step compile(const TfliteOperator& source, const TfliteAveragePool2d& pool) const {
    return compile_pool(source, pool.filter, false);
  }
  Step compile(const TfliteOperator& source, const TfliteMaxPool2d& pool) const {
    return compile_pool(source, pool.filter, true);
  }
  Step compile_pool(const TfliteOperator& source, const TfliteFilter& filter, bool takes_largest) const {
    const TfliteTensor &in = input(source, 0), &out = output(source);
    return PoolStep{
        extent_of(in), extent_of(out),   slide_of(filter.sliding, filter.height, filter.width, in, out),
        takes_largest, source.inputs[0], source.output};
  }
  Step compile(const TfliteOperator& source, const TfliteTranspose&) const {
    const std::vector<int>&in = input(source, 0).shape, &out = output(source).shape;
    const auto& axes = std::get<std::vector<std::int32_t>>(*input(source, 1).values);
    const int strides[] = {0, in[2] * in[3], in[3], 1};
    std::vector<std::size_t> places;
    for (int y = 0; y < out[1]; ++y)
      for (int x = 0; x < out[2]; ++x)
        for (int c = 0; c < out[3]; ++c)
          places.push_back(
              static_cast<std::size_t>(y * strides[axes[1]] + x * strides[axes[2]] + c * strides[axes[3]]));
    return TransposeStep{std::move(places), source.inputs[0], source.output};
  }
  Step compile(const TfliteOperator& source, const TfliteReshape&) const {
    return CopyStep{source.inputs[0], source.output};
  }

  const TfliteModel& model_;
};

}  // namespace

struct TfliteInt8Runner::Plan {
  std::vector<Step> steps;
  std::vector<std::size_t> sizes;  // by tensor; 0 for constants
  std::size_t input, output;
  TfliteQuantization input_quantization, output_quantization;
};

TfliteInt8Runner::TfliteInt8Runner(const TfliteModel& model) : plan_(std::make_unique<Plan>()) {
  if (!model.is_int8()) fail("the model is float32, not int8");
  for (const TfliteOperator& source : model.operators)
    plan_->steps.push_back(Compiler(model).compile(source));
  for (const TfliteTensor& tensor : model.tensors)
    plan_->sizes.push_back(tensor.values ? 0 : size_of(tensor));
  const std::size_t bytes = std::accumulate(plan_->sizes.begin(), plan_->sizes.end(), std::size_t{0});
  if (bytes > kMaxBytes) fail("one image takes {} bytes; at most {} are supported", bytes, kMaxBytes);
  plan_->input = static_cast<std::size_t>(model.input);
  plan_->output = static_cast<std::size_t>(model.output);
  plan_->input_quantization = model.tensor(model.input).quantization;
  plan_->output_quantization = model.tensor(model.output).quantization;
}

TfliteInt8Runner::TfliteInt8Runner(TfliteInt8Runner&&) noexcept = default;
TfliteInt8Runner::~TfliteInt8Runner() = default;

std::size_t TfliteInt8Runner::input_size() const { return plan_->sizes[plan_->input]; }
std::size_t TfliteInt8Runner::output_size() const { return plan_->sizes[plan_->output]; }

void TfliteInt8Runner::run(std::span<const std::int8_t> inputs, std::span<std::int8_t> outputs) const {
  const Plan& plan = *plan_;
  const std::size_t batch = inputs.size() / input_size();
  assert(inputs.size() == batch * input_size() && outputs.size() == batch * output_size());
  const auto threads = std::min(static_cast<std::size_t>(thread_count()), batch);
  for_each_parallel(Schedule::kStatic, threads, [&](std::size_t t) {
    Activations activations;
    for (const std::size_t size : plan.sizes) activations.emplace_back(size);
    for (std::size_t b = t; b < batch; b += threads) {
      std::copy_n(inputs.begin() + static_cast<std::ptrdiff_t>(b * input_size()), input_size(),
                  activations[plan.input].begin());
      for (const Step& step : plan.steps) step(activations);
      std::ranges::copy(activations[plan.output],
                        outputs.begin() + static_cast<std::ptrdiff_t>(b * output_size()));
    }
  });
}

void TfliteInt8Runner::run(std::span<const float> inputs, std::span<float> outputs) const {
  const auto &in = plan_->input_quantization, &out = plan_->output_quantization;
  Int8s integers(inputs.size()), results(outputs.size());
  std::ranges::transform(inputs, integers.begin(), [&](float value) {
    const float integer = std::round(value / in.scales[0]) + static_cast<float>(in.zero_points[0]);
    return static_cast<std::int8_t>(std::clamp(integer, -128.0f, 127.0f));
  });
  run(integers, results);
  std::ranges::transform(results, outputs.begin(), [&](std::int8_t integer) {
    return out.scales[0] * static_cast<float>(integer - out.zero_points[0]);
  });
}

}  // namespace mudra::format
