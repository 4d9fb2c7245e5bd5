#include "mudra/train/weighted_steps.hpp"

#include <algorithm>
#include <limits>

#include "mudra/base/parallel.hpp"
#include "mudra/train/kernels/depthwise.hpp"
#include "mudra/train/packing.hpp"

namespace mudra::train {
namespace {

using graph::kernels::Sliding;

constexpr int kPatchPixels = 64;  // of a convolution that are worked on together
constexpr int kRowsTogether = 8;  // of a fully connected layer: images, or outputs

Sliding sliding_of(const graph::Node& node) {
  const graph::Window& window = std::get<graph::Conv>(node.operation).window;
  return {window.kernel_h, window.kernel_w, window.stride_h,
          window.stride_w, window.pad_top,  window.pad_left};
}

graph::TensorIndex bias_of(const graph::Node& node) { return node.inputs.size() > 2 ? node.inputs[2] : -1; }

MapSize size_of(const graph::Graph& graph, graph::TensorIndex tensor) {
  return map_size(graph.tensor(tensor));
}

void take_biases(Tape& tape, graph::TensorIndex bias, AlignedBuffer& to) {
  if (bias >= 0) std::ranges::copy(tape.parameters.at(bias).values, to.data());
}

void give_bias_gradients(Tape& tape, graph::TensorIndex bias, std::span<const double> sums) {
  if (bias < 0) return;
  std::vector<float>& gradients = tape.parameters.at(bias).gradients;
  std::transform(sums.begin(), sums.begin() + std::ssize(gradients), gradients.begin(),
                 [](double sum) { return static_cast<float>(sum); });
}

// to[i] += factor * from[i]
void add_scaled(const float* __restrict from, float factor, std::size_t count, float* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

// work(first, end) for parts of `count` rows, on all threads.
template <class Work>
void for_each_rows_together(int count, const Work& work) {
  const auto parts = static_cast<std::size_t>((count + kRowsTogether - 1) / kRowsTogether);
  for_each_parallel(Schedule::kStatic, parts, [&](std::size_t part) {
    const int first = static_cast<int>(part) * kRowsTogether;
    work(first, std::min(first + kRowsTogether, count));
  });
}

}  // namespace

ConvStep::ConvStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
                   std::optional<float> limit, bool reads_image)
    : Step({node.inputs[0]}, output, limit),
      weight_(node.inputs[1]),
      bias_(bias_of(node)),
      in_size_(size_of(graph, node.inputs[0])),
      out_size_(size_of(graph, node.output)),
      window_(sliding_of(node)),
      reads_image_(reads_image),
      depth_(window_.kernel_h * window_.kernel_w * in_size_.channels),
      weights_(map_floats(depth_, out_size_.channels)),
      transposed_(map_floats(out_size_.channels, depth_)),
      biases_(map_floats(1, out_size_.channels)),
      no_biases_(map_floats(1, depth_)) {}

bool ConvStep::is_pointwise() const {
  return !reads_image_ && window_.kernel_h == 1 && window_.kernel_w == 1 && window_.stride_h == 1 &&
         window_.stride_w == 1 && pixels_of(in_size_) == pixels_of(out_size_);
}

const float* ConvStep::in_of(Tape& tape, int image, float* scratch) const {
  if (!reads_image_) return tape.values(in(), image, scratch);
  return tape.images + static_cast<std::size_t>(image) * static_cast<std::size_t>(pixels_of(in_size_)) *
                           static_cast<std::size_t>(in_size_.channels);
}

template <class Work>
void ConvStep::for_each_rows(const Work& work) const {
  const int together = std::max(1, kPatchPixels / out_size_.width);
  for (int first = 0; first < out_size_.height; first += together)
    work(kernels::PatchRows{.in_size = in_size_,
                            .window = window_,
                            .out_width = out_size_.width,
                            .first_row = first,
                            .rows = std::min(together, out_size_.height - first)});
}

std::size_t ConvStep::scratch_floats() const {
  if (is_pointwise()) return 0;
  return 2 * map_floats(std::max(kPatchPixels, out_size_.width), depth_);  // patches and their gradients
}

void ConvStep::forward(Tape& tape) {
  pack_transposed(tape.parameters.at(weight_), weights_);
  take_biases(tape, bias_, biases_);
  BatchMap& out = tape.map(output_);
  const int stride = kernels::padded(depth_), out_stride = kernels::padded(out_size_.channels);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const in = in_of(tape, image, scratch);
    for_each_rows([&](const kernels::PatchRows& rows) {
      const std::ptrdiff_t first = std::ptrdiff_t{rows.first_row} * out_size_.width;
      if (!is_pointwise()) gather_patches(rows, in, pixel_stride(), scratch);
      graph::kernels::multiply({.rows = is_pointwise() ? in + first * stride : scratch,
                                .count = rows.pixels(),
                                .row_stride = stride,
                                .depth = depth_,
                                .depth_stride = 1,
                                .weights = weights_.data(),
                                .bias = biases_.data(),
                                .out_channels = out_size_.channels,
                                .bounds = bounds(),
                                .shortcut = nullptr,
                                .out = out.of(image) + first * out_stride});
    });
  });
}

