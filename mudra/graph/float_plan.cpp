#include "mudra/graph/float_plan.hpp"

#include <algorithm>
#include <limits>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/kernels/layout.hpp"

namespace mudra::graph {
namespace {

using kernels::Bounds;
using kernels::MapSize;
using kernels::padded;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr Bounds kUnbounded{-kInfinity, kInfinity}, kRelu{0, kInfinity};

// One image's maps and scratch memory; LightGestureNet needs 0.1 million floats.
constexpr std::size_t kMaxFloats = std::size_t{1} << 27;

bool is_unbounded(Bounds bounds) { return bounds.low == -kInfinity && bounds.high == kInfinity; }

MapSize size_of(const Tensor& tensor) {
  const auto at = [&](std::size_t i) { return static_cast<int>(tensor.shape[i]); };
  if (tensor.layout == Layout::kNc) return {1, 1, at(1)};
  return {at(1), at(2), at(3)};
}

int map_floats(const MapSize& size) { return size.height * size.width * padded(size.channels); }

// A node with the shortcut and the activation behind it that can be done in the same go.
struct Stage {
  const Node* node;
  TensorIndex in;
  TensorIndex shortcut = -1;  // added before the bounds; -1: none
  Bounds bounds = kUnbounded;
  TensorIndex out;
};

class Planner {
 public:
  Planner(const Graph& graph, const FloatRunner::Options& options)
      : graph_(graph),
        given_(options.given),
        stored_(graph.tensors.size(), false),
        watched_(graph.tensors.size(), false),
        readers_(graph.tensors.size()) {
    for (const TensorIndex i : options.keep) stored_[index(i)] = true;
    for (const TensorIndex i : options.watched) watched_[index(i)] = true;
    stored_[index(graph.output)] = true;
    for (const Node& node : graph.nodes)
      for (const TensorIndex i : node.inputs) readers_[index(i)].push_back(&node);
    plan_.places.assign(graph.tensors.size(), kNowhere);
  }

  FloatPlan plan() {
    load_input();
    show(graph_.input);
    for (const TensorIndex i : given_) allot(i);
    const std::vector<Stage> stages = collect_stages();
    for (std::size_t i = 0; i < stages.size(); ++i) {
      if (i + 2 < stages.size() && is_block(stages[i], stages[i + 1], stages[i + 2])) {
        add_block(stages[i], stages[i + 1], stages[i + 2]);
        i += 2;
      } else {
        add_step(stages[i]);
      }
      show(stages[i].out);
    }
    return std::move(plan_);
  }

 private:
  static std::size_t index(TensorIndex i) { return static_cast<std::size_t>(i); }
  const Tensor& tensor(TensorIndex i) const { return graph_.tensor(i); }
  Place place(TensorIndex i) const { return i < 0 ? kNowhere : plan_.places[index(i)]; }

  // The one node that reads tensor `i`, unless the tensor must be stored.
  const Node* sole_reader(TensorIndex i) const {
    return !stored_[index(i)] && readers_[index(i)].size() == 1 ? readers_[index(i)][0] : nullptr;
  }

  // The one node that may be done with the stage.
  const Node* next_of(const Stage& stage) const {
    return watched_[index(stage.out)] ? nullptr : sole_reader(stage.out);
  }

  void show(TensorIndex i) {
    if (watched_[index(i)]) plan_.shown.push_back({plan_.steps.size(), i});
  }
  TensorIndex if_watched(TensorIndex i) const { return watched_[index(i)] ? i : -1; }

  void load_input() {
    const bool only_dense = std::ranges::all_of(readers_[index(graph_.input)], [](const Node* node) {
      const auto* conv = std::get_if<Conv>(&node->operation);
      return (conv != nullptr && !conv->depthwise) || std::holds_alternative<Gemm>(node->operation);
    });
    if (only_dense && !stored_[index(graph_.input)]) {
      plan_.places[index(graph_.input)] = kAtInput;
    } else {
      const Place out = allot(graph_.input);
      plan_.steps.emplace_back(LoadStep{size_of(tensor(graph_.input)), out});
    }
  }

