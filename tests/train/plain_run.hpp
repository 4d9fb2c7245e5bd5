// Training's forward pass in double, node by node and without any cleverness: what the steps of a training
// plan are judged by. Gradients are numeric: differences of its loss.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include "mudra/graph/build.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::train {

class PlainRun {
 public:
  using Values = std::vector<double>;
  struct Statistics {
    double count;
    Values mean, variance;  // biased
  };

  std::map<graph::TensorIndex, Values> constants;  // those the nodes read; may be changed
  std::map<std::string, Statistics> statistics;    // of the last batch, by node
  Values logits;                                   // [B, classes] of the last batch

  explicit PlainRun(const graph::Graph& graph) : graph_(graph) {
    for (const graph::Node& node : graph.nodes)
      for (const graph::TensorIndex i : node.inputs)
        if (graph.tensor(i).is_constant()) {
          const auto& values = float_values(graph.tensor(i));
          constants[i].assign(values.begin(), values.end());
        }
  }

  // The mean cross-entropy.
  double loss(std::span<const float> images, std::span<const std::int32_t> labels) {
    batch_ = labels.size();
    values_.assign(graph_.tensors.size(), {});
    values_[static_cast<std::size_t>(graph_.input)].assign(images.begin(), images.end());
    for (const graph::Node& node : graph_.nodes) {
      node_ = &node;
      out_ = &values_[static_cast<std::size_t>(node.output)];
      out_->assign(batch_ * static_cast<std::size_t>(graph::element_count(shape(node.output))), 0.0);
      std::visit([&](const auto& operation) { compute(operation); }, node.operation);
    }
    logits = values_[static_cast<std::size_t>(graph_.output)];
    return cross_entropy(labels);
  }

 private:
  struct Map {
    std::int64_t height, width, channels;
    std::int64_t pixels() const { return height * width; }
    std::int64_t size() const { return pixels() * channels; }
  };

  const graph::Shape& shape(graph::TensorIndex i) const { return graph_.tensor(i).shape; }
  Map map_of(graph::TensorIndex i) const {
    const graph::Shape& s = shape(i);
    return s.size() == 4 ? Map{s[1], s[2], s[3]} : Map{1, 1, s[1]};
  }
  Map in_map() const { return map_of(node_->inputs[0]); }
  Map out_map() const { return map_of(node_->output); }
  const Values& in(std::size_t i = 0) const { return values_[static_cast<std::size_t>(node_->inputs[i])]; }
  const Values& given(std::size_t i) { return constants.at(node_->inputs[i]); }
  double bias(std::int64_t c) {
    return node_->inputs.size() > 2 ? given(2)[static_cast<std::size_t>(c)] : 0.0;
  }
  double& out(std::size_t b, std::int64_t i) {
    return (*out_)[b * static_cast<std::size_t>(out_map().size()) + static_cast<std::size_t>(i)];
  }
  double at(std::size_t b, std::int64_t i) const {
    return in()[b * static_cast<std::size_t>(in_map().size()) + static_cast<std::size_t>(i)];
  }

  // visit(pixel of the input, tap) for what the window sees at output pixel (y, x).
  template <class Visit>
  void for_each_tap(const graph::Window& w, std::int64_t y, std::int64_t x, const Visit& visit) const {
    for (std::int64_t ky = 0; ky < w.kernel_h; ++ky)
      for (std::int64_t kx = 0; kx < w.kernel_w; ++kx) {
        const std::int64_t in_y = y * w.stride_h + ky - w.pad_top, in_x = x * w.stride_w + kx - w.pad_left;
        if (in_y >= 0 && in_y < in_map().height && in_x >= 0 && in_x < in_map().width)
          visit(in_y * in_map().width + in_x, ky * w.kernel_w + kx);
      }
  }
  // visit(image, y, x, place of channel 0) for every output pixel.
  template <class Visit>
  void for_each_pixel(const Visit& visit) {
    for (std::size_t b = 0; b < batch_; ++b)
      for (std::int64_t y = 0; y < out_map().height; ++y)
        for (std::int64_t x = 0; x < out_map().width; ++x)
          visit(b, y, x, (y * out_map().width + x) * out_map().channels);
  }

