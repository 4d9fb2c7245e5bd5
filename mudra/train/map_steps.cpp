#include "mudra/train/map_steps.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace mudra::train {
namespace {

// Where row-major value `i` of a map is among its padded pixels.
std::int32_t padded_place(std::int64_t i, int channels) {
  return static_cast<std::int32_t>(i / channels * kernels::padded(channels) + i % channels);
}

// visit(i, channel) for every value of a map, pads left out.
template <class Visit>
void for_each_value(const BatchMap& map, const Visit& visit) {
  const auto channels = static_cast<std::size_t>(map.channels()), stride = map_floats(1, map.channels());
  for (std::size_t pixel = 0; pixel < map.floats(); pixel += stride)
    for (std::size_t c = 0; c < channels; ++c) visit(pixel + c, c);
}

float slope_of(const graph::Activation& function, float x) {
  using graph::Function;
  const float y = device::value_of(function, x);
  switch (function.function) {
    case Function::kLeakyRelu:
      return x < 0 ? function.alpha : 1;
    case Function::kElu:
      return x < 0 ? y + function.alpha : 1;
    case Function::kSigmoid:
      return y * (1 - y);
    case Function::kTanh:
      return 1 - y * y;
    case Function::kHardSigmoid:
      return y > 0 && y < 1 ? function.alpha : 0;
    case Function::kHardSwish:
      return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5f;
    case Function::kSwish: {
      const float sigmoid = device::value_of({.function = Function::kSigmoid}, x);
      return sigmoid + y * (1 - sigmoid);
    }
  }
  return 0;
}

}  // namespace

graph::kernels::Bounds Step::bounds() const {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (!limit_) return {-kInfinity, kInfinity};
  return {0, *limit_};
}

void LoadStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  const auto channels = static_cast<std::size_t>(out.channels()), stride = map_floats(1, out.channels()),
             pixels = static_cast<std::size_t>(out.pixels());
  tape.batch.for_each_image([&](int image, float*) {
    const float* const from = tape.images + static_cast<std::size_t>(image) * pixels * channels;
    for (std::size_t p = 0; p < pixels; ++p)
      std::copy_n(from + p * channels, channels, out.of(image) + p * stride);
  });
}

void ActivationStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) {
    graph::kernels::add_bounded(tape.values(in(), image, scratch), nullptr, static_cast<int>(out.floats()),
                                bounds_, out.of(image));
  });
}

void ActivationStep::backward(Tape& tape) {
  if (!tape.wants_gradient(in())) return;
  const BatchMap& out = tape.map(output_);
  auto in_gradient = tape.new_gradient(in());
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float *const gradient = tape.gradient(output_, image, scratch), *const value = out.of(image);
    float* const to = in_gradient->of(image);
    for (std::size_t i = 0; i < out.floats(); ++i)
      to[i] = value[i] > bounds_.low && value[i] < bounds_.high ? gradient[i] : 0.0f;
  });
  tape.add_gradient(in(), std::move(in_gradient));
}

void FunctionStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const values = tape.values(in(), image, scratch);
    float* const to = out.of(image);
    for_each_value(out, [&](std::size_t i, std::size_t) { to[i] = device::value_of(function_, values[i]); });
  });
}

void FunctionStep::backward(Tape& tape) {
  if (!tape.wants_gradient(in())) return;
  const BatchMap& in = tape.map(Step::in());
  auto in_gradient = tape.new_gradient(Step::in());
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float *const gradient = tape.gradient(output_, image, scratch), *const values = in.of(image);
    float* const to = in_gradient->of(image);
    std::fill_n(to, in.floats(), 0.0f);
    for_each_value(in,
                   [&](std::size_t i, std::size_t) { to[i] = gradient[i] * slope_of(function_, values[i]); });
  });
  tape.add_gradient(Step::in(), std::move(in_gradient));
}

void PReluStep::forward(Tape& tape) {
  const std::vector<float>& slope = tape.parameters.at(slope_).values;
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const values = tape.values(in(), image, scratch);
    float* const to = out.of(image);
    for_each_value(
        out, [&](std::size_t i, std::size_t c) { to[i] = values[i] < 0 ? slope[c] * values[i] : values[i]; });
  });
}

