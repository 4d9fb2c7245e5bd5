// Random float graphs of every operation, shape and way of joining: what all runs and formats must agree on.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/graph.hpp"
#include "tests/graph/small_nets.hpp"

namespace mudra::graph {

// Where a random graph's decisions come from: a seed, or the bytes a fuzzer chose (0 when they are spent).
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : random_(seed), is_random_(true) {}
  explicit Choices(std::span<const std::uint8_t> bytes) : random_(0), is_random_(false), bytes_(bytes) {}

  // In [0, count), count at most 256.
  int below(int count) {
    if (is_random_) return static_cast<int>(random_.below(static_cast<std::uint32_t>(count)));
    if (bytes_.empty()) return 0;
    const int value = bytes_[0] % count;
    bytes_ = bytes_.subspan(1);
    return value;
  }
  int within(int low, int high) { return low + below(high - low + 1); }
  bool one_in(int count) { return below(count) == count - 1; }
  template <typename T>
  const T& of(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<int>(items.size())))];
  }

 private:
  Random random_;
  bool is_random_;
  std::span<const std::uint8_t> bytes_;
};

// At most 60 nodes on maps of at most 9x9x20: Conv of any window, depthwise too and with fused Relu, inverted
// residuals, BatchNormalization, Clip, Relu, other activations, Add, Mul, Concat, pools, Flatten in any
// order, Gemm; tensors and weights with several readers.
class RandomGraph {
 public:
  explicit RandomGraph(Choices& choices) : choices_(choices) {
    graph_.name = "random";
    const std::vector<int> sides{1, 2, 3, 5, 8, 9};
    const Shape shape{1, choices.of(sides), choices.of(sides), channels()};
    graph_.input = add_tensor(graph_, {.name = "input", .shape = shape, .exponent = {}, .values = {}});
    maps_.push_back(graph_.input);
  }

  Graph make() && {
    for (int steps = choices_.within(1, 12); steps > 0; --steps) {
      if (!rows_.empty() && choices_.one_in(3))
        extend_row();
      else
        extend_map();
    }
    graph_.output = last_;
    return without_unused(graph_);
  }

 private:
  int channels() { return choices_.one_in(3) ? choices_.within(1, 20) : choices_.within(1, 4); }
  const Shape& shape(TensorIndex i) const { return graph_.tensor(i).shape; }

  // The newest tensor more often than the others, so that networks become deep.
  TensorIndex pick(const std::vector<TensorIndex>& from) {
    return choices_.one_in(3) ? choices_.of(from) : from.back();
  }

  TensorIndex node(const char* kind, Operation operation, std::vector<TensorIndex> inputs) {
    return last_ = add_node(graph_, fmt::format("{}{}", kind, graph_.nodes.size()), std::move(operation),
                            std::move(inputs));
  }

