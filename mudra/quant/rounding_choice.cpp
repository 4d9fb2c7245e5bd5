#include "mudra/quant/rounding_choice.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "mudra/base/parallel.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

constexpr std::size_t kRoundingBatch = 8;
constexpr std::int64_t kMostPixels = 160;  // of a picture, that are looked at, spread evenly

// Gathers the moments of one layer.
class MomentSums {
 public:
  MomentSums(const graph::Graph& network, const graph::Node& node)
      : input_(network.tensor(node.inputs[0])), output_(network.tensor(node.output)) {
    const graph::Shape& weight = network.tensor(node.inputs[1]).shape;
    if (const auto* conv = std::get_if<graph::Conv>(&node.operation)) {
      window_ = conv->window;
      groups_ = conv->depthwise ? static_cast<std::size_t>(weight[0]) : 1;
    }
    taps_ = static_cast<std::size_t>(graph::element_count(weight) / weight[0]);
    sums_.assign(groups_ * taps_, 0.0);
    products_.assign(groups_ * taps_ * taps_, 0.0);
  }

  // The layer's input for one picture.
  void add(std::span<const float> map) {
    const bool flat = output_.shape.size() == 2;
    const std::int64_t height = flat ? 1 : output_.shape[1], width = flat ? 1 : output_.shape[2];
    const std::int64_t pixels = height * width;
    const std::int64_t step = std::max<std::int64_t>(1, pixels / kMostPixels) | 1;  // odd: all columns
    std::vector<float> seen(groups_ * taps_);
    std::vector<float> batch_products(products_.size(), 0.0f);
    for (std::int64_t pixel = 0; pixel < pixels; pixel += step) {
      look(map, pixel / width, pixel % width, flat, seen);
      ++count_;
      for (std::size_t g = 0; g < groups_; ++g) {
        const float* x = seen.data() + g * taps_;
        for (std::size_t i = 0; i < taps_; ++i) {
          sums_[g * taps_ + i] += double{x[i]};
          float* row = batch_products.data() + (g * taps_ + i) * taps_;
          if (x[i] == 0) continue;
          for (std::size_t j = 0; j <= i; ++j) row[j] += x[i] * x[j];
        }
      }
    }
    for (std::size_t i = 0; i < products_.size(); ++i) products_[i] += double{batch_products[i]};
  }

  Moments moments() const {
    const auto count = static_cast<double>(count_);
    Moments result{taps_, sums_, products_};
    for (double& mean : result.mean) mean /= count;
    for (std::size_t g = 0; g < groups_; ++g)
      for (std::size_t i = 0; i < taps_; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
          const double covariance = products_[(g * taps_ + i) * taps_ + j] / count -
                                    result.mean[g * taps_ + i] * result.mean[g * taps_ + j];
          result.covariance[(g * taps_ + i) * taps_ + j] = covariance;
          result.covariance[(g * taps_ + j) * taps_ + i] = covariance;
        }
    return result;
  }

 private:
  // The inputs of the sums at one output pixel, in the order of the weights: [group][channel][row][column].
  void look(std::span<const float> map, std::int64_t y, std::int64_t x, bool flat,
            std::vector<float>& seen) const {
    if (flat) {
      std::ranges::copy(map, seen.begin());
      return;
    }
    const std::int64_t height = input_.shape[1], width = input_.shape[2], channels = input_.shape[3];
    const std::int64_t area = std::int64_t{window_.kernel_h} * window_.kernel_w;
    for (std::int64_t tap = 0; tap < area; ++tap) {
      const std::int64_t row = y * window_.stride_h + tap / window_.kernel_w - window_.pad_top;
      const std::int64_t column = x * window_.stride_w + tap % window_.kernel_w - window_.pad_left;
      const bool inside = row >= 0 && row < height && column >= 0 && column < width;
      for (std::int64_t c = 0; c < channels; ++c)
        seen[static_cast<std::size_t>(c * area + tap)] =
            inside ? map[static_cast<std::size_t>((row * width + column) * channels + c)] : 0.0f;
    }
  }

  const graph::Tensor &input_, &output_;
  graph::Window window_;
  std::size_t groups_ = 1, taps_ = 0, count_ = 0;
  std::vector<double> sums_, products_;
};

