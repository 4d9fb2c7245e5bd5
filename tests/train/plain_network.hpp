// The network written down as plainly as possible, in double: the oracle for the training engine. Its own
// gradients are checked against numeric ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mudra/train/network.hpp"

namespace mudra::train::plain {

using Values = std::vector<double>;

// Images in PyTorch's order, [images, channels, side, side].
struct Maps {
  int images = 0, channels = 0, side = 0;
  Values values;

  Maps() = default;
  Maps(int n, int c, int s)
      : images(n), channels(c), side(s), values(static_cast<std::size_t>(n) * c * s * s, 0.0) {}

  double& at(int n, int c, int y, int x) { return values[index(n, c, y, x)]; }
  double at(int n, int c, int y, int x) const { return values[index(n, c, y, x)]; }
  bool contains(int y, int x) const { return y >= 0 && y < side && x >= 0 && x < side; }

 private:
  std::size_t index(int n, int c, int y, int x) const {
    return ((static_cast<std::size_t>(n) * channels + c) * side + y) * side + x;
  }
};

// A convolution without bias, kernel x kernel with padding kernel / 2; weights [out, in / groups, kernel,
// kernel].
struct Conv {
  int out_channels, kernel, stride, groups;

  // visit(output n, o, y, x; input channel, y, x; weight index) for every multiplication.
  template <class Visit>
  void for_each_product(const Maps& in, const Visit& visit) const {
    const int out_side = (in.side + stride - 1) / stride, per_group = in.channels / groups;
    for (int n = 0; n < in.images; ++n)
      for (int o = 0; o < out_channels; ++o)
        for (int y = 0; y < out_side; ++y)
          for (int x = 0; x < out_side; ++x)
            for (int i = 0; i < per_group; ++i)
              for (int k = 0; k < kernel * kernel; ++k) {
                const int iy = y * stride + k / kernel - kernel / 2,
                          ix = x * stride + k % kernel - kernel / 2;
                const int channel = o / (out_channels / groups) * per_group + i;
                if (in.contains(iy, ix))
                  visit(n, o, y, x, channel, iy, ix,
                        static_cast<std::size_t>((o * per_group + i) * kernel * kernel + k));
              }
  }

  Maps forward(const Maps& in, const Values& weights) const {
    Maps out(in.images, out_channels, (in.side + stride - 1) / stride);
    for_each_product(in, [&](int n, int o, int y, int x, int c, int iy, int ix, std::size_t w) {
      out.at(n, o, y, x) += in.at(n, c, iy, ix) * weights[w];
    });
    return out;
  }

  Maps backward(const Maps& in, const Values& weights, const Maps& gradient, Values& weight_gradients) const {
    Maps in_gradient(in.images, in.channels, in.side);
    weight_gradients.assign(weights.size(), 0.0);
    for_each_product(in, [&](int n, int o, int y, int x, int c, int iy, int ix, std::size_t w) {
      in_gradient.at(n, c, iy, ix) += gradient.at(n, o, y, x) * weights[w];
      weight_gradients[w] += gradient.at(n, o, y, x) * in.at(n, c, iy, ix);
    });
    return in_gradient;
  }
};

// Batch normalisation in training mode.
struct Norm {
  Values mean, variance;  // of the last batch, biased

  template <class Visit>
  static void for_each(const Maps& maps, const Visit& visit) {
    for (int n = 0; n < maps.images; ++n)
      for (int c = 0; c < maps.channels; ++c)
        for (int y = 0; y < maps.side; ++y)
          for (int x = 0; x < maps.side; ++x) visit(n, c, y, x);
  }

  Maps forward(const Maps& in, const Values& scale, const Values& shift) {
    const double count = static_cast<double>(in.images) * in.side * in.side;
    mean.assign(scale.size(), 0.0);
    variance.assign(scale.size(), 0.0);
    for_each(in, [&](int n, int c, int y, int x) { mean[c] += in.at(n, c, y, x) / count; });
    for_each(in, [&](int n, int c, int y, int x) {
      variance[c] += (in.at(n, c, y, x) - mean[c]) * (in.at(n, c, y, x) - mean[c]) / count;
    });
    Maps out(in.images, in.channels, in.side);
    for_each(in, [&](int n, int c, int y, int x) {
      out.at(n, c, y, x) = scale[c] * normalised(in, n, c, y, x) + shift[c];
    });
    return out;
  }

