// Random integer networks joined in any way: every operation, windows whose sides, strides and pads differ,
// tensors that several read, both widths, vectors behind flattened pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mudra/device/activation.hpp"
#include "tests/device/network_family.hpp"

namespace mudra::device {

class NetworkDags : LayerMaker {
 public:
  explicit NetworkDags(std::uint64_t seed) : LayerMaker(seed) {}

  // The seed decides everything.
  format::EspdlFile make() {
    generation_ = random_.chance(0.2f) ? format::EspdlGeneration::kEdl1 : format::EspdlGeneration::kEdl2;
    const auto type = random_.chance(0.15f) ? graph::Type::kInt16 : graph::Type::kInt8;
    g_.graph.input = g_.activation("input", {1, up_to(1, 14), up_to(1, 14), up_to(1, 5)}, type,
                                   type == graph::Type::kInt8 ? -7 : -15);
    open_.push_back(g_.graph.input);
    for (int steps = up_to(2, 22); steps > 0; --steps) extend();
    if (random_.chance(0.15f))
      end_with_picture();
    else
      end_with_scores();
    format::EspdlFile file;
    file.graph = std::move(g_.graph);
    file.generation = generation_;
    return file;
  }

 private:
  int up_to(int least, int most) {
    return least + static_cast<int>(random_.below(static_cast<std::uint32_t>(most - least + 1)));
  }
  const graph::Tensor& tensor(graph::TensorIndex i) { return g_.graph.tensor(i); }
  std::string name(const char* kind) { return fmt::format("{}{}", kind, g_.graph.nodes.size()); }

  // A picture that may be read: one that nobody has read yet, or any.
  graph::TensorIndex pick() {
    const auto& from = open_.empty() || random_.chance(0.25f) ? all_ : open_;
    const auto picked =
        from.empty() ? open_[0] : from[random_.below(static_cast<std::uint32_t>(from.size()))];
    use(picked);
    return picked;
  }
  void use(graph::TensorIndex read) {
    std::erase(open_, read);
    if (std::ranges::find(all_, read) == all_.end()) all_.push_back(read);
  }
  void push(graph::TensorIndex made) { open_.push_back(made); }

  graph::TensorIndex made(const char* kind, graph::Operation operation,
                          std::vector<graph::TensorIndex> inputs, graph::Shape shape, graph::Type type,
                          int exponent) {
    const std::string called = name(kind);
    const auto result = g_.activation(called, std::move(shape), type, exponent);
    g_.node(called, std::move(operation), std::move(inputs), result);
    return result;
  }

  // Of a window up to 5 x 5 that fits, the size of its output.
  graph::Window any_window(const graph::Shape& shape) {
    graph::Window w{.stride_h = up_to(1, 3), .stride_w = up_to(1, 3)};
    w.kernel_h = up_to(1, 5);
    w.kernel_w = up_to(1, 5);
    w.pad_top = up_to(0, w.kernel_h - 1);
    w.pad_left = up_to(0, w.kernel_w - 1);
    w.pad_bottom = up_to(0, w.kernel_h - 1);
    w.pad_right = up_to(0, w.kernel_w - 1);
    const auto fit = [&](std::int64_t size, int& kernel, int& before, int& after) {
      if (size + before + after >= kernel) return;
      kernel = 1;
      before = after = 0;
    };
    fit(shape[1], w.kernel_h, w.pad_top, w.pad_bottom);
    fit(shape[2], w.kernel_w, w.pad_left, w.pad_right);
    if (random_.chance(0.4f)) w.stride_h = w.stride_w = 1;
    return w;
  }
  static graph::Shape size_after(const graph::Shape& in, const graph::Window& w) {
    return {1, (in[1] + w.pad_top + w.pad_bottom - w.kernel_h) / w.stride_h + 1,
            (in[2] + w.pad_left + w.pad_right - w.kernel_w) / w.stride_w + 1, in[3]};
  }

  graph::TensorIndex requantized(graph::TensorIndex from, graph::Type type, int exponent) {
    if (tensor(from).type == type && *tensor(from).exponent == exponent) return from;
    return convert(name("requantize"), from, type, exponent);
  }

  graph::TensorIndex layer(graph::TensorIndex in, std::int64_t out, const graph::Window& window,
                           bool depthwise) {
    end_ = in;
    convolution(name(depthwise ? "depthwise" : "conv"), out, window, depthwise);
    return end_;
  }

  graph::TensorIndex bounded(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    if (random_.chance(0.5f)) return made("relu", graph::Relu{}, {in}, from.shape, from.type, *from.exponent);
    const float most = std::ldexp(static_cast<float>(up_to(10, 120)),
                                  *from.exponent + (from.type == graph::Type::kInt8 ? 0 : 8));
    return made("clip", graph::Clip{random_.chance(0.5f) ? 0 : -most / 2, most}, {in}, from.shape, from.type,
                *from.exponent);
  }

