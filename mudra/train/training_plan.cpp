#include "mudra/train/training_plan.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/train/block_layer.hpp"
#include "mudra/train/first_layer.hpp"
#include "mudra/train/map_steps.hpp"
#include "mudra/train/weighted_steps.hpp"

namespace mudra::train {
namespace {

using graph::Conv;
using graph::Node;
using graph::TensorIndex;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The limit of a ReLU or ReLU6; nothing for other operations.
std::optional<float> limit_of(const Node& node) {
  if (std::holds_alternative<graph::Relu>(node.operation)) return kInfinity;
  const auto* clip = std::get_if<graph::Clip>(&node.operation);
  if (clip == nullptr || clip->low != 0 || !(clip->high > 0)) return std::nullopt;
  return clip->high;
}

// A node, and the activation behind it that is done with it.
struct Stage {
  const Node* node;
  std::optional<float> limit;
  TensorIndex out;
};

// A Conv without bias, its normalisation, and the activation behind that.
struct NormalisedStage {
  const Node* conv;
  const Node* norm;
  std::optional<float> limit;
  TensorIndex out;

  const Conv& operation() const { return std::get<Conv>(conv->operation); }
  TensorIndex in() const { return conv->inputs[0]; }
};

class Planner {
 public:
  Planner(const graph::Graph& graph, Tape& tape)
      : graph_(graph),
        tape_(tape),
        done_(graph.nodes.size(), false),
        needed_(graph.tensors.size(), false),
        readers_(graph.tensors.size()) {
    needed_[index(graph.output)] = true;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node)
      if (needed_[index(node->output)])
        for (const TensorIndex i : node->inputs) needed_[index(i)] = true;
    for (const Node& node : graph.nodes)
      if (needed_[index(node.output)])
        for (const TensorIndex i : node.inputs) readers_[index(i)].push_back(&node);
  }

  TrainingPlan plan() {
    load_input();
    for (const Node& node : graph_.nodes) {
      if (done_[number(node)] || !needed_[index(node.output)]) continue;
      const auto first = normalised(node);
      if (first && is_first(*first)) {
        add_first(*first);
      } else if (!first || !add_block(*first)) {
        add_step(node);
      }
    }
    for (const auto& step : plan_.steps)
      plan_.scratch_floats = std::max(plan_.scratch_floats, step->scratch_floats());
    return std::move(plan_);
  }

 private:
  static std::size_t index(TensorIndex i) { return static_cast<std::size_t>(i); }
  std::size_t number(const Node& node) const { return static_cast<std::size_t>(&node - graph_.nodes.data()); }
  MapSize size_of(TensorIndex i) const { return map_size(graph_.tensor(i)); }

  // The one node that reads tensor `i`; nullptr where others or the caller do too.
  const Node* sole_reader(TensorIndex i) const {
    return i != graph_.output && readers_[index(i)].size() == 1 ? readers_[index(i)][0] : nullptr;
  }

  // The normalised convolution that begins with `node`.
  std::optional<NormalisedStage> normalised(const Node& node) const {
    if (!std::holds_alternative<Conv>(node.operation) || node.inputs.size() > 2 || has_fused_relu(node))
      return std::nullopt;
    const Node* norm = sole_reader(node.output);
    if (norm == nullptr || !std::holds_alternative<graph::BatchNormalization>(norm->operation))
      return std::nullopt;
    const Stage stage = with_activation(*norm);
    return NormalisedStage{&node, norm, stage.limit, stage.out};
  }

  Stage with_activation(const Node& node) const {
    Stage stage{&node, std::nullopt, node.output};
    if (has_fused_relu(node)) stage.limit = kInfinity;
    const Node* reader = sole_reader(node.output);
    if (stage.limit || reader == nullptr || !limit_of(*reader)) return stage;
    return {&node, limit_of(*reader), reader->output};
  }

  void take(const NormalisedStage& stage) {
    done_[number(*stage.conv)] = done_[number(*stage.norm)] = true;
    if (stage.limit) done_[number(*sole_reader(stage.norm->output))] = true;
    count_normalised(stage.norm->inputs[0]);
  }

  void count_normalised(TensorIndex tensor) {
    plan_.least_normalised_pixels = std::min(plan_.least_normalised_pixels, pixels_of(size_of(tensor)));
  }