  Maps backward(const Maps& in, const Values& scale, const Maps& gradient, Values& scale_gradients,
                Values& shift_gradients) const {
    const double count = static_cast<double>(in.images) * in.side * in.side;
    scale_gradients.assign(scale.size(), 0.0);
    shift_gradients.assign(scale.size(), 0.0);
    for_each(in, [&](int n, int c, int y, int x) {
      scale_gradients[c] += gradient.at(n, c, y, x) * normalised(in, n, c, y, x);
      shift_gradients[c] += gradient.at(n, c, y, x);
    });
    Maps in_gradient(in.images, in.channels, in.side);
    for_each(in, [&](int n, int c, int y, int x) {
      in_gradient.at(n, c, y, x) = scale[c] / std::sqrt(variance[c] + 1e-5) *
                                   (gradient.at(n, c, y, x) - shift_gradients[c] / count -
                                    normalised(in, n, c, y, x) * scale_gradients[c] / count);
    });
    return in_gradient;
  }

 private:
  double normalised(const Maps& in, int n, int c, int y, int x) const {
    return (in.at(n, c, y, x) - mean[c]) / std::sqrt(variance[c] + 1e-5);
  }
};

inline Maps activate(const Maps& in, double limit) {
  Maps out = in;
  for (double& value : out.values) value = std::clamp(value, 0.0, limit);
  return out;
}

inline Maps activate_backward(const Maps& in, double limit, Maps gradient) {
  for (std::size_t i = 0; i < in.values.size(); ++i)
    if (in.values[i] <= 0 || in.values[i] >= limit) gradient.values[i] = 0;
  return gradient;
}

// Mean cross-entropy of [B, classes] logits and its gradient.
inline double cross_entropy(const Values& logits, std::span<const std::int32_t> labels, Values& gradients) {
  const std::size_t classes = logits.size() / labels.size();
  const auto batch = static_cast<double>(labels.size());
  gradients.resize(logits.size());
  double loss = 0;
  for (std::size_t b = 0; b < labels.size(); ++b) {
    double total = 0;
    for (std::size_t k = 0; k < classes; ++k) total += std::exp(logits[b * classes + k]);
    const auto label = static_cast<std::size_t>(labels[b]);
    loss += (std::log(total) - logits[b * classes + label]) / batch;
    for (std::size_t k = 0; k < classes; ++k)
      gradients[b * classes + k] = (std::exp(logits[b * classes + k]) / total - (k == label)) / batch;
  }
  return loss;
}

// The whole network for one batch.
class PlainNetwork {
 public:
  double loss = 0;
  Values logits;
  std::vector<Values> gradients;  // in the order of Network::parameters()

  explicit PlainNetwork(const Network& network)
      : config_(network.config()), limit_(limit_of(config_.activation)) {
    for (const Parameter* parameter : network.parameters())
      parameters.emplace_back(parameter->values.begin(), parameter->values.end());
    gradients.resize(parameters.size());
    convs_.push_back({.conv = {config_.first_channels, 3, 2, 1}, .activated = true});
    int channels = config_.first_channels;
    for (const BlockConfig& block : config_.blocks) {
      const int hidden = channels * config_.expansion;
      convs_.push_back({.conv = {hidden, 1, 1, 1}, .activated = true});
      convs_.push_back({.conv = {hidden, 3, block.stride, hidden}, .activated = true});
      convs_.push_back({.conv = {block.out_channels, 1, 1, 1},
                        .has_shortcut = block.stride == 1 && block.out_channels == channels});
      channels = block.out_channels;
    }
  }

  std::vector<Values> parameters;

  // Batch statistics of convolution `i` in the order of Network::convolutions().
  const Norm& norm(std::size_t i) const { return convs_[i].norm; }