void PReluStep::backward(Tape& tape) {
  const Parameter slope = tape.parameters.at(slope_);
  const BatchMap& in = tape.map(Step::in());
  const bool wanted = tape.wants_gradient(Step::in());
  auto in_gradient = wanted ? tape.new_gradient(Step::in()) : nullptr;
  const auto totals =
      tape.batch.sum_over_images<double>(slope.values.size(), [&](int image, double* sums, float* scratch) {
        const float *const gradient = tape.gradient(output_, image, scratch), *const values = in.of(image);
        float* const to = wanted ? in_gradient->of(image) : nullptr;
        if (wanted) std::fill_n(to, in.floats(), 0.0f);
        for_each_value(in, [&](std::size_t i, std::size_t c) {
          if (values[i] < 0) sums[c] += static_cast<double>(gradient[i]) * static_cast<double>(values[i]);
          if (wanted) to[i] = values[i] < 0 ? slope.values[c] * gradient[i] : gradient[i];
        });
      });
  std::ranges::transform(totals, slope.gradients.begin(), [](double sum) { return static_cast<float>(sum); });
  if (wanted) tape.add_gradient(Step::in(), std::move(in_gradient));
}

void MulStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  const bool by_channel = tape.map(inputs_[1]).pixels() != out.pixels();
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const values = tape.values(inputs_[0], image, scratch);
    const float* const factors = tape.values(inputs_[1], image, scratch);
    float* const to = out.of(image);
    for_each_value(out,
                   [&](std::size_t i, std::size_t c) { to[i] = values[i] * factors[by_channel ? c : i]; });
  });
}

void MulStep::backward(Tape& tape) {
  const BatchMap &values = tape.map(inputs_[0]), &factors = tape.map(inputs_[1]);
  const bool by_channel = factors.pixels() != values.pixels();
  tape.batch.for_each_image([&](int image, float* scratch) { tape.gradient(output_, image, scratch); });
  tape.settle_gradient(output_);
  const auto give = [&](std::size_t input, const auto& add_product) {
    if (!tape.wants_gradient(inputs_[input])) return;
    auto in_gradient = tape.new_gradient(inputs_[input]);
    tape.batch.for_each_image([&](int image, float*) {
      const float* const gradient = tape.gradient(output_, image, nullptr);
      float* const to = in_gradient->of(image);
      std::fill_n(to, in_gradient->floats(), 0.0f);
      for_each_value(values, [&](std::size_t i, std::size_t c) {
        add_product(image, i, by_channel ? c : i, gradient[i], to);
      });
    });
    tape.add_gradient(inputs_[input], std::move(in_gradient));
  };
  give(0, [&](int image, std::size_t i, std::size_t factor, float gradient, float* to) {
    to[i] = gradient * factors.of(image)[factor];
  });
  give(1, [&](int image, std::size_t i, std::size_t factor, float gradient, float* to) {
    to[factor] += gradient * values.of(image)[i];
  });
}

void AddStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const first = tape.values(inputs_[0], image, scratch);
    graph::kernels::add_bounded(first, tape.values(inputs_[1], image, scratch),
                                static_cast<int>(out.floats()), bounds(), out.of(image));
  });
}

void AddStep::backward(Tape& tape) {
  tape.batch.for_each_image([&](int image, float* scratch) { masked_gradient(tape, image, scratch); });
  tape.settle_gradient(output_);
  for (const graph::TensorIndex input : inputs_) {
    if (!tape.wants_gradient(input)) continue;
    auto in_gradient = tape.new_gradient(input);
    tape.batch.for_each_image([&](int image, float*) {
      std::copy_n(tape.gradient(output_, image, nullptr), in_gradient->floats(), in_gradient->of(image));
    });
    tape.add_gradient(input, std::move(in_gradient));
  }
}

void ConcatStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  const std::size_t stride = map_floats(1, out.channels());
  tape.batch.for_each_image([&](int image, float* scratch) {
    float* to = out.of(image);
    for (const graph::TensorIndex input : inputs_) {
      const auto channels = static_cast<std::size_t>(tape.map(input).channels());
      const std::size_t in_stride = map_floats(1, tape.map(input).channels());
      const float* const from = tape.values(input, image, scratch);
      for (std::size_t p = 0; p < static_cast<std::size_t>(out.pixels()); ++p)
        std::copy_n(from + p * in_stride, channels, to + p * stride);
      to += channels;
    }
  });
}