  // Whether the windows are 3x3 ones of a square map, padded by 1, and of the stride.
  bool is_square(const NormalisedStage& stage, int stride) const {
    const graph::Window& window = stage.operation().window;
    const MapSize in = size_of(stage.in()), out = size_of(stage.out);
    return window.kernel_h == 3 && window.kernel_w == 3 && window.stride_h == stride &&
           window.stride_w == stride && window.pad_top == 1 && window.pad_left == 1 &&
           in.height == in.width && out.height == out.width &&
           out.height == kernels::strided(in.height, stride);
  }

  bool is_first(const NormalisedStage& stage) const {
    return stage.in() == graph_.input && size_of(stage.in()).channels == 1 && !stage.operation().depthwise &&
           stage.limit && is_square(stage, 2);
  }

  void add_first(const NormalisedStage& stage) {
    take(stage);
    const BatchMap& out = tape_.allot(stage.out);
    plan_.steps.push_back(std::make_unique<FirstLayer>(
        graph_.input, stage.conv->inputs[1], normalisation_node(graph_, *stage.norm), stage.out,
        out.channels(), size_of(graph_.input).height, *stage.limit));
  }

  static bool is_pointwise(const NormalisedStage& stage) {
    return !stage.operation().depthwise && stage.operation().window == graph::Window{};
  }

  std::optional<NormalisedStage> normalised_behind(const NormalisedStage& stage) const {
    const Node* reader = sole_reader(stage.out);
    return reader == nullptr ? std::nullopt : normalised(*reader);
  }

  // The inverted residual that begins with `expand`, if there is one.
  bool add_block(const NormalisedStage& expand) {
    if (!is_pointwise(expand) || !expand.limit || expand.in() == graph_.input) return false;
    const auto depthwise = normalised_behind(expand);
    if (!depthwise || !depthwise->operation().depthwise || depthwise->limit != expand.limit) return false;
    const int stride = depthwise->operation().window.stride_h;
    if (stride > 2 || !is_square(*depthwise, stride)) return false;
    const auto project = normalised_behind(*depthwise);
    if (!project || !is_pointwise(*project) || project->limit) return false;

    BlockLayer::Nodes nodes{.expand = expand.conv->inputs[1],
                            .depthwise = depthwise->conv->inputs[1],
                            .project = project->conv->inputs[1],
                            .expand_norm = normalisation_node(graph_, *expand.norm),
                            .depthwise_norm = normalisation_node(graph_, *depthwise->norm),
                            .project_norm = normalisation_node(graph_, *project->norm),
                            .in = expand.in(),
                            .out = project->out,
                            .shape = {.side = size_of(expand.in()).height,
                                      .stride = stride,
                                      .in_channels = size_of(expand.in()).channels,
                                      .hidden_channels = size_of(expand.out).channels,
                                      .out_channels = size_of(project->out).channels},
                            .has_shortcut = false,
                            .limit = *expand.limit};
    for (const NormalisedStage* stage : {&expand, &*depthwise, &*project}) take(*stage);
    const Node* add = sole_reader(project->out);
    if (add != nullptr && std::holds_alternative<graph::Add>(add->operation) &&
        std::ranges::is_permutation(add->inputs, std::vector{nodes.in, project->out})) {
      nodes.has_shortcut = true;
      nodes.out = add->output;
      done_[number(*add)] = true;
    }
    tape_.allot(nodes.out);
    plan_.steps.push_back(std::make_unique<BlockLayer>(nodes, tape_.max_batch()));
    return true;
  }

  bool reads_image(const Node& node) const {
    const auto* conv = std::get_if<Conv>(&node.operation);
    return node.inputs[0] == graph_.input && conv != nullptr && !conv->depthwise;
  }

  void load_input() {
    const bool only_dense = std::ranges::all_of(readers_[index(graph_.input)],
                                                [&](const Node* node) { return reads_image(*node); });
    if (only_dense) return;
    tape_.allot(graph_.input);
    plan_.steps.push_back(std::make_unique<LoadStep>(graph_.input));
  }

  // The step a node makes alone or with its activation.
  void add_step(const Node& node) {
    const bool takes_activation = std::holds_alternative<Conv>(node.operation) ||
                                  std::holds_alternative<graph::Gemm>(node.operation) ||
                                  std::holds_alternative<graph::BatchNormalization>(node.operation) ||
                                  std::holds_alternative<graph::Add>(node.operation);
    const Stage stage = takes_activation ? with_activation(node) : Stage{&node, std::nullopt, node.output};
    if (stage.out != node.output) done_[number(*sole_reader(node.output))] = true;
    tape_.allot(stage.out);
    plan_.steps.push_back(
        std::visit([&](const auto& operation) { return step_of(operation, stage); }, node.operation));
  }

