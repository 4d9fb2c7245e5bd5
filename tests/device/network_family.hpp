// Random integer networks of LightGestureNet's family: a first convolution, inverted residuals, a classifier.
// Widths with and without remainders of 16, all ways to write an activation, shortcuts with and without a
// conversion, blocks in 16 bits, sums that saturate, and windows whose sides, strides and pads differ.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/format/espdl.hpp"
#include "tests/format/espdl_files.hpp"

namespace mudra::device {

enum class Bounding { kClip, kRelu, kFusedRelu };

// Makes layers with weights that use their results' range, one behind the other.
class LayerMaker {
 protected:
  explicit LayerMaker(std::uint64_t seed) : random_(seed, 1), g_(seed) {}

  graph::Tensor& end() { return g_.graph.tensor(end_); }
  std::int64_t channels() { return end().shape.back(); }
  bool wide() { return end().type == graph::Type::kInt16; }
  int type_bits() { return wide() ? 16 : 8; }

  // Half of the time a multiple of 16.
  std::int64_t width() {
    return random_.chance(0.5f) ? 16 * (1 + random_.below(3))
                                : 3 + static_cast<std::int64_t>(random_.below(45));
  }

  // Of either sign; rarely all positive, so that sums saturate.
  graph::TensorIndex weights(const std::string& name, const graph::Shape& shape, graph::Layout layout,
                             int exponent) {
    const auto index = wide() ? g_.constant<std::int16_t>(name, shape, layout, exponent, 32767)
                              : g_.constant<std::int8_t>(name, shape, layout, exponent, 127);
    graph::Values& values = *g_.graph.tensor(index).values;
    if (random_.chance(0.06f)) {
      if (auto* narrow = std::get_if<std::vector<std::int8_t>>(&values))
        for (std::int8_t& value : *narrow) value = static_cast<std::int8_t>(std::abs(value));
      else
        for (std::int16_t& value : std::get<std::vector<std::int16_t>>(values))
          value = static_cast<std::int16_t>(std::abs(value));
    }
    return index;
  }

  graph::TensorIndex bias(const std::string& name, std::int64_t count, int exponent, std::int64_t most) {
    if (wide() && generation_ == format::EspdlGeneration::kEdl2)
      return g_.constant<std::int64_t>(name, {count}, graph::Layout::kVector, exponent, most);
    return g_.constant<std::int32_t>(name, {count}, graph::Layout::kVector, exponent,
                                     std::min<std::int64_t>(most, 1 << 30));
  }

  // The shift that brings a sum of `products` random products to about half of the type's range.
  int shift_for(std::int64_t products) {
    const int spread_bits = 2 * (type_bits() - 2) + std::bit_width(static_cast<std::uint64_t>(products)) / 2;
    return std::clamp(spread_bits - (type_bits() - 2) + static_cast<int>(random_.below(3)) - 1, 0, 31);
  }

  // Half of the time LightGestureNet's 3 x 3, padded all around; else any that moves by about `stride`. One
  // of stride 1 keeps the picture's size.
  graph::Window window(int stride) {
    if (random_.chance(0.5f)) return {3, 3, stride, stride, 1, 1, 1, 1};
    const auto up_to = [&](int most) {
      return static_cast<int>(random_.below(static_cast<std::uint32_t>(most + 1)));
    };
    graph::Window window{.kernel_h = 1 + up_to(4), .kernel_w = 1 + up_to(4)};
    window.pad_top = up_to(window.kernel_h - 1);
    window.pad_left = up_to(window.kernel_w - 1);
    window.pad_bottom = window.kernel_h - 1 - window.pad_top;
    window.pad_right = window.kernel_w - 1 - window.pad_left;
    if (stride == 1) return window;
    window.stride_h = 1 + up_to(2);
    window.stride_w = 1 + up_to(2);
    window.pad_bottom += up_to(window.pad_top);
    window.pad_right += up_to(window.pad_left);
    return window;
  }

  void convolution(const std::string& name, std::int64_t out, const graph::Window& window, bool depthwise) {
    const graph::Tensor in = end();
    const std::int64_t in_channels = depthwise ? 1 : channels();
    const int shift = shift_for(in_channels * window.kernel_h * window.kernel_w);
    const int exponent = (wide() ? -13 : -5) + static_cast<int>(random_.below(3)) - shift;  // of the sums
    const int weight_exponent = exponent - *in.exponent;
    const auto w = weights(name + ".w", {out, in_channels, window.kernel_h, window.kernel_w},
                           graph::Layout::kOihw, weight_exponent);
    const auto b = bias(name + ".b", out, exponent, std::int64_t{1} << std::min(shift + type_bits() - 2, 35));
    const auto height =
        (in.shape[1] + window.pad_top + window.pad_bottom - window.kernel_h) / window.stride_h + 1;
    const auto width =
        (in.shape[2] + window.pad_left + window.pad_right - window.kernel_w) / window.stride_w + 1;
    const auto result = g_.activation(name, {1, height, width, out}, in.type, exponent + shift);
    g_.node(name, graph::Conv{.window = window, .depthwise = depthwise}, {end_, w, b}, result);
    end_ = result;
  }

  graph::TensorIndex convert(const std::string& name, graph::TensorIndex from, graph::Type type,
                             int exponent) {
    const auto result = g_.activation(name, g_.graph.tensor(from).shape, type, exponent);
    g_.node(name, graph::RequantizeLinear{}, {from}, result);
    return result;
  }