  std::vector<Stage> collect_stages() const {
    std::vector<Stage> stages;
    std::vector<bool> ready(graph_.tensors.size(), false);
    ready[index(graph_.input)] = true;
    for (const TensorIndex i : given_) ready[index(i)] = true;
    for (const Node& node : graph_.nodes) {
      if (ready[index(node.output)]) continue;  // done together with an earlier node
      Stage stage{.node = &node, .in = node.inputs[0], .out = node.output};
      take_activation_of(node, stage);
      if (is_unbounded(stage.bounds)) take_shortcut(stage, ready);
      take_activation(stage);
      for (TensorIndex i = node.output; i != stage.out; i = readers_[index(i)][0]->output)
        ready[index(i)] = true;
      ready[index(stage.out)] = true;
      stages.push_back(stage);
    }
    return stages;
  }

  // What the node itself bounds.
  static void take_activation_of(const Node& node, Stage& stage) {
    if (has_fused_relu(node)) stage.bounds = kRelu;
    if (const auto* clip = std::get_if<Clip>(&node.operation)) stage.bounds = {clip->low, clip->high};
    if (std::holds_alternative<Relu>(node.operation)) stage.bounds = kRelu;
    if (std::holds_alternative<Add>(node.operation)) stage.shortcut = node.inputs[1];
  }

  void take_shortcut(Stage& stage, const std::vector<bool>& ready) const {
    const auto* conv = std::get_if<Conv>(&stage.node->operation);
    const Node* reader = next_of(stage);
    if (conv == nullptr || conv->depthwise || reader == nullptr ||
        !std::holds_alternative<Add>(reader->operation))
      return;
    const TensorIndex other = reader->inputs[reader->inputs[0] == stage.out ? 1 : 0];
    if (!ready[index(other)] || plan_.places[index(other)] == kAtInput) return;
    stage.shortcut = other;
    stage.out = reader->output;
  }

  void take_activation(Stage& stage) const {
    const Operation& operation = stage.node->operation;
    const bool can_bound = std::holds_alternative<Conv>(operation) ||
                           std::holds_alternative<Gemm>(operation) || std::holds_alternative<Add>(operation);
    const Node* reader = next_of(stage);
    if (!can_bound || !is_unbounded(stage.bounds) || reader == nullptr) return;
    Stage next{.node = reader, .in = 0, .out = 0};
    if (!std::holds_alternative<Clip>(reader->operation) && !std::holds_alternative<Relu>(reader->operation))
      return;
    take_activation_of(*reader, next);
    stage.bounds = next.bounds;
    stage.out = reader->output;
  }

  bool is_block(const Stage& expand, const Stage& depthwise, const Stage& project) const {
    const auto is_pointwise = [](const Stage& stage) {
      const auto* conv = std::get_if<Conv>(&stage.node->operation);
      return conv != nullptr && !conv->depthwise && conv->window == Window{};
    };
    const auto* middle = std::get_if<Conv>(&depthwise.node->operation);
    if (!is_pointwise(expand) || !is_pointwise(project) || middle == nullptr || !middle->depthwise)
      return false;
    const Window& window = middle->window;
    return window.kernel_h == 3 && window.kernel_w == 3 && window.stride_h == window.stride_w &&
           window.stride_h <= 2 && window.pad_top == 1 && window.pad_left == 1 && window.pad_bottom <= 1 &&
           window.pad_right <= 1 && expand.shortcut < 0 && depthwise.shortcut < 0 &&
           is_unbounded(project.bounds) && place(expand.in) != kAtInput &&
           sole_reader(expand.out) == depthwise.node && sole_reader(depthwise.out) == project.node;
  }

  // Room for a tensor.
  Place allot(TensorIndex i) {
    const auto out = static_cast<Place>(plan_.map_floats);
    plan_.map_floats += static_cast<std::size_t>(map_floats(size_of(tensor(i))));
    plan_.places[index(i)] = out;
    check_memory();
    return out;
  }

  void need_scratch(std::size_t floats) {
    plan_.scratch_floats = std::max(plan_.scratch_floats, floats);
    check_memory();
  }

  void check_memory() const {
    if (plan_.map_floats > kMaxFloats || plan_.scratch_floats > kMaxFloats)
      fail("one image needs more than {} MB of memory", kMaxFloats * sizeof(float) >> 20);
  }

