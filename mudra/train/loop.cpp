#include "mudra/train/loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/train/inference.hpp"
#include "mudra/train/initialise.hpp"
#include "mudra/train/schedule.hpp"
#include "mudra/train/train_step.hpp"

namespace mudra::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kSaveInterval = std::chrono::seconds(30);
constexpr int kStatisticsBatches = 64;  // that re-estimate running statistics

// One batch of inputs and labels, drawn on all threads.
class Batch {
 public:
  Batch(const TrainingConfig& config, const TrainingSet& set)
      : values_(normalization_of(config.network)),
        example_(set.shape.bytes()),
        inputs_(static_cast<std::size_t>(config.batch) * example_),
        labels_(config.batch) {}

  void draw(const TrainingSet& set, int epoch, std::span<const std::uint32_t> examples) {
    for_each_parallel(Schedule::kDynamic, examples.size(), [&](std::size_t i) {
      labels_[i] = draw_example(set, epoch, examples[i], values_, input(i));
    });
  }

  std::span<const float> inputs() const { return inputs_; }
  std::span<const std::int32_t> labels() const { return labels_; }

 private:
  std::span<float> input(std::size_t i) { return std::span(inputs_).subspan(i * example_, example_); }

  graph::PixelValues values_;
  std::size_t example_;  // values of one input
  std::vector<float> inputs_;
  std::vector<std::int32_t> labels_;
};

struct Judgement {
  double loss = 0, accuracy = 0;
};

Judgement judge(const graph::Graph& network, const ValidationSet& validation) {
  constexpr std::size_t kBatch = 64;
  const auto classes = static_cast<std::size_t>(network.tensor(network.output).shape.back());
  Inference inference(network, kBatch);
  const graph::PixelValues values(normalization_of(network));
  const std::size_t example = validation.pictures->shape.bytes();
  std::vector<float> inputs(kBatch * example), logits(kBatch * classes);
  double loss = 0, correct = 0;
  for (std::size_t begin = 0; begin < validation.chosen.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, validation.chosen.size() - begin);
    for (std::size_t i = 0; i < count; ++i)
      values.convert(validation.pictures->image(validation.chosen[begin + i]),
                     std::span(inputs).subspan(i * example, example));
    inference.run(std::span(inputs).first(count * example), std::span(logits).first(count * classes));
    for (std::size_t i = 0; i < count; ++i) {
      const auto scores = std::span(logits).subspan(i * classes, classes);
      const std::int32_t label = validation.pictures->labels[validation.chosen[begin + i]];
      loss += cross_entropy(scores, label);
      correct += std::ranges::max_element(scores) - scores.begin() == label;
    }
  }
  const auto images = static_cast<double>(validation.chosen.size());
  return {loss / images, correct / images};
}

void add_to_average(WeightAverage& average, const graph::Graph& network) {
  ++average.steps;
  const float share = 1.0f / static_cast<float>(average.steps);
  std::size_t at = 0;
  average.values.resize(learnt_values(network));
  for (const graph::TensorIndex tensor : learnt_constants(network)) {
    for (const float value : float_values(network.tensor(tensor))) {
      average.values[at] += share * (value - average.values[at]);
      ++at;
    }
  }
}

// Running statistics as the plain average over an epoch's first batches, all with the weights as they are.
void estimate_statistics(const TrainingConfig& config, const TrainingSet& set, int epoch, TrainStep& step) {
  Batch batch(config, set);
  const auto order = epoch_order(set, epoch);
  const auto batches = static_cast<int>(std::min<std::int64_t>(kStatisticsBatches, steps_of(config, set)));
  for (int i = 0; i < batches; ++i) {
    batch.draw(set, epoch, std::span(order).subspan(i * config.batch, config.batch));
    step.update_statistics(batch.inputs(), 1.0 / (i + 1));
  }
}

// Where averaging begins: average_epochs before the last epoch, or before the one that early stopping would
// end with.
struct AverageWindow {
  int epoch, epochs_without_progress;
  explicit AverageWindow(const TrainingConfig& config)
      : epoch(std::max(0, config.epochs - config.average_epochs)),
        epochs_without_progress(std::max(0, config.early_stopping.patience - config.average_epochs)) {}
};

void open_average(const TrainingConfig& config, TrainingState& state) {
  const AverageWindow window(config);
  if (state.epoch == window.epoch ||
      (state.epoch < window.epoch &&
       EarlyStopping::epochs_without_progress(state.history) == window.epochs_without_progress))
    state.average = {};
}

bool is_averaged(const TrainingConfig& config, const TrainingState& state) {
  const AverageWindow window(config);
  return config.average_epochs > 0 &&
         (state.epoch >= window.epoch ||
          EarlyStopping::epochs_without_progress(state.history) >= window.epochs_without_progress);
}

// The averaged weights as a network, its running statistics estimated over fresh training examples.
graph::Graph averaged_network(const TrainingConfig& config, const TrainingSet& set,
                              const TrainingState& state) {
  graph::Graph network = state.network;
  std::size_t at = 0;
  for (const graph::TensorIndex tensor : learnt_constants(network))
    for (float& value : float_values(network, tensor)) value = state.average.values[at++];
  TrainStep step(network, config.batch);
  estimate_statistics(config, set, config.epochs, step);  // an epoch that no step has seen
  return network;
}