  graph::TensorIndex pooled(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    graph::Window w = any_window(from.shape);
    if (random_.chance(0.2f))
      w = {.kernel_h = static_cast<int>(from.shape[1]), .kernel_w = static_cast<int>(from.shape[2])};
    else if (random_.chance(0.4f))
      w.stride_h = w.kernel_h, w.stride_w = w.kernel_w;
    if (random_.chance(0.5f))
      return made("max", graph::MaxPool{w}, {in}, size_after(from.shape, w), from.type, *from.exponent);
    return made("average", graph::AveragePool{w}, {in}, size_after(from.shape, w), from.type,
                *from.exponent - up_to(-1, 3));
  }

  graph::TensorIndex averaged(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    return made("global", graph::GlobalAveragePool{}, {in}, {1, 1, 1, from.shape[3]}, from.type,
                *from.exponent - up_to(0, 3));
  }

  graph::TensorIndex activated(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    const auto function = static_cast<Function>(random_.below(7));
    const bool within_one =
        function == Function::kSigmoid || function == Function::kTanh || function == Function::kHardSigmoid;
    const bool wide_type = from.type == graph::Type::kInt16;
    const int exponent = within_one ? (wide_type ? -15 : -7) : *from.exponent + up_to(-1, 1);
    const Activation activation{function, function == Function::kHardSigmoid ? 0.2f : 0.3f,
                                function == Function::kHardSigmoid ? 0.5f : 0};
    std::vector<graph::TensorIndex> inputs{in};
    if (!wide_type && random_.chance(0.7f)) {
      std::vector<std::int8_t> table;
      for (int q = -128; q < 128; ++q)
        table.push_back(device::activated<std::int8_t>(activation, q, *from.exponent, exponent));
      inputs.push_back(g_.add({.name = name("table"),
                               .shape = {256},
                               .layout = graph::Layout::kVector,
                               .type = graph::Type::kInt8,
                               .exponent = exponent,
                               .values = std::move(table)}));
    }
    return made("activation", activation, inputs, from.shape, from.type, exponent);
  }

  graph::TensorIndex sloped(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    end_ = in;
    const auto slopes =
        wide()
            ? g_.constant<std::int16_t>(name("slopes"), {from.shape[3]}, graph::Layout::kVector, -14, 32767)
            : g_.constant<std::int8_t>(name("slopes"), {from.shape[3]}, graph::Layout::kVector, -6, 127);
    return made("prelu", graph::PRelu{}, {in, slopes}, from.shape, from.type, *from.exponent + up_to(-1, 2));
  }

  // All pictures as large as this one.
  std::vector<graph::TensorIndex> alike(graph::TensorIndex in, bool channels) {
    std::vector<graph::TensorIndex> found;
    for (const auto& from : {open_, all_})
      for (const auto other : from) {
        const graph::Shape &a = tensor(in).shape, &b = tensor(other).shape;
        if (a[1] == b[1] && a[2] == b[2] && (!channels || a[3] == b[3])) found.push_back(other);
      }
    return found;
  }

  graph::TensorIndex sum(graph::TensorIndex in) {
    const auto others = alike(in, true);
    const auto other = others[random_.below(static_cast<std::uint32_t>(others.size()))];
    use(other);
    const graph::Tensor from = tensor(in);
    const int exponent = random_.chance(0.5f) ? *from.exponent : *from.exponent + up_to(-1, 1);
    std::vector<graph::TensorIndex> inputs{requantized(in, from.type, exponent),
                                           requantized(other, from.type, exponent)};
    if (random_.chance(0.5f)) std::swap(inputs[0], inputs[1]);
    return made("add", graph::Add{}, inputs, from.shape, from.type, exponent);
  }

  graph::TensorIndex product(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    const int bits = from.type == graph::Type::kInt16 ? 14 : 6;
    graph::TensorIndex factor = in;
    switch (random_.below(3)) {
      case 0: {  // squeeze and excite
        factor = layer(averaged(in), from.shape[3], {}, false);
        end_ = factor;
        break;
      }
      case 1: {
        const auto others = alike(in, true);
        const auto other = others[random_.below(static_cast<std::uint32_t>(others.size()))];
        use(other);
        factor = requantized(other, from.type,
                             *tensor(other).exponent - (tensor(other).type == from.type    ? 0
                                                        : from.type == graph::Type::kInt16 ? 8
                                                                                           : -8));
        break;
      }
      default:
        end_ = in;
        factor = wide() ? g_.constant<std::int16_t>(name("factor"), {1, 1, 1, from.shape[3]},
                                                    graph::Layout::kNhwc, -14, 32767)
                        : g_.constant<std::int8_t>(name("factor"), {1, 1, 1, from.shape[3]},
                                                   graph::Layout::kNhwc, -6, 127);
    }
    const int exponent = *from.exponent + *tensor(factor).exponent + up_to(bits - 1, bits + 1);
    return made("mul", graph::Mul{}, {in, factor}, from.shape, from.type, exponent);
  }