  void compute(const graph::Conv& conv) {
    const std::int64_t in_channels = in_map().channels, taps = conv.window.kernel_h * conv.window.kernel_w;
    const Values& weight = given(1);
    for_each_pixel([&](std::size_t b, std::int64_t y, std::int64_t x, std::int64_t to) {
      for (std::int64_t o = 0; o < out_map().channels; ++o) {
        double sum = bias(o);
        for_each_tap(conv.window, y, x, [&](std::int64_t pixel, std::int64_t tap) {
          if (conv.depthwise)
            sum += weight[static_cast<std::size_t>(o * taps + tap)] * at(b, pixel * in_channels + o);
          else
            for (std::int64_t i = 0; i < in_channels; ++i)
              sum += weight[static_cast<std::size_t>((o * in_channels + i) * taps + tap)] *
                     at(b, pixel * in_channels + i);
        });
        out(b, to + o) = conv.fused_relu ? std::max(sum, 0.0) : sum;
      }
    });
  }
  void compute(const graph::Gemm& gemm) {
    const std::int64_t features = in_map().channels;
    for (std::size_t b = 0; b < batch_; ++b)
      for (std::int64_t o = 0; o < out_map().channels; ++o) {
        double sum = bias(o);
        for (std::int64_t i = 0; i < features; ++i)
          sum += given(1)[static_cast<std::size_t>(o * features + i)] * at(b, i);
        out(b, o) = gemm.fused_relu ? std::max(sum, 0.0) : sum;
      }
  }
  void compute(const graph::BatchNormalization& norm) {
    const std::size_t channels = given(1).size();
    const auto count = static_cast<double>(in().size()) / static_cast<double>(channels);
    Statistics now{count, Values(channels), Values(channels)};
    for (std::size_t i = 0; i < in().size(); ++i) now.mean[i % channels] += in()[i] / count;
    for (std::size_t i = 0; i < in().size(); ++i) {
      const double centred = in()[i] - now.mean[i % channels];
      now.variance[i % channels] += centred * centred / count;
    }
    for (std::size_t i = 0; i < in().size(); ++i) {
      const std::size_t c = i % channels;
      (*out_)[i] =
          (in()[i] - now.mean[c]) / std::sqrt(now.variance[c] + norm.epsilon) * given(1)[c] + given(2)[c];
    }
    statistics[node_->name] = std::move(now);
  }
  void compute(const graph::Clip& clip) { bound(clip.low, clip.high); }
  void compute(const graph::Relu&) { bound(0, std::numeric_limits<double>::infinity()); }
  void bound(double low, double high) {
    std::ranges::transform(in(), out_->begin(), [&](double x) { return std::clamp(x, low, high); });
  }
  void compute(const graph::PRelu&) {
    for (std::size_t i = 0; i < in().size(); ++i)
      (*out_)[i] = in()[i] < 0 ? given(1)[i % given(1).size()] * in()[i] : in()[i];
  }
  void compute(const graph::Activation& activation) {
    std::ranges::transform(in(), out_->begin(), [&](double x) { return function(activation, x); });
  }
  static double function(const graph::Activation& activation, double x) {
    const auto [kind, alpha, beta] = activation;
    const double sigmoid = 1 / (1 + std::exp(-x));
    switch (kind) {
      case graph::Function::kLeakyRelu:
        return x < 0 ? static_cast<double>(alpha) * x : x;
      case graph::Function::kElu:
        return x < 0 ? static_cast<double>(alpha) * (std::exp(x) - 1) : x;
      case graph::Function::kSigmoid:
        return sigmoid;
      case graph::Function::kTanh:
        return std::tanh(x);
      case graph::Function::kHardSigmoid:
        return std::clamp(static_cast<double>(alpha) * x + static_cast<double>(beta), 0.0, 1.0);
      case graph::Function::kHardSwish:
        return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
      case graph::Function::kSwish:
        return x * sigmoid;
    }
    return 0;
  }
  void compute(const graph::Mul&) {
    const std::size_t channels = static_cast<std::size_t>(out_map().channels);
    const std::size_t pixels = static_cast<std::size_t>(out_map().pixels());
    const bool by_channel = in(1).size() != in(0).size();
    for (std::size_t i = 0; i < in(0).size(); ++i)
      (*out_)[i] = in(0)[i] * in(1)[by_channel ? i / (pixels * channels) * channels + i % channels : i];
  }
  void compute(const graph::Add&) { std::ranges::transform(in(0), in(1), out_->begin(), std::plus<>()); }
  void compute(const graph::Concat&) {
    std::int64_t first = 0;
    for (std::size_t i = 0; i < node_->inputs.size(); ++i) {
      const Map from = map_of(node_->inputs[i]);
      for (std::size_t b = 0; b < batch_; ++b)
        for (std::int64_t k = 0; k < from.size(); ++k)
          out(b, k / from.channels * out_map().channels + first + k % from.channels) =
              in(i)[b * static_cast<std::size_t>(from.size()) + static_cast<std::size_t>(k)];
      first += from.channels;
    }
  }
  void compute(const graph::MaxPool& pool) {
    for_each_pixel([&](std::size_t b, std::int64_t y, std::int64_t x, std::int64_t to) {
      for (std::int64_t c = 0; c < out_map().channels; ++c) {
        double largest = -std::numeric_limits<double>::infinity();
        for_each_tap(pool.window, y, x, [&](std::int64_t pixel, std::int64_t) {
          largest = std::max(largest, at(b, pixel * out_map().channels + c));
        });
        out(b, to + c) = largest;
      }
    });
  }
  void compute(const graph::AveragePool& pool) {
    for_each_pixel([&](std::size_t b, std::int64_t y, std::int64_t x, std::int64_t to) {
      for (std::int64_t c = 0; c < out_map().channels; ++c) {
        double sum = 0, count = 0;
        for_each_tap(pool.window, y, x, [&](std::int64_t pixel, std::int64_t) {
          sum += at(b, pixel * out_map().channels + c);
          ++count;
        });
        if (pool.count_include_pad) count = pool.window.kernel_h * pool.window.kernel_w;
        out(b, to + c) = sum / count;
      }
    });
  }
  void compute(const graph::GlobalAveragePool&) {
    for (std::size_t b = 0; b < batch_; ++b)
      for (std::int64_t i = 0; i < in_map().size(); ++i)
        out(b, i % in_map().channels) += at(b, i) / static_cast<double>(in_map().pixels());
  }
  void compute(const graph::Flatten&) { std::ranges::copy(in(), out_->begin()); }
  void compute(const graph::Transpose& transpose) {
    const graph::Shape &from = shape(node_->inputs[0]), &to = shape(node_->output);
    for (std::size_t b = 0; b < batch_; ++b)
      for (std::int64_t i = 0; i < out_map().size(); ++i) {
        std::int64_t place[4] = {0, i / (to[2] * to[3]), i / to[3] % to[2], i % to[3]}, source[4] = {};
        for (std::size_t axis = 0; axis < 4; ++axis)
          source[static_cast<std::size_t>(transpose.permutation[axis])] = place[axis];
        out(b, i) = at(b, (source[1] * from[2] + source[2]) * from[3] + source[3]);
      }
  }
  template <class Other>
  void compute(const Other&) {
    FAIL() << "no plain run of " << node_->name;
  }

  double cross_entropy(std::span<const std::int32_t> labels) const {
    const std::size_t classes = logits.size() / batch_;
    double loss = 0;
    for (std::size_t b = 0; b < batch_; ++b) {
      double total = 0;
      for (std::size_t k = 0; k < classes; ++k) total += std::exp(logits[b * classes + k]);
      loss += std::log(total) - logits[b * classes + static_cast<std::size_t>(labels[b])];
    }
    return loss / static_cast<double>(batch_);
  }

  const graph::Graph& graph_;
  std::size_t batch_ = 0;
  std::vector<Values> values_;  // by TensorIndex
  const graph::Node* node_ = nullptr;
  Values* out_ = nullptr;
};

}  // namespace mudra::train