// Runs the rest of state.epoch. Returns without its end only by an exception.
void run_epoch(const TrainingConfig& config, const TrainingSet& set, TrainingState& state, TrainStep& step,
               Adam& adam, const TrainingEvents& events) {
  const auto order = epoch_order(set, state.epoch);
  const std::int64_t batches = steps_of(config, set);
  const std::int64_t total = batches * config.epochs;
  Progress progress(fmt::format("epoch {}/{}", state.epoch + 1, config.epochs),
                    static_cast<std::size_t>(batches - state.batches) * config.batch);
  Batch batch(config, set);
  auto saved = Clock::now();
  const auto save = [&] {
    state.adam = adam.state();
    events.save(state);
    saved = Clock::now();
  };
  if (state.batches == 0) open_average(config, state);
  const bool averaged = is_averaged(config, state);
  for (; state.batches < batches; ++state.batches) {
    const bool stop = interrupted();  // asked once: what stops here has been saved
    if (stop || Clock::now() - saved > kSaveInterval) save();
    if (stop) stop_if_interrupted();
    batch.draw(set, state.epoch, std::span(order).subspan(state.batches * config.batch, config.batch));
    const BatchResult result = step.forward_backward(batch.inputs(), batch.labels());
    if (!std::isfinite(result.loss)) fail("the loss is no longer finite; try a smaller --learning-rate");
    adam.step(state.network, step.gradients(),
              cosine_annealing(config.learning_rate, state.epoch * batches + state.batches, total));
    if (averaged) add_to_average(state.average, state.network);
    state.loss_sum += result.loss;
    state.correct += result.correct;
    progress.advance(config.batch);
    progress.note(fmt::format("loss {:.3f}", state.loss_sum / static_cast<double>(state.batches + 1)));
  }
  state.adam = adam.state();
}

// Closes an epoch: validates, keeps the best weights, and turns to the next.
void close_epoch(const TrainingConfig& config, const TrainingSet& set, const ValidationSet& validation,
                 TrainingState& state, TrainStep& step) {
  if (steps_of(config, set) < kFewSteps) estimate_statistics(config, set, state.epoch, step);
  const Judgement judged = judge(state.network, validation);
  const auto batches = static_cast<double>(state.batches);
  state.history.push_back(
      {.epoch = state.epoch + 1,
       .learning_rate = cosine_annealing(config.learning_rate, state.epoch, config.epochs),
       .train_loss = state.loss_sum / batches,
       .train_accuracy = static_cast<double>(state.correct) / (batches * config.batch),
       .validation_loss = judged.loss,
       .validation_accuracy = judged.accuracy});
  if (EarlyStopping::epochs_without_progress(state.history) == 0) state.best = state.network;
  ++state.epoch;
  state.batches = 0;
  state.loss_sum = 0;
  state.correct = 0;
  state.finished = is_finished(config, state);
}

}  // namespace

std::int64_t steps_of(const TrainingConfig& config, const TrainingSet& set) {
  return static_cast<std::int64_t>(set.size()) / config.batch;
}

void check_batch(int batch, std::size_t examples) {
  if (examples < static_cast<std::size_t>(batch))
    fail("{} training images are fewer than one batch of {}; choose a smaller --batch, or give more images",
         examples, batch);
}

bool is_finished(const TrainingConfig& config, const TrainingState& state) {
  return state.epoch == config.epochs || config.early_stopping.should_stop(state.history);
}

TrainingState begin_training(const TrainingConfig& config) {
  graph::Graph network = config.network;
  if (!config.keeps_weights) initialise(network, config.seed);
  AdamState adam = Adam(network).state();
  return {.network = network, .adam = std::move(adam), .history = {}, .best = network, .average = {}};
}

TrainedNetwork train(const TrainingConfig& config, const TrainingSet& set, const ValidationSet& validation,
                     TrainingState& state, const TrainingEvents& events) {
  check_batch(config.batch, set.size());
  const std::int64_t input = graph::element_count(config.network.tensor(config.network.input).shape);
  if (!std::cmp_equal(set.shape.bytes(), input) || validation.pictures->shape != set.shape)
    fail("pictures of {} for a network that takes {} values", data::text_of(set.shape), input);
  if (validation.chosen.empty()) fail("there are no validation images");
  if (state.batches > steps_of(config, set)) fail("the state is that of a larger training set");
  TrainStep step(state.network, config.batch);
  Adam adam(state.network, config.layer_decay);
  adam.restore(state.adam);
  while (!state.finished) {
    run_epoch(config, set, state, step, adam, events);
    close_epoch(config, set, validation, state, step);
    events.save(state);
    events.epoch_done(state.history.back());
  }
  const Judgement best = judge(state.best, validation);
  TrainedNetwork result{
      .network = state.best, .validation_loss = best.loss, .validation_accuracy = best.accuracy};
  if (state.average.steps > 0) {
    graph::Graph averaged = averaged_network(config, set, state);
    const Judgement judged = judge(averaged, validation);
    if (std::isfinite(judged.loss) && (config.keeps_average || !(judged.loss > best.loss)))
      result = {std::move(averaged), true, judged.loss, judged.accuracy};
  }
  if (!std::isfinite(result.validation_loss))
    fail("the validation loss was never finite; try a smaller --learning-rate");
  return result;
}

}  // namespace mudra::train