  // [rest, padded(out)] with rest in the order of the window: kernel row, kernel column, channel.
  AlignedBuffer packed_weights(const Node& node) const {
    const Tensor& weight = tensor(node.inputs[1]);
    const std::vector<float>& values = float_values(weight);
    const auto out = static_cast<std::size_t>(weight.shape[0]),
               in = static_cast<std::size_t>(weight.shape[1]);
    const std::size_t taps = values.size() / (out * in),
                      stride = static_cast<std::size_t>(padded(static_cast<int>(out)));
    AlignedBuffer packed(padded_rows(taps * in) * stride);
    for (std::size_t o = 0; o < out; ++o)
      for (std::size_t i = 0; i < in; ++i)
        for (std::size_t t = 0; t < taps; ++t)
          packed.data()[(t * in + i) * stride + o] = values[(o * in + i) * taps + t];
    return packed;
  }
  // The projection of a block reads whole vectors of hidden channels: rows of zeros follow.
  static std::size_t padded_rows(std::size_t rows) {
    return static_cast<std::size_t>(padded(static_cast<int>(rows)));
  }

  AlignedBuffer packed_bias(const Node& node) const {
    const auto channels = static_cast<int>(tensor(node.inputs[1]).shape[0]);
    AlignedBuffer packed(static_cast<std::size_t>(padded(channels)));
    if (node.inputs.size() > 2) std::ranges::copy(float_values(tensor(node.inputs[2])), packed.data());
    return packed;
  }

  AlignedBuffer packed_vector(TensorIndex vector) const {
    const std::vector<float>& values = float_values(tensor(vector));
    AlignedBuffer packed(static_cast<std::size_t>(padded(static_cast<int>(values.size()))));
    std::ranges::copy(values, packed.data());
    return packed;
  }

  static kernels::Sliding sliding_of(const Node& node) {
    const auto* conv = std::get_if<Conv>(&node.operation);
    return sliding_of(conv != nullptr ? conv->window : Window{});
  }
  static kernels::Sliding sliding_of(const Window& window) {
    return {window.kernel_h, window.kernel_w, window.stride_h,
            window.stride_w, window.pad_top,  window.pad_left};
  }

  void add_block(const Stage& expand, const Stage& depthwise, const Stage& project) {
    const MapSize in = size_of(tensor(expand.in)), hidden = size_of(tensor(depthwise.out)),
                  out = size_of(tensor(project.out));
    const kernels::BlockShape shape{.height = in.height,
                                    .width = in.width,
                                    .out_height = out.height,
                                    .out_width = out.width,
                                    .stride = std::get<Conv>(depthwise.node->operation).window.stride_h,
                                    .in_channels = in.channels,
                                    .hidden_channels = hidden.channels,
                                    .out_channels = out.channels};
    need_scratch(kernels::scratch_floats(shape));
    plan_.steps.emplace_back(BlockStep{.shape = shape,
                                       .expand = packed_weights(*expand.node),
                                       .expand_bias = packed_bias(*expand.node),
                                       .taps = packed_weights(*depthwise.node),
                                       .taps_bias = packed_bias(*depthwise.node),
                                       .project = packed_weights(*project.node),
                                       .project_bias = packed_bias(*project.node),
                                       .expand_bounds = expand.bounds,
                                       .taps_bounds = depthwise.bounds,
                                       .in = place(expand.in),
                                       .shortcut = place(project.shortcut),
                                       .out = allot(project.out),
                                       .expanded = if_watched(expand.out),
                                       .filtered = if_watched(depthwise.out)});
  }

  void add_dense(const Stage& stage) {
    ConvStep step{.in_size = size_of(tensor(stage.in)),
                  .out_size = size_of(tensor(stage.node->output)),
                  .window = sliding_of(*stage.node),
                  .weights = packed_weights(*stage.node),
                  .bias = packed_bias(*stage.node),
                  .bounds = stage.bounds,
                  .in = place(stage.in),
                  .shortcut = place(stage.shortcut),
                  .out = allot(stage.out)};
    need_scratch(step.scratch_floats());
    plan_.steps.emplace_back(std::move(step));
  }

  void add_depthwise(const Stage& stage) {
    plan_.steps.emplace_back(DepthwiseStep{.in_size = size_of(tensor(stage.in)),
                                           .out_size = size_of(tensor(stage.out)),
                                           .window = sliding_of(*stage.node),
                                           .taps = packed_weights(*stage.node),
                                           .bias = packed_bias(*stage.node),
                                           .bounds = stage.bounds,
                                           .in = place(stage.in),
                                           .out = allot(stage.out)});
  }