void ConvStep::backward(Tape& tape) {
  pack(tape.parameters.at(weight_), transposed_);
  const bool wanted = tape.wants_gradient(in());
  std::unique_ptr<BatchMap> in_gradient = wanted ? tape.new_gradient(in()) : nullptr;
  const int channels = out_size_.channels;
  const int stride = kernels::padded(depth_), out_stride = kernels::padded(channels);
  const auto totals = tape.batch.sum_over_images<double>(
      map_floats(1 + depth_, channels), [&](int image, double* sums, float* scratch) {
        const float* const gradient = masked_gradient(tape, image, scratch);
        const float* const in = reads_image_ ? in_of(tape, image, scratch) : tape.map(Step::in()).of(image);
        float* const to = wanted ? in_gradient->of(image) : nullptr;
        if (wanted && !is_pointwise()) std::fill_n(to, in_gradient->floats(), 0.0f);
        kernels::add_sums(gradient, pixels_of(out_size_), channels, sums);
        for_each_rows([&](const kernels::PatchRows& rows) {
          const std::ptrdiff_t first = std::ptrdiff_t{rows.first_row} * out_size_.width;
          const float* const patches = is_pointwise() ? in + first * stride : scratch;
          if (!is_pointwise()) gather_patches(rows, in, pixel_stride(), scratch);
          kernels::add_products({.left = patches,
                                 .right = gradient + first * out_stride,
                                 .pixels = rows.pixels(),
                                 .left_channels = depth_,
                                 .right_channels = channels,
                                 .products = sums + out_stride});
          if (!wanted) return;
          float* const patch_gradients =
              is_pointwise() ? to + first * stride
                             : scratch + map_floats(std::max(kPatchPixels, out_size_.width), depth_);
          graph::kernels::multiply(
              {.rows = gradient + first * out_stride,
               .count = rows.pixels(),
               .row_stride = out_stride,
               .depth = channels,
               .depth_stride = 1,
               .weights = transposed_.data(),
               .bias = no_biases_.data(),
               .out_channels = depth_,
               .bounds = {-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()},
               .shortcut = nullptr,
               .out = patch_gradients});
          if (!is_pointwise()) scatter_patches(rows, patch_gradients, pixel_stride(), to);
        });
      });
  give_bias_gradients(tape, bias_, totals);
  unpack_transposed_gradients(std::span(totals).subspan(map_floats(1, channels)),
                              tape.parameters.at(weight_));
  if (wanted) tape.add_gradient(in(), std::move(in_gradient));
}

DepthwiseStep::DepthwiseStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
                             std::optional<float> limit)
    : Step({node.inputs[0]}, output, limit),
      weight_(node.inputs[1]),
      bias_(bias_of(node)),
      in_size_(size_of(graph, node.inputs[0])),
      out_size_(size_of(graph, node.output)),
      window_(sliding_of(node)),
      taps_(map_floats(window_.kernel_h * window_.kernel_w, in_size_.channels)),
      biases_(map_floats(1, in_size_.channels)) {}