  void forward(std::span<const float> images, std::span<const std::int32_t> labels) {
    Maps maps(static_cast<int>(labels.size()), 1, config_.image_side);
    std::copy(images.begin(), images.end(), maps.values.begin());
    Maps block_in;
    for (std::size_t i = 0; i < convs_.size(); ++i) {
      ConvNorm& layer = convs_[i];
      if (i % 3 == 1) block_in = maps;
      layer.in = std::move(maps);
      layer.convolved = layer.conv.forward(layer.in, parameters[3 * i]);
      layer.out = layer.norm.forward(layer.convolved, parameters[3 * i + 1], parameters[3 * i + 2]);
      maps = layer.activated ? activate(layer.out, limit_) : layer.out;
      if (layer.has_shortcut)
        for (std::size_t j = 0; j < maps.values.size(); ++j) maps.values[j] += block_in.values[j];
    }
    last_ = maps;
    classify(labels);
  }

  void backward() {
    Maps gradient = classify_backward();
    Maps shortcut;
    for (std::size_t i = convs_.size(); i-- > 0;) {
      const ConvNorm& layer = convs_[i];
      if (i > 0 && i % 3 == 0) shortcut = layer.has_shortcut ? gradient : Maps();
      if (layer.activated) gradient = activate_backward(layer.out, limit_, std::move(gradient));
      gradient = layer.norm.backward(layer.convolved, parameters[3 * i + 1], gradient, gradients[3 * i + 1],
                                     gradients[3 * i + 2]);
      gradient = layer.conv.backward(layer.in, parameters[3 * i], gradient, gradients[3 * i]);
      if (i % 3 == 1)
        for (std::size_t j = 0; j < shortcut.values.size(); ++j) gradient.values[j] += shortcut.values[j];
    }
  }

 private:
  struct ConvNorm {
    Conv conv;
    bool activated = false, has_shortcut = false;
    Norm norm{};
    Maps in{}, convolved{}, out{};
  };

  void classify(std::span<const std::int32_t> labels) {
    const Values& weights = parameters[parameters.size() - 2];
    const Values& bias = parameters.back();
    pooled_.assign(labels.size() * last_.channels, 0.0);
    Norm::for_each(last_, [&](int n, int c, int y, int x) {
      pooled_[static_cast<std::size_t>(n) * last_.channels + c] +=
          last_.at(n, c, y, x) / (last_.side * last_.side);
    });
    const std::size_t classes = bias.size(), channels = last_.channels;
    logits.assign(labels.size() * classes, 0.0);
    for (std::size_t b = 0; b < labels.size(); ++b)
      for (std::size_t k = 0; k < classes; ++k) {
        logits[b * classes + k] = bias[k];
        for (std::size_t c = 0; c < channels; ++c)
          logits[b * classes + k] += weights[k * channels + c] * pooled_[b * channels + c];
      }
    loss = cross_entropy(logits, labels, logit_gradients_);
  }

  Maps classify_backward() {
    const Values& weights = parameters[parameters.size() - 2];
    const std::size_t classes = parameters.back().size(), channels = last_.channels;
    Values& weight_gradients = gradients[gradients.size() - 2];
    weight_gradients.assign(weights.size(), 0.0);
    gradients.back().assign(classes, 0.0);
    Values pooled_gradients(pooled_.size(), 0.0);
    for (std::size_t b = 0; b < pooled_.size() / channels; ++b)
      for (std::size_t k = 0; k < classes; ++k) {
        const double gradient = logit_gradients_[b * classes + k];
        gradients.back()[k] += gradient;
        for (std::size_t c = 0; c < channels; ++c) {
          weight_gradients[k * channels + c] += gradient * pooled_[b * channels + c];
          pooled_gradients[b * channels + c] += gradient * weights[k * channels + c];
        }
      }
    Maps gradient(last_.images, last_.channels, last_.side);
    Norm::for_each(gradient, [&](int n, int c, int y, int x) {
      gradient.at(n, c, y, x) =
          pooled_gradients[static_cast<std::size_t>(n) * channels + c] / (last_.side * last_.side);
    });
    return gradient;
  }

  NetworkConfig config_;
  double limit_;
  std::vector<ConvNorm> convs_;
  Maps last_;
  Values pooled_, logit_gradients_;
};

}  // namespace mudra::train::plain