  graph::TensorIndex joined(graph::TensorIndex in) {
    const graph::Tensor from = tensor(in);
    const auto others = alike(in, false);
    std::vector<graph::TensorIndex> parts{in};
    std::int64_t channels = from.shape[3];
    for (int more = up_to(0, 3); more > 0; --more) {
      const auto other = others[random_.below(static_cast<std::uint32_t>(others.size()))];
      if (channels + tensor(other).shape[3] > 120) break;
      use(other);
      channels += tensor(other).shape[3];
      parts.push_back(requantized(other, from.type, *from.exponent));
    }
    if (random_.chance(0.5f)) std::reverse(parts.begin(), parts.end());
    return made("concat", graph::Concat{}, parts, {1, from.shape[1], from.shape[2], channels}, from.type,
                *from.exponent);
  }

  graph::TensorIndex other_width(graph::TensorIndex in) {
    const bool narrow = tensor(in).type == graph::Type::kInt8;
    return requantized(in, narrow ? graph::Type::kInt16 : graph::Type::kInt8,
                       *tensor(in).exponent + (narrow ? -8 : 8) + up_to(-1, 1));
  }

  void extend() {
    const auto in = pick();
    const graph::Shape shape = tensor(in).shape;
    switch (random_.below(14)) {
      case 0:
        return push(layer(in, up_to(1, 40), any_window(shape), false));
      case 1:
        return push(layer(in, shape[3], any_window(shape), true));
      case 2:
        return push(bounded(layer(in, up_to(1, 24), {3, 3, 1, 1, 1, 1, 1, 1}, false)));
      case 3:
        return push(layer(in, up_to(1, 40), {}, false));
      case 4:
        return push(bounded(in));
      case 5:
      case 6:
        return push(pooled(in));
      case 7:
        return push(activated(in));
      case 8:
        return push(sloped(in));
      case 9:
      case 10:
        return push(sum(in));
      case 11:
        return push(product(in));
      case 12:
        return push(joined(in));
      default:
        return push(other_width(in));
    }
  }

  // In ONNX's order, or as it lies; or from its average.
  graph::TensorIndex flattened(graph::TensorIndex in) {
    if (graph::element_count(tensor(in).shape) > 1500) in = averaged(in);
    const graph::Tensor from = tensor(in);
    graph::TensorIndex last = in;
    if (random_.chance(0.7f))
      last = made("transpose", graph::Transpose{{0, 3, 1, 2}}, {in},
                  {1, from.shape[3], from.shape[1], from.shape[2]}, from.type, *from.exponent);
    return made("flatten", graph::Flatten{}, {last}, {1, graph::element_count(from.shape)}, from.type,
                *from.exponent);
  }

  graph::TensorIndex fully_connected(graph::TensorIndex in, std::int64_t out, int exponent) {
    end_ = in;
    const std::int64_t count = tensor(in).shape[1];
    const int sums = exponent - shift_for(count);
    const auto w = weights(name("w"), {out, count}, graph::Layout::kOi, sums - *tensor(in).exponent);
    const auto b = bias(name("b"), out, sums, 5000);
    return made("gemm", graph::Gemm{random_.chance(0.3f)}, {in, w, b}, {1, out}, tensor(in).type, exponent);
  }

  // Whatever nobody has read yet, as features that are added.
  void end_with_scores() {
    const std::int64_t classes = up_to(2, 20);
    const bool one_width =
        std::ranges::all_of(open_, [&](auto i) { return tensor(i).type == tensor(open_[0]).type; });
    const int exponent = one_width && tensor(open_[0]).type == graph::Type::kInt16 ? -12 : -4;
    graph::TensorIndex total = -1;
    for (auto in : std::vector(open_)) {
      if (!one_width) in = requantized(in, graph::Type::kInt8, -4);
      const auto scores = fully_connected(flattened(in), classes, exponent);
      const graph::Tensor like = tensor(scores);
      total = total < 0 ? scores
                        : made("add", graph::Add{}, {total, scores}, like.shape, like.type, *like.exponent);
    }
    if (random_.chance(0.5f)) fully_connected(total, up_to(2, 300), exponent + 1);
  }

  // The same as a picture: averages of all, one behind the other, times the largest of them.
  void end_with_picture() {
    std::vector<graph::TensorIndex> parts;
    std::int64_t channels = 0;
    const auto in_all = std::vector(open_);
    for (const auto in : in_all) {
      parts.push_back(requantized(in_all.size() == 1 ? in : averaged(in), graph::Type::kInt8, -5));
      channels += tensor(parts.back()).shape[3];
    }
    const graph::Shape shape = tensor(parts[0]).shape;
    made("concat", graph::Concat{}, parts, {1, shape[1], shape[2], channels}, graph::Type::kInt8, -5);
  }

  std::vector<graph::TensorIndex> open_, all_;  // pictures that nobody reads yet, and that somebody reads
};

inline format::EspdlFile random_dag(std::uint64_t seed) { return NetworkDags(seed).make(); }

}  // namespace mudra::device