void DepthwiseStep::forward(Tape& tape) {
  pack_transposed(tape.parameters.at(weight_), taps_);
  take_biases(tape, bias_, biases_);
  BatchMap& out = tape.map(output_);
  const std::size_t row = map_floats(out_size_.width, out_size_.channels);
  tape.batch.for_each_image([&](int image, float* scratch) {
    const float* const in = tape.values(Step::in(), image, scratch);
    for (int y = 0; y < out_size_.height; ++y)
      graph::kernels::depthwise_row({.in = in,
                                     .in_size = in_size_,
                                     .window = window_,
                                     .taps = taps_.data(),
                                     .bias = biases_.data(),
                                     .bounds = bounds(),
                                     .y = y,
                                     .out_width = out_size_.width,
                                     .out = out.of(image) + static_cast<std::size_t>(y) * row});
  });
}

void DepthwiseStep::backward(Tape& tape) {
  const bool wanted = tape.wants_gradient(in());
  std::unique_ptr<BatchMap> in_gradient = wanted ? tape.new_gradient(in()) : nullptr;
  const std::size_t stride = map_floats(1, in_size_.channels);
  const auto totals =
      tape.batch.sum_over_images<double>(stride + taps_.size(), [&](int image, double* sums, float* scratch) {
        const float* const gradient = masked_gradient(tape, image, scratch);
        if (wanted) std::fill_n(in_gradient->of(image), in_gradient->floats(), 0.0f);
        kernels::add_sums(gradient, pixels_of(out_size_), out_size_.channels, sums);
        kernels::depthwise_backward({.in = tape.map(in()).of(image),
                                     .in_size = in_size_,
                                     .window = window_,
                                     .taps = taps_.data(),
                                     .out_gradient = gradient,
                                     .out_size = out_size_,
                                     .in_gradient = wanted ? in_gradient->of(image) : nullptr,
                                     .tap_gradients = sums + stride});
      });
  give_bias_gradients(tape, bias_, totals);
  unpack_transposed_gradients(std::span(totals).subspan(stride), tape.parameters.at(weight_));
  if (wanted) tape.add_gradient(in(), std::move(in_gradient));
}

GemmStep::GemmStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
                   std::optional<float> limit)
    : Step({node.inputs[0]}, output, limit),
      weight_(node.inputs[1]),
      bias_(bias_of(node)),
      weights_(map_floats(static_cast<int>(graph.tensor(weight_).shape[1]),
                          static_cast<int>(graph.tensor(weight_).shape[0]))) {}

void GemmStep::forward(Tape& tape) {
  pack_transposed(tape.parameters.at(weight_), weights_);
  const BatchMap& in = tape.map(Step::in());
  BatchMap& out = tape.map(output_);
  tape.batch.for_each_image([&](int image, float* scratch) { tape.values(Step::in(), image, scratch); });
  for_each_rows_together(tape.batch.images(), [&](int first, int end) {
    for (int image = first; image < end; ++image) {
      std::fill_n(out.of(image), out.floats(), 0.0f);
      if (bias_ >= 0) std::ranges::copy(tape.parameters.at(bias_).values, out.of(image));
    }
    for (int i = 0; i < in.channels(); ++i)
      for (int image = first; image < end; ++image)
        add_scaled(weights_.data() + static_cast<std::size_t>(i) * out.floats(), in.of(image)[i],
                   out.floats(), out.of(image));
    for (int image = first; limit_ && image < end; ++image)
      graph::kernels::add_bounded(out.of(image), nullptr, static_cast<int>(out.floats()), bounds(),
                                  out.of(image));
  });
}

