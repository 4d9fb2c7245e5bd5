// The training itself: epochs of batches, validated, monitored, saved, and resumed bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "mudra/train/adam.hpp"
#include "mudra/train/monitor.hpp"
#include "mudra/train/training_set.hpp"

namespace mudra::train {

struct TrainingConfig {
  graph::Graph network;        // what is trained; float, verified; states how pixels become numbers
  bool keeps_weights = false;  // it starts from the weights that `network` has, else from fresh ones
  int epochs = 12;
  int batch = 32;
  double learning_rate = 3e-3;  // at the start; falls to 0 along half a cosine, step by step
  double layer_decay = 1;       // of the rate, from each layer to the one in front of it
  int average_epochs = 3;       // weights are averaged over this many epochs up to the end; 0: never
  bool keeps_average = false;   // it is kept whatever validation says: of few pictures that is chance
  EarlyStopping early_stopping;
  Targets targets;
  std::uint64_t seed = 1;
};

// Below this many steps an epoch running statistics lag behind the weights (0.9 ^ 50 of the old ones would be
// 0.5 %), so they are estimated anew before a network is judged.
inline constexpr std::int64_t kFewSteps = 50;

// Whole batches, the steps of one epoch.
std::int64_t steps_of(const TrainingConfig& config, const TrainingSet& set);

// Throws Error unless the examples of an epoch are a batch at least.
void check_batch(int batch, std::size_t examples);

// Pictures that are only judged.
struct ValidationSet {
  const data::Dataset* pictures = nullptr;
  std::vector<std::uint32_t> chosen;
};

// The running mean of the weights after each step of the last epochs, of all or before an early stop
// (stochastic weight averaging, Izmailov et al. 2018). It holds trainable values only: running statistics are
// estimated anew for it.
struct WeightAverage {
  std::int64_t steps = 0;
  std::vector<float> values;  // in the order of learnt_constants(); empty before the first step

  bool operator==(const WeightAverage&) const = default;
};

// Everything a training has come to between two steps; what a checkpoint holds.
struct TrainingState {
  graph::Graph network;
  AdamState adam;
  int epoch = 0;             // of the next step, 0 is the first
  std::int64_t batches = 0;  // of this epoch that are done
  double loss_sum = 0;       // over those batches
  std::int64_t correct = 0;  // images, likewise
  std::vector<EpochMetrics> history;
  graph::Graph best;  // of the epoch with the lowest validation loss
  WeightAverage average;
  bool finished = false;
};

// Whether a state between two epochs is the last one.
bool is_finished(const TrainingConfig& config, const TrainingState& state);

// The state before the first step.
TrainingState begin_training(const TrainingConfig& config);

struct TrainingEvents {
  // Called when the state is worth keeping: after an epoch, every half minute, and before an interruption.
  std::function<void(const TrainingState&)> save = [](const TrainingState&) {};
  std::function<void(const EpochMetrics&)> epoch_done = [](const EpochMetrics&) {};
};

// What training gives: the best epoch's weights or the averaged ones, whichever has the lower validation
// loss, unless config.keeps_average.
struct TrainedNetwork {
  graph::Graph network;
  bool averaged = false;
  double validation_loss = 0, validation_accuracy = 0;
};

// Goes on from `state` to the end. The bytes of the result depend on config and data only, neither on the
// number of threads nor on where a training was interrupted. Throws Error{kInterrupted} after Ctrl-C, having
// saved; Error for empty sets, a training loss that is not finite, or no validation loss that is.
TrainedNetwork train(const TrainingConfig& config, const TrainingSet& set, const ValidationSet& validation,
                     TrainingState& state, const TrainingEvents& events);

}  // namespace mudra::train