// Takes one step of one weight after the other, each time the one that lessens the error of the sum most.
void choose(std::span<float> weights, std::span<const double> covariance, int exponent, int bits) {
  const std::size_t taps = weights.size();
  const double step = std::ldexp(1.0, exponent), most = std::ldexp(1.0, bits - 1) - 1;
  std::vector<double> integers(taps), error(taps), slope(taps, 0.0);
  for (std::size_t i = 0; i < taps; ++i) {
    integers[i] = static_cast<double>(nearest_integer(weights[i], exponent, bits));
    error[i] = integers[i] * step - double{weights[i]};
  }
  for (std::size_t i = 0; i < taps; ++i)
    for (std::size_t j = 0; j < taps; ++j) slope[i] += covariance[i * taps + j] * error[j];
  for (std::size_t moves = 0; moves < 4 * taps; ++moves) {
    std::size_t best = taps;
    double gain = 0, best_move = 0;
    for (std::size_t i = 0; i < taps; ++i)
      for (const double move : {step, -step}) {
        const double integer = integers[i] + move / step;
        if (integer > most || integer < -most - 1 || std::abs(error[i] + move) > 1.5 * step) continue;
        const double change = 2 * move * slope[i] + move * move * covariance[i * taps + i];
        if (change < gain - 1e-12) {
          gain = change;
          best = i;
          best_move = move;
        }
      }
    if (best == taps) break;
    integers[best] += best_move / step;
    error[best] += best_move;
    for (std::size_t j = 0; j < taps; ++j) slope[j] += best_move * covariance[best * taps + j];
  }
  for (std::size_t i = 0; i < taps; ++i) weights[i] = static_cast<float>(integers[i] * step);
}

}  // namespace

std::map<TensorIndex, Moments> observe_moments(const graph::Graph& network, const Pictures& pictures) {
  std::vector<const graph::Node*> layers;
  std::vector<TensorIndex> read;
  for (const graph::Node& node : network.nodes) {
    if (!graph::has_weights(node)) continue;
    layers.push_back(&node);
    read.push_back(node.inputs[0]);
  }
  std::vector<MomentSums> sums;
  for (const graph::Node* node : layers) sums.emplace_back(network, *node);
  observe_batches(
      "moments", network, pictures, read, kRoundingBatch, [&](std::size_t i, std::span<const float> maps) {
        const auto size = static_cast<std::size_t>(graph::element_count(network.tensor(read[i]).shape));
        for (std::size_t at = 0; at < maps.size(); at += size) sums[i].add(maps.subspan(at, size));
      });
  std::map<TensorIndex, Moments> moments;
  for (std::size_t i = 0; i < layers.size(); ++i) moments[layers[i]->inputs[1]] = sums[i].moments();
  return moments;
}

graph::Graph with_chosen_rounding(const graph::Graph& network, const Scheme& scheme,
                                  const std::map<TensorIndex, Moments>& moments) {
  graph::Graph result = network;
  for (std::size_t n = 0; n < network.nodes.size(); ++n) {
    const graph::Node& node = network.nodes[n];
    if (!graph::has_weights(node)) continue;
    const Moments& seen = moments.at(node.inputs[1]);
    const std::size_t taps = seen.taps, groups = seen.mean.size() / taps;
    const std::vector<float>& before = graph::float_values(network.tensor(node.inputs[1]));
    auto& weights = graph::float_values(result, node.inputs[1]);
    const int exponent = scheme.of_weight.at(node.inputs[1]);
    std::vector<float>* bias =
        node.inputs.size() > 2 ? &graph::float_values(result, node.inputs[2]) : nullptr;
    for_each_parallel(Schedule::kStatic, weights.size() / taps, [&](std::size_t c) {
      const std::size_t group = groups > 1 ? c : 0;
      const auto own = std::span(weights).subspan(c * taps, taps);
      choose(own, std::span(seen.covariance).subspan(group * taps * taps, taps * taps), exponent,
             scheme.bits[n]);
      if (bias == nullptr) return;
      double drift = 0;
      for (std::size_t i = 0; i < taps; ++i)
        drift += (double{before[c * taps + i]} - double{own[i]}) * seen.mean[group * taps + i];
      (*bias)[c] += static_cast<float>(drift);
    });
  }
  return result;
}

}  // namespace mudra::quant