void ConcatStep::backward(Tape& tape) {
  tape.batch.for_each_image([&](int image, float* scratch) { tape.gradient(output_, image, scratch); });
  tape.settle_gradient(output_);
  const std::size_t stride = map_floats(1, tape.map(output_).channels());
  std::size_t first = 0;
  for (const graph::TensorIndex input : inputs_) {
    const BatchMap& in = tape.map(input);
    const auto channels = static_cast<std::size_t>(in.channels());
    const std::size_t in_stride = map_floats(1, in.channels());
    if (tape.wants_gradient(input)) {
      auto in_gradient = tape.new_gradient(input);
      tape.batch.for_each_image([&](int image, float*) {
        const float* const from = tape.gradient(output_, image, nullptr) + first;
        float* const to = in_gradient->of(image);
        std::fill_n(to, in.floats(), 0.0f);
        for (std::size_t p = 0; p < static_cast<std::size_t>(in.pixels()); ++p)
          std::copy_n(from + p * stride, channels, to + p * in_stride);
      });
      tape.add_gradient(input, std::move(in_gradient));
    }
    first += channels;
  }
}

PoolStep::PoolStep(const graph::Graph& graph, const graph::Node& node, const graph::Window& window, Kind kind)
    : Step({node.inputs[0]}, node.output),
      window_(window),
      kind_(kind),
      in_size_(map_size(graph.tensor(node.inputs[0]))),
      out_size_(map_size(graph.tensor(node.output))) {}

// visit(output pixel, first input pixel inside, rows and columns of them) for every window.
template <class Visit>
void PoolStep::for_each_window(const Visit& visit) const {
  for (int y = 0; y < out_size_.height; ++y) {
    const int top = y * window_.stride_h - window_.pad_top;
    const int first_row = std::max(top, 0), end_row = std::min(top + window_.kernel_h, in_size_.height);
    for (int x = 0; x < out_size_.width; ++x) {
      const int left = x * window_.stride_w - window_.pad_left;
      const int first_column = std::max(left, 0),
                end_column = std::min(left + window_.kernel_w, in_size_.width);
      visit(std::ptrdiff_t{y} * out_size_.width + x,
            std::ptrdiff_t{first_row} * in_size_.width + first_column, end_row - first_row,
            end_column - first_column);
    }
  }
}

float PoolStep::mean_factor(std::ptrdiff_t taps) const {
  if (kind_ == Kind::kMeanWithPadding) taps = std::ptrdiff_t{window_.kernel_h} * window_.kernel_w;
  return 1.0f / static_cast<float>(std::max<std::ptrdiff_t>(taps, 1));
}

void PoolStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  const std::ptrdiff_t stride = kernels::padded(in_size_.channels);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const in = tape.values(Step::in(), image, scratch);
    for_each_window([&](std::ptrdiff_t out_pixel, std::ptrdiff_t in_pixel, int rows, int columns) {
      float* const __restrict to = out.of(image) + out_pixel * stride;
      const float start = kind_ == Kind::kLargest ? std::numeric_limits<float>::lowest() : 0.0f;
      std::fill_n(to, stride, start);
      for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
          const float* const from = in + (in_pixel + std::ptrdiff_t{row} * in_size_.width + column) * stride;
          if (kind_ == Kind::kLargest)
            for (std::ptrdiff_t c = 0; c < stride; ++c) to[c] = to[c] < from[c] ? from[c] : to[c];
          else
            for (std::ptrdiff_t c = 0; c < stride; ++c) to[c] += from[c];
        }
      const float factor = kind_ == Kind::kLargest ? 1.0f : mean_factor(std::ptrdiff_t{rows} * columns);
      for (std::ptrdiff_t c = 0; c < stride; ++c) to[c] *= factor;
    });
  });
}

void PoolStep::backward(Tape& tape) {
  if (!tape.wants_gradient(in())) return;
  const BatchMap &in = tape.map(Step::in()), &out = tape.map(output_);
  auto in_gradient = tape.new_gradient(Step::in());
  const std::ptrdiff_t stride = kernels::padded(in_size_.channels);
  tape.batch.for_each_image([&](int image, float* scratch) {
    float* const out_gradient = tape.gradient(output_, image, scratch);
    std::fill_n(in_gradient->of(image), in.floats(), 0.0f);
    for_each_window([&](std::ptrdiff_t out_pixel, std::ptrdiff_t in_pixel, int rows, int columns) {
      float* const __restrict gradient = out_gradient + out_pixel * stride;  // 0 once it is taken
      const float* const largest = out.of(image) + out_pixel * stride;
      const float factor = mean_factor(std::ptrdiff_t{rows} * columns);
      for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column) {
          const std::ptrdiff_t at = (in_pixel + std::ptrdiff_t{row} * in_size_.width + column) * stride;
          float* const __restrict to = in_gradient->of(image) + at;
          if (kind_ != Kind::kLargest) {
            for (std::ptrdiff_t c = 0; c < stride; ++c) to[c] += factor * gradient[c];
            continue;
          }
          const float* const value = in.of(image) + at;
          for (std::ptrdiff_t c = 0; c < stride; ++c) {
            const float taken = value[c] == largest[c] ? gradient[c] : 0.0f;
            to[c] += taken;
            gradient[c] -= taken;
          }
        }
    });
  });
  tape.add_gradient(Step::in(), std::move(in_gradient));
}