  TensorIndex constant(const Shape& shape, Layout layout, float low, float high) {
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      const Tensor& tensor = graph_.tensors[i];
      if (tensor.is_constant() && tensor.shape == shape && tensor.layout == layout && low < 0 &&
          choices_.one_in(6))
        return static_cast<TensorIndex>(i);  // shared
    }
    const auto seed = static_cast<std::uint64_t>(choices_.below(256)) << 32 | graph_.tensors.size();
    return add_constant(graph_, fmt::format("constant{}", graph_.tensors.size()), shape, layout,
                        random_values(element_count(shape), low, high, seed));
  }

  std::vector<TensorIndex> with_bias(TensorIndex in, TensorIndex weight) {
    std::vector<TensorIndex> inputs{in, weight};
    if (!choices_.one_in(4)) inputs.push_back(constant({shape(weight)[0]}, Layout::kVector, -0.5f, 0.5f));
    return inputs;
  }

  TensorIndex conv(TensorIndex in, std::int64_t out, const Window& window, bool depthwise) {
    const std::int64_t in_channels = shape(in)[3];
    const TensorIndex weight = constant(
        {depthwise ? in_channels : out, depthwise ? 1 : in_channels, window.kernel_h, window.kernel_w},
        Layout::kOihw, -1, 1);
    return node("conv", Conv{window, depthwise, choices_.one_in(4)}, with_bias(in, weight));
  }

  // One that sees some of the map wherever it lies.
  Window window(TensorIndex in) {
    const auto side = [&](std::int64_t size, int& kernel, int& before, int& behind) {
      kernel = choices_.within(1, 4);
      before = std::min(choices_.below(3), kernel - 1);
      behind = std::min(choices_.below(3), kernel - 1);
      kernel = std::min<int>(kernel, static_cast<int>(size) + std::min(before, behind));
      before = std::min(before, kernel - 1);
      behind = std::min(behind, kernel - 1);
    };
    Window w{.stride_h = choices_.within(1, 3), .stride_w = choices_.within(1, 3)};
    side(shape(in)[1], w.kernel_h, w.pad_top, w.pad_bottom);
    side(shape(in)[2], w.kernel_w, w.pad_left, w.pad_right);
    return w;
  }

  TensorIndex normalised(TensorIndex in) {
    const Shape size{shape(in).back()};
    const TensorIndex scale = constant(size, Layout::kVector, 0.5f, 1.5f),
                      shift = constant(size, Layout::kVector, -0.5f, 0.5f),
                      mean = constant(size, Layout::kVector, -0.3f, 0.3f),
                      variance = constant(size, Layout::kVector, 0.5f, 2);
    return node("norm", BatchNormalization{}, {in, scale, shift, mean, variance});
  }

  TensorIndex bounded(TensorIndex in) {
    static const std::vector<Clip> clips{{0, 6}, {0, 6}, {-1, 1}, {-0.25f, 0.5f}, {0.5f, 2}, {-2, -1}};
    if (choices_.one_in(2)) return node("relu", Relu{}, {in});
    return node("clip", choices_.of(clips), {in});
  }

  TensorIndex activated(TensorIndex in) {
    if (choices_.one_in(4))
      return node("prelu", PRelu{}, {in, constant({shape(in).back()}, Layout::kVector, -0.5f, 0.9f)});
    static const std::vector<Activation> activations{{Function::kLeakyRelu, 0.125f},
                                                     {Function::kElu, 1},
                                                     {Function::kElu, 0.5f},
                                                     {Function::kSigmoid},
                                                     {Function::kTanh},
                                                     {Function::kHardSigmoid, 0.2f, 0.5f},
                                                     {Function::kHardSigmoid, 0.5f, 0.25f},
                                                     {Function::kHardSwish},
                                                     {Function::kSwish}};
    return node("act", choices_.of(activations), {in});
  }

  TensorIndex pooled(TensorIndex in) {
    const Window w = window(in);
    if (choices_.one_in(2)) return node("max", MaxPool{w}, {in});
    const bool is_padded = w.pad_top + w.pad_left + w.pad_bottom + w.pad_right > 0;
    return node("mean", AveragePool{w, !is_padded || choices_.one_in(2)}, {in});
  }

  // Of all tensors of these sizes, itself too.
  TensorIndex partner(TensorIndex in, const std::vector<TensorIndex>& all, bool any_channels = false) {
    std::vector<TensorIndex> alike;
    for (const TensorIndex i : all)
      if (shape(i) == shape(in) ||
          (any_channels && shape(i)[1] == shape(in)[1] && shape(i)[2] == shape(in)[2]))
        alike.push_back(i);
    return choices_.of(alike);
  }
  TensorIndex sum(TensorIndex in, const std::vector<TensorIndex>& all) {
    const TensorIndex other = partner(in, all);
    return choices_.one_in(2) ? node("add", Add{}, {in, other}) : node("add", Add{}, {other, in});
  }
  TensorIndex product(TensorIndex in, const std::vector<TensorIndex>& all) {
    return node("mul", Mul{}, {in, partner(in, all)});
  }
  // Each channel by what a squeeze of the map makes of it.
  TensorIndex excited(TensorIndex in) {
    const TensorIndex squeezed = node("squeeze", GlobalAveragePool{}, {in});
    const TensorIndex factor = activated(conv(squeezed, shape(in)[3], {}, false));
    return node("excite", Mul{}, {in, factor});
  }
  TensorIndex joined(TensorIndex in) {
    std::vector<TensorIndex> parts{in};
    std::int64_t channels = shape(in)[3];
    for (int more = choices_.within(0, 2); more > 0; --more) {
      const TensorIndex part = partner(in, maps_, true);
      channels += shape(part)[3];
      constexpr int kMostChannels = 40;
      if (channels > kMostChannels) break;
      parts.insert(choices_.one_in(2) ? parts.begin() : parts.end(), part);
    }
    return node("concat", Concat{}, std::move(parts));
  }
  // In memory's order or in another.
  TensorIndex flattened(TensorIndex in) {
    static const std::vector<int> channels_first{0, 3, 1, 2}, rows_last{0, 2, 3, 1}, kept{0, 1, 2, 3};
    const std::vector<int>& order = choices_.one_in(3)    ? kept
                                    : choices_.one_in(20) ? rows_last
                                                          : channels_first;
    if (order != kept) in = node("transpose", Transpose{order}, {in});
    return node("flatten", Flatten{}, {in});
  }

  TensorIndex inverted_residual(TensorIndex in) {
    const bool keeps = choices_.one_in(2);
    const int stride = keeps ? 1 : choices_.within(1, 2);
    TensorIndex at = conv(in, choices_.within(1, 20), {}, false);
    if (choices_.one_in(2)) at = bounded(at);
    at = conv(at, 0, {3, 3, stride, stride, 1, 1, 1, 1}, true);
    if (choices_.one_in(2)) at = bounded(at);
    at = conv(at, keeps ? shape(in)[3] : channels(), {}, false);
    return keeps ? node("add", Add{}, {at, in}) : at;
  }

  void extend_map() {
    const TensorIndex in = pick(maps_);
    const Shape& size = shape(in);
    constexpr int kMostFeatures = 200;
    if (element_count(size) <= kMostFeatures && choices_.one_in(4)) return rows_.push_back(flattened(in));
    switch (choices_.below(14)) {
      case 0:
      case 1:
        return maps_.push_back(conv(in, channels(), window(in), false));
      case 2:
        return maps_.push_back(conv(in, 0, window(in), true));
      case 3:
        return maps_.push_back(inverted_residual(in));
      case 4:
        return maps_.push_back(normalised(in));
      case 5:
        return maps_.push_back(bounded(in));
      case 6:
        return maps_.push_back(sum(in, maps_));
      case 7:
        return maps_.push_back(conv(in, channels(), {}, false));
      case 8:
        return maps_.push_back(activated(in));
      case 9:
        return maps_.push_back(pooled(in));
      case 10:
        return maps_.push_back(joined(in));
      case 11:
        return maps_.push_back(product(in, maps_));
      case 12:
        return maps_.push_back(excited(in));
      default:
        maps_.push_back(node("pool", GlobalAveragePool{}, {in}));
        rows_.push_back(node("flatten", Flatten{}, {maps_.back()}));
    }
  }

  void extend_row() {
    const TensorIndex in = pick(rows_);
    switch (choices_.below(6)) {
      case 0:
        return rows_.push_back(bounded(in));
      case 1:
        return rows_.push_back(sum(in, rows_));
      case 2:
        return rows_.push_back(activated(in));
      case 3:
        return rows_.push_back(product(in, rows_));
      default: {
        const TensorIndex features = choices_.one_in(4) ? normalised(in) : in;
        const TensorIndex weight = constant({channels(), shape(features)[1]}, Layout::kOi, -1, 1);
        if (features == in && choices_.one_in(5)) {  // the same product with and without a bias
          rows_.push_back(node("gemm", Gemm{}, {features, weight}));
          const TensorIndex bias = constant({shape(weight)[0]}, Layout::kVector, -0.5f, 0.5f);
          rows_.push_back(node("gemm", Gemm{}, {features, weight, bias}));
          return rows_.push_back(node("add", Add{}, {rows_[rows_.size() - 2], rows_.back()}));
        }
        // A normalisation of features is supported next to a Gemm that nothing else reads or feeds.
        const bool is_normalised = choices_.one_in(4);
        const TensorIndex out =
            node("gemm", Gemm{!is_normalised && choices_.one_in(4)}, with_bias(features, weight));
        rows_.push_back(is_normalised ? normalised(out) : out);
      }
    }
  }

  Choices& choices_;
  Graph graph_;
  std::vector<TensorIndex> maps_, rows_;  // that may be read
  TensorIndex last_ = 0;
};

inline Graph random_graph(Choices& choices) { return RandomGraph(choices).make(); }
inline Graph random_graph(std::uint64_t seed) {
  Choices choices(seed);
  return random_graph(choices);
}

}  // namespace mudra::graph