  std::unique_ptr<Step> step_of(const Conv& conv, const Stage& stage) {
    if (conv.depthwise) return std::make_unique<DepthwiseStep>(graph_, *stage.node, stage.out, stage.limit);
    return std::make_unique<ConvStep>(graph_, *stage.node, stage.out, stage.limit, reads_image(*stage.node));
  }
  std::unique_ptr<Step> step_of(const graph::Gemm&, const Stage& stage) {
    return std::make_unique<GemmStep>(graph_, *stage.node, stage.out, stage.limit);
  }
  std::unique_ptr<Step> step_of(const graph::BatchNormalization&, const Stage& stage) {
    count_normalised(stage.node->inputs[0]);
    return std::make_unique<NormStep>(graph_, *stage.node, stage.out, stage.limit);
  }
  std::unique_ptr<Step> step_of(const graph::Add&, const Stage& stage) {
    return std::make_unique<AddStep>(stage.node->inputs, stage.out, stage.limit);
  }
  std::unique_ptr<Step> step_of(const graph::Relu&, const Stage& stage) {
    return std::make_unique<ActivationStep>(stage.node->inputs[0], stage.out,
                                            graph::kernels::Bounds{0, kInfinity});
  }
  std::unique_ptr<Step> step_of(const graph::Clip& clip, const Stage& stage) {
    return std::make_unique<ActivationStep>(stage.node->inputs[0], stage.out,
                                            graph::kernels::Bounds{clip.low, clip.high});
  }
  std::unique_ptr<Step> step_of(const graph::Concat&, const Stage& stage) {
    return std::make_unique<ConcatStep>(stage.node->inputs, stage.out);
  }
  std::unique_ptr<Step> step_of(const graph::MaxPool& pool, const Stage& stage) {
    return std::make_unique<PoolStep>(graph_, *stage.node, pool.window, PoolStep::Kind::kLargest);
  }
  std::unique_ptr<Step> step_of(const graph::AveragePool& pool, const Stage& stage) {
    return std::make_unique<PoolStep>(
        graph_, *stage.node, pool.window,
        pool.count_include_pad ? PoolStep::Kind::kMeanWithPadding : PoolStep::Kind::kMean);
  }
  std::unique_ptr<Step> step_of(const graph::Activation& function, const Stage& stage) {
    return std::make_unique<FunctionStep>(stage.node->inputs[0], stage.out, function);
  }
  std::unique_ptr<Step> step_of(const graph::PRelu&, const Stage& stage) {
    return std::make_unique<PReluStep>(*stage.node);
  }
  std::unique_ptr<Step> step_of(const graph::Mul&, const Stage& stage) {
    return std::make_unique<MulStep>(stage.node->inputs, stage.out);
  }
  std::unique_ptr<Step> step_of(const graph::GlobalAveragePool&, const Stage& stage) {
    return std::make_unique<GlobalAverageStep>(stage.node->inputs[0], stage.out);
  }
  std::unique_ptr<Step> step_of(const graph::Flatten&, const Stage& stage) { return reordering(stage); }
  std::unique_ptr<Step> step_of(const graph::Transpose& transpose, const Stage& stage) {
    if (transpose.permutation.size() != 4 || transpose.permutation[0] != 0) return refused(stage);
    return reordering(stage);
  }
  std::unique_ptr<Step> reordering(const Stage& stage) {
    return std::make_unique<ReorderStep>(graph_, *stage.node, order_of(graph_, *stage.node));
  }
  template <class Other>
  std::unique_ptr<Step> step_of(const Other&, const Stage& stage) {
    return refused(stage);
  }

  std::unique_ptr<Step> refused(const Stage& stage) {
    fail(
        "node '{}': {} cannot be trained here; use another operation in its place, or train the network "
        "where it was made and quantize that file",
        stage.node->name, name_of(stage.node->operation));
  }

  const graph::Graph& graph_;
  Tape& tape_;
  std::vector<bool> done_;    // by node: part of an earlier step
  std::vector<bool> needed_;  // by TensorIndex: leads to the output
  std::vector<std::vector<const Node*>> readers_;
  TrainingPlan plan_;
};

}  // namespace

TrainingPlan plan_training(const graph::Graph& graph, Tape& tape) { return Planner(graph, tape).plan(); }

}  // namespace mudra::train