void GlobalAverageStep::forward(Tape& tape) {
  const BatchMap& in = tape.map(Step::in());
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) {
    std::vector<double> sums(out.floats());
    kernels::add_sums(tape.values(Step::in(), image, scratch), in.pixels(), in.channels(), sums.data());
    for (std::size_t c = 0; c < sums.size(); ++c)
      out.of(image)[c] = static_cast<float>(sums[c] / in.pixels());
  });
}

void GlobalAverageStep::backward(Tape& tape) {
  if (!tape.wants_gradient(in())) return;
  auto in_gradient = tape.new_gradient(in()), out_gradient = std::unique_ptr<BatchMap>();
  tape.batch.for_each_image([&](int image, float* scratch) { tape.gradient(output_, image, scratch); });
  tape.settle_gradient(output_);
  out_gradient = tape.take_gradient(output_);
  MapOf complete = [to = in_gradient.get(), from = out_gradient.get()](int image, float*) {
    float* const gradient = to->of(image);
    const std::size_t stride = from->floats();
    for (std::size_t c = 0; c < stride; ++c)
      gradient[c] = from->of(image)[c] / static_cast<float>(to->pixels());
    for (int p = 1; p < to->pixels(); ++p)
      std::copy_n(gradient, stride, gradient + static_cast<std::size_t>(p) * stride);
    return gradient;
  };
  tape.add_gradient(in(), std::move(in_gradient), std::move(complete), std::move(out_gradient));
}

ReorderStep::ReorderStep(const graph::Graph& graph, const graph::Node& node,
                         const std::vector<std::int64_t>& from)
    : Step({node.inputs[0]}, node.output) {
  const int in_channels = map_size(graph.tensor(node.inputs[0])).channels,
            out_channels = map_size(graph.tensor(node.output)).channels;
  for (std::size_t i = 0; i < from.size(); ++i)
    moves_.push_back(
        {padded_place(from[i], in_channels), padded_place(static_cast<std::int64_t>(i), out_channels)});
}

void ReorderStep::forward(Tape& tape) {
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const values = tape.values(in(), image, scratch);
    for (const auto& [from, to] : moves_) out.of(image)[to] = values[from];
  });
}

void ReorderStep::backward(Tape& tape) {
  if (!tape.wants_gradient(in())) return;
  auto in_gradient = tape.new_gradient(in());
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const gradient = tape.gradient(output_, image, scratch);
    std::fill_n(in_gradient->of(image), in_gradient->floats(), 0.0f);
    for (const auto& [from, to] : moves_) in_gradient->of(image)[from] = gradient[to];
  });
  tape.add_gradient(in(), std::move(in_gradient));
}

std::vector<std::int64_t> order_of(const graph::Graph& graph, const graph::Node& node) {
  const graph::Shape &in = graph.tensor(node.inputs[0]).shape, &out = graph.tensor(node.output).shape;
  std::vector<std::int64_t> order(static_cast<std::size_t>(graph::element_count(out)));
  std::iota(order.begin(), order.end(), 0);
  const auto* transpose = std::get_if<graph::Transpose>(&node.operation);
  if (transpose == nullptr) return order;
  std::vector<std::int64_t> stride(in.size(), 1);  // of the input
  for (std::size_t i = in.size(); i > 1; --i) stride[i - 2] = stride[i - 1] * in[i - 1];
  for (std::int64_t& place : order) {
    std::int64_t rest = place, from = 0;
    for (std::size_t i = out.size(); i > 0; --i) {
      from += rest % out[i - 1] * stride[static_cast<std::size_t>(transpose->permutation[i - 1])];
      rest /= out[i - 1];
    }
    place = from;
  }
  return order;
}

}  // namespace mudra::train