void GemmStep::backward(Tape& tape) {
  const BatchMap &in = tape.map(Step::in()), &out = tape.map(output_);
  const Parameter weight = tape.parameters.at(weight_);
  const auto features = static_cast<std::size_t>(in.channels());
  const int images = tape.batch.images();
  tape.batch.for_each_image([&](int image, float* scratch) { masked_gradient(tape, image, scratch); });
  tape.settle_gradient(output_);
  for_each_rows_together(out.channels(), [&](int first, int end) {
    for (int o = first; o < end; ++o) {
      float* const to = weight.gradients.data() + static_cast<std::size_t>(o) * features;
      std::fill_n(to, features, 0.0f);
      float sum = 0;
      for (int image = 0; image < images; ++image) {
        const float gradient = tape.gradient(output_, image, nullptr)[o];
        add_scaled(in.of(image), gradient, features, to);
        sum += gradient;
      }
      if (bias_ >= 0) tape.parameters.at(bias_).gradients[static_cast<std::size_t>(o)] = sum;
    }
  });
  if (!tape.wants_gradient(Step::in())) return;
  auto in_gradient = tape.new_gradient(Step::in());
  for_each_rows_together(images, [&](int first, int end) {
    for (int image = first; image < end; ++image)
      std::fill_n(in_gradient->of(image), in_gradient->floats(), 0.0f);
    for (int o = 0; o < out.channels(); ++o)
      for (int image = first; image < end; ++image)
        add_scaled(weight.values.data() + static_cast<std::size_t>(o) * features,
                   tape.gradient(output_, image, nullptr)[o], features, in_gradient->of(image));
  });
  tape.add_gradient(Step::in(), std::move(in_gradient));
}

NormStep::NormStep(const graph::Graph& graph, const graph::Node& node, graph::TensorIndex output,
                   std::optional<float> limit)
    : Step({node.inputs[0]}, output, limit),
      node_(normalisation_node(graph, node)),
      norm_(size_of(graph, node.output).channels) {}

void NormStep::forward(Tape& tape) {
  const Normalisation layer = tape.parameters.at(node_);
  const BatchMap& in = tape.map(Step::in());
  BatchMap& out = tape.map(output_);
  const std::size_t stride = map_floats(1, in.channels()), channels = static_cast<std::size_t>(in.channels());
  const auto totals =
      tape.batch.sum_over_images<double>(2 * stride, [&](int image, double* sums, float* scratch) {
        kernels::add_moments(tape.values(Step::in(), image, scratch), in.pixels(), in.channels(), sums,
                             sums + stride);
      });
  const std::span<const double> all = totals;
  norm_.set(layer, statistics_from_sums(all.first(channels), all.subspan(stride, channels),
                                        static_cast<double>(tape.batch.images()) * in.pixels()));
  track(layer, norm_.statistics(), tape.momentum);
  tape.promise(output_, [this, &in, &out](int image, float*) {
    kernels::normalise({.map = in.of(image),
                        .pixels = in.pixels(),
                        .channels = in.channels(),
                        .affine = norm_.affine(),
                        .shortcut = nullptr,
                        .out = out.of(image)});
    if (limit_)
      graph::kernels::add_bounded(out.of(image), nullptr, static_cast<int>(out.floats()), bounds(),
                                  out.of(image));
    return out.of(image);
  });
}

void NormStep::backward(Tape& tape) {
  const BatchMap& in = tape.map(Step::in());
  const std::size_t stride = map_floats(1, in.channels());
  const auto totals =
      tape.batch.sum_over_images<float>(2 * stride, [&](int image, float* sums, float* scratch) {
        kernels::add_gradient_sums({.gradient = masked_gradient(tape, image, scratch),
                                    .value = in.of(image),
                                    .pixels = in.pixels(),
                                    .channels = in.channels(),
                                    .sums = sums,
                                    .products = sums + stride});
      });
  tape.settle_gradient(output_);
  const kernels::NormalisationGradient terms =
      norm_.backward(totals, std::span(totals).subspan(stride), tape.parameters.at(node_));
  if (!tape.wants_gradient(Step::in())) return;
  auto in_gradient = tape.new_gradient(Step::in());
  auto out_gradient = tape.take_gradient(output_);
  MapOf complete = [&in, terms, to = in_gradient.get(), from = out_gradient.get()](int image, float*) {
    std::copy_n(in.of(image), in.floats(), to->of(image));
    kernels::normalise_backward(from->of(image), in.pixels(), in.channels(), terms, to->of(image));
    return to->of(image);
  };
  tape.add_gradient(Step::in(), std::move(in_gradient), std::move(complete), std::move(out_gradient));
}

}  // namespace mudra::train