  void add_step(const Stage& stage) {
    const Operation& operation = stage.node->operation;
    if (const auto* conv = std::get_if<Conv>(&operation)) {
      if (conv->depthwise) return add_depthwise(stage);
      return add_dense(stage);
    }
    if (std::holds_alternative<Gemm>(operation)) return add_dense(stage);
    std::visit([&](const auto& kind) { add_step(stage, kind); }, operation);
  }

  void add_step(const Stage& stage, const GlobalAveragePool&) {
    plan_.steps.emplace_back(AverageStep{size_of(tensor(stage.in)), place(stage.in), allot(stage.out)});
  }
  void add_step(const Stage& stage, const Flatten&) {
    const MapSize size = size_of(tensor(stage.in));
    // Pixels are padded apart; only where they are one is the map a row of values already.
    if (size.height * size.width == 1)
      plan_.places[index(stage.out)] = place(stage.in);
    else
      plan_.steps.emplace_back(FlattenStep{size, place(stage.in), allot(stage.out)});
  }
  void add_step(const Stage& stage, const Add&) { add_bounded(stage); }
  void add_step(const Stage& stage, const Clip&) { add_bounded(stage); }
  void add_step(const Stage& stage, const Relu&) { add_bounded(stage); }
  void add_bounded(const Stage& stage) {
    plan_.steps.emplace_back(AddStep{map_floats(size_of(tensor(stage.in))), stage.bounds, place(stage.in),
                                     place(stage.shortcut), allot(stage.out)});
  }
  void add_step(const Stage& stage, const MaxPool& pool) { add_pool(stage, pool.window, true, false); }
  void add_step(const Stage& stage, const AveragePool& pool) {
    add_pool(stage, pool.window, false, pool.count_include_pad);
  }
  void add_pool(const Stage& stage, const Window& window, bool takes_largest, bool counts_padding) {
    plan_.steps.emplace_back(PoolStep{size_of(tensor(stage.in)), size_of(tensor(stage.out)),
                                      sliding_of(window), takes_largest, counts_padding, place(stage.in),
                                      allot(stage.out)});
  }
  void add_step(const Stage& stage, const Mul&) {
    const TensorIndex factor = stage.node->inputs[1];
    const MapSize size = size_of(tensor(stage.in)), factors = size_of(tensor(factor));
    const bool per_channel = factors.height * factors.width < size.height * size.width;
    plan_.steps.emplace_back(
        MultiplyStep{size, per_channel, place(stage.in), place(factor), allot(stage.out)});
  }
  void add_step(const Stage& stage, const Activation& activation) {
    plan_.steps.emplace_back(
        ActivateStep{size_of(tensor(stage.in)), activation, place(stage.in), allot(stage.out)});
  }
  void add_step(const Stage& stage, const PRelu&) {
    plan_.steps.emplace_back(SlopeStep{size_of(tensor(stage.in)), packed_vector(stage.node->inputs[1]),
                                       place(stage.in), allot(stage.out)});
  }
  void add_step(const Stage& stage, const Concat&) {
    ConcatStep step{{}, size_of(tensor(stage.out)), 0};
    for (const TensorIndex part : stage.node->inputs)
      step.parts.push_back({place(part), size_of(tensor(part)).channels});
    step.out = allot(stage.out);
    plan_.steps.emplace_back(std::move(step));
  }
  void add_step(const Stage& stage, const Transpose& transpose) {
    const auto& axes = transpose.permutation;
    if (axes.size() != 4 || axes[0] != 0)
      fail("node '{}': only the axes of a map can be transposed, not the pictures", stage.node->name);
    plan_.steps.emplace_back(TransposeStep{size_of(tensor(stage.in)),
                                           size_of(tensor(stage.out)),
                                           {axes[1] - 1, axes[2] - 1, axes[3] - 1},
                                           place(stage.in),
                                           allot(stage.out)});
  }
  template <typename Other>
  void add_step(const Stage& stage, const Other&) {
    fail("node '{}': {} has no fast float run", stage.node->name, name_of(stage.node->operation));
  }

  const Graph& graph_;
  const std::vector<TensorIndex>& given_;
  std::vector<bool> stored_;   // by TensorIndex: must be in memory after a run
  std::vector<bool> watched_;  // by TensorIndex
  std::vector<std::vector<const Node*>> readers_;
  FloatPlan plan_;
};

}  // namespace

FloatPlan plan_float_run(const Graph& graph, const FloatRunner::Options& options) {
  return Planner(graph, options).plan();
}

}  // namespace mudra::graph
