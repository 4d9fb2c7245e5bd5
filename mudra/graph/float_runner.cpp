#include "mudra/graph/float_runner.hpp"

#include <algorithm>
#include <map>

#include "mudra/base/error.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/graph/float_plan.hpp"
#include "mudra/graph/kernels/layout.hpp"

namespace mudra::graph {
namespace {

constexpr int kMaxBatch = 4096;

// A tensor to be copied out of an image's memory, its channels no longer padded, or into it, or to be shown.
struct Copied {
  Place place;
  std::ptrdiff_t pixels, channels;

  std::size_t size() const { return static_cast<std::size_t>(pixels * channels); }
  std::ptrdiff_t stride() const {
    return place == kAtInput ? channels : kernels::padded(static_cast<int>(channels));
  }
  void copy(const float* maps, float* out) const {
    copy_pixels(maps + place, stride(), out, channels, pixels, channels);
  }
  void copy_in(const float* values, float* maps) const {
    copy_pixels(values, channels, maps + place, stride(), pixels, channels);
  }
  kernels::Pixels seen_in(const Workplace& work) const {
    return {work.at(place), pixels, stride(), channels};
  }
};

Copied copied(const Graph& graph, const FloatPlan& plan, TensorIndex i) {
  const Shape& shape = graph.tensor(i).shape;
  const std::ptrdiff_t channels = shape.back();
  return {plan.places[static_cast<std::size_t>(i)], element_count(shape) / channels, channels};
}

}  // namespace

struct FloatRunner::Plan {
  struct Kept {
    Copied tensor;
    std::vector<float> values;  // [max_batch, size]
  };

  struct Given {
    Copied tensor;
    std::span<const float> values;  // [batch, size]
  };

  FloatPlan plan;
  std::size_t input_size, max_batch, last_batch = 0;
  Copied output;
  std::map<TensorIndex, Kept> kept;
  std::map<TensorIndex, Given> given;
  std::map<TensorIndex, Copied> watched;
  std::vector<AlignedBuffer> memory;  // one per thread

  void run_one(const float* input, AlignedBuffer& maps, const Watch& watch) const {
    const Workplace work{input, maps.data(), maps.data() + plan.map_floats, watch};
    auto shown = plan.shown.begin();
    for (std::size_t done = 0;; ++done) {
      for (; shown != plan.shown.end() && shown->steps == done; ++shown)
        work.show(shown->tensor, watched.at(shown->tensor).seen_in(work));
      if (done == plan.steps.size()) return;
      std::visit([&](const auto& step) { step.run(work); }, plan.steps[done]);
    }
  }
};

FloatRunner::FloatRunner(const Graph& graph, const Options& options) {
  if (options.max_batch < 1 || options.max_batch > kMaxBatch)
    fail("a batch of {} is not within 1 to {}", options.max_batch, kMaxBatch);
  const Tensor& input = graph.tensor(graph.input);
  if (input.shape.empty() || input.shape[0] != 1) fail("the network's batch size is not 1");
  for (const Tensor& tensor : graph.tensors)
    if (tensor.type != Type::kFloat32)
      fail("tensor '{}' is {}, not float", tensor.name, name_of(tensor.type));
  plan_ = std::make_unique<Plan>();
  plan_->plan = plan_float_run(graph, options);
  plan_->input_size = static_cast<std::size_t>(element_count(input.shape));
  plan_->max_batch = static_cast<std::size_t>(options.max_batch);
  plan_->output = copied(graph, plan_->plan, graph.output);
  for (const TensorIndex i : options.keep) {
    const Copied tensor = copied(graph, plan_->plan, i);
    plan_->kept[i] = {tensor, std::vector<float>(tensor.size() * plan_->max_batch)};
  }
  for (const TensorIndex i : options.given) plan_->given[i] = {copied(graph, plan_->plan, i), {}};
  for (const auto& [steps, i] : plan_->plan.shown) plan_->watched[i] = copied(graph, plan_->plan, i);
}

FloatRunner::FloatRunner(FloatRunner&&) noexcept = default;
FloatRunner& FloatRunner::operator=(FloatRunner&&) noexcept = default;
FloatRunner::~FloatRunner() = default;

std::size_t FloatRunner::input_size() const { return plan_->input_size; }
std::size_t FloatRunner::output_size() const { return plan_->output.size(); }

void FloatRunner::run(std::span<const float> inputs, std::span<float> outputs, const Watch& watch) {
  Plan& plan = *plan_;
  const std::size_t batch = inputs.size() / plan.input_size;
  if (batch < 1 || batch > plan.max_batch || inputs.size() != batch * plan.input_size ||
      outputs.size() != batch * plan.output.size())
    fail("{} values in and {} out: must be 1 to {} images of {} and {}", inputs.size(), outputs.size(),
         plan.max_batch, plan.input_size, plan.output.size());
  for (const auto& [i, given] : plan.given)
    if (given.values.size() != batch * given.tensor.size())
      fail("{} values are given for a tensor of {} and {} images", given.values.size(), given.tensor.size(),
           batch);
  const auto threads = std::min(static_cast<std::size_t>(thread_count()), batch);
  while (plan.memory.size() < threads)
    plan.memory.emplace_back(plan.plan.map_floats + plan.plan.scratch_floats);
  for_each_parallel(Schedule::kStatic, threads, [&](std::size_t t) {
    AlignedBuffer& maps = plan.memory[t];
    for (std::size_t b = t; b < batch; b += threads) {
      for (const auto& [i, given] : plan.given)
        given.tensor.copy_in(given.values.data() + b * given.tensor.size(), maps.data());
      plan.run_one(inputs.data() + b * plan.input_size, maps, watch);
      plan.output.copy(maps.data(), outputs.data() + b * plan.output.size());
      for (auto& [i, kept] : plan.kept)
        kept.tensor.copy(maps.data(), kept.values.data() + b * kept.tensor.size());
    }
  });
  plan.last_batch = batch;
}

void FloatRunner::give(TensorIndex tensor, std::span<const float> values) {
  plan_->given.at(tensor).values = values;
}

std::span<const float> FloatRunner::kept(TensorIndex tensor) const {
  const Plan::Kept& kept = plan_->kept.at(tensor);
  return std::span(kept.values).first(plan_->last_batch * kept.tensor.size());
}

}  // namespace mudra::graph