  Random random_;
  format::IntegerGraph g_;
  format::EspdlGeneration generation_ = format::EspdlGeneration::kEdl2;
  graph::TensorIndex end_ = 0;
};

class NetworkFamily : LayerMaker {
 public:
  explicit NetworkFamily(std::uint64_t seed) : LayerMaker(seed) {}

  // The seed decides everything.
  format::EspdlFile make() {
    const int blocks = 1 + static_cast<int>(random_.below(6)), side = 9 + static_cast<int>(random_.below(40));
    activation_ = static_cast<Bounding>(random_.below(3));
    generation_ = random_.chance(0.3f) ? format::EspdlGeneration::kEdl1 : format::EspdlGeneration::kEdl2;
    const auto type = random_.chance(0.15f) ? graph::Type::kInt16 : graph::Type::kInt8;
    g_.graph.input = end_ = g_.activation("input", {1, side, side + 3, 1 + random_.below(3)}, type,
                                          type == graph::Type::kInt8 ? -7 : -15);
    convolution("first", width(), window(2), false);
    activation("first");
    for (int i = 0; i < blocks; ++i) inverted_residual(fmt::format("block{}", i));
    classifier(2 + random_.below(20));
    format::EspdlFile file;
    file.graph = std::move(g_.graph);
    file.generation = generation_;
    return file;
  }

 private:
  void activation(const std::string& name) {
    if (activation_ == Bounding::kFusedRelu) {
      std::get<graph::Conv>(g_.graph.nodes.back().operation).fused_relu = true;
      return;
    }
    const graph::Tensor in = end();
    const auto result = g_.activation(name + ".activation", in.shape, in.type, *in.exponent);
    const float most = std::ldexp(static_cast<float>(40 + random_.below(88)), *in.exponent + type_bits() - 8);
    if (activation_ == Bounding::kClip)
      g_.node(name + ".clip", graph::Clip{0.0f, most}, {end_}, result);
    else
      g_.node(name + ".relu", graph::Relu{}, {end_}, result);
    end_ = result;
  }

  void to_type(const std::string& name, graph::Type type) {
    if (end().type == type) return;
    const int finer = type == graph::Type::kInt16 ? -8 + static_cast<int>(random_.below(3)) : 8;
    end_ = convert(name, end_, type, *end().exponent + finer);
  }

  void inverted_residual(const std::string& name) {
    const auto block_type = random_.chance(0.2f) ? graph::Type::kInt16 : graph::Type::kInt8;
    const bool shortcut = random_.chance(0.5f);
    const int stride = shortcut || end().shape[1] < 8 || random_.chance(0.5f) ? 1 : 2;
    if (!shortcut) to_type(name + ".widen", block_type);
    const graph::TensorIndex start = end_;
    if (shortcut) to_type(name + ".widen", block_type);
    const std::int64_t hidden = channels() * (1 + random_.below(3)), out = shortcut ? channels() : width();
    if (random_.chance(0.85f)) {
      convolution(name + ".expand", hidden, {}, false);
      activation(name + ".expand");
    }
    convolution(name + ".depthwise", channels(), window(stride), true);
    activation(name + ".depthwise");
    convolution(name + ".project", out, {}, false);
    if (shortcut) add(name, start);
  }

  void add(const std::string& name, graph::TensorIndex start) {
    const graph::Tensor from = g_.graph.tensor(start);
    to_type(name + ".narrow", from.type);
    const int exponent = *end().exponent;
    graph::TensorIndex other = start;
    if (*from.exponent != exponent) other = convert(name + ".shortcut", start, from.type, exponent);
    const auto result = g_.activation(name + ".sum", from.shape, from.type, exponent);
    std::vector<graph::TensorIndex> inputs{other, end_};
    if (random_.chance(0.5f)) std::swap(inputs[0], inputs[1]);
    g_.node(name + ".add", graph::Add{}, inputs, result);
    end_ = result;
  }

  void classifier(std::int64_t classes) {
    to_type("narrow", graph::Type::kInt8);
    const std::int64_t in = channels();
    const auto pool = g_.activation("pool", {1, 1, 1, in}, graph::Type::kInt8,
                                    *end().exponent - static_cast<int>(random_.below(4)));
    g_.node("pool", graph::GlobalAveragePool{}, {end_}, pool);
    const auto turned =
        g_.activation("turned", {1, in, 1, 1}, graph::Type::kInt8, *g_.graph.tensor(pool).exponent);
    g_.node("transpose", graph::Transpose{{0, 3, 1, 2}}, {pool}, turned);
    const auto flat = g_.activation("flat", {1, in}, graph::Type::kInt8, *g_.graph.tensor(pool).exponent);
    g_.node("flatten", graph::Flatten{}, {turned}, flat);
    end_ = flat;
    const int exponent = *end().exponent - 6, shift = shift_for(in);
    const auto w = weights("gemm.w", {classes, in}, graph::Layout::kOi, -6);
    const auto b = bias("gemm.b", classes, exponent, 5000);
    const auto scores = g_.activation("scores", {1, classes}, graph::Type::kInt8, exponent + shift);
    g_.node("gemm", graph::Gemm{}, {flat, w, b}, scores);
  }

  Bounding activation_ = Bounding::kClip;
};

inline format::EspdlFile random_network(std::uint64_t seed) { return NetworkFamily(seed).make(); }

}  // namespace mudra::device
