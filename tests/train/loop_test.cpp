#include "mudra/train/loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/data/synthetic_hands.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/state_dict.hpp"
#include "mudra/train/checkpoint.hpp"
#include "tests/refusal.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

constexpr data::Rendering kEasy{.light = data::Lighting::kInfrared, .none = 0};

// A training of a few seconds: a small network, two pictures a class and as many rendered ones.
struct SmallTraining {
  data::Dataset pictures =
      data::render_dataset({.people = 2, .images_per_class = 2, .seed = 5, .rendering = kEasy});
  TrainingConfig config{
      .network = graph::light_gesture_net({.first_channels = 8, .expansion = 2, .blocks = {{8, 2}, {8, 1}}}),
      .epochs = 3,
      .batch = 8,
      .average_epochs = 2,
      .early_stopping = {.patience = 3},
      .targets = {},
      .seed = 7};
  TrainingSet set;
  ValidationSet validation;

  SmallTraining() {
    set.pictures = &pictures;
    set.chosen.resize(16);
    std::iota(set.chosen.begin(), set.chosen.end(), 0u);
    set.augmentation = data::augmentation_preset("mild");
    set.rendered = {{.hands = 16, .rendering = kEasy}};
    validation.pictures = &pictures;
    validation.chosen = {16, 17, 20, 24, 28};
  }

  TrainedNetwork run(TrainingState& state, const TrainingEvents& events = {}) const {
    return train(config, set, validation, state, events);
  }
};

graph::StateDict weights_after(const SmallTraining& training, int threads) {
  set_threads(threads);
  TrainingState state = begin_training(training.config);
  const TrainedNetwork trained = training.run(state);
  set_threads(0);
  return state_dict(trained.network);
}

TEST(TrainingLoop, gives_the_same_bytes_on_1_2_and_4_threads) {
  const SmallTraining training;
  const graph::StateDict one = weights_after(training, 1);
  EXPECT_EQ(weights_after(training, 2), one);
  EXPECT_EQ(weights_after(training, 4), one);
}

TEST(TrainingLoop, another_seed_gives_other_weights) {
  SmallTraining training;
  const graph::StateDict one = weights_after(training, 2);
  training.config.seed = 8;
  EXPECT_NE(weights_after(training, 2), one);
}

// Stops a training by an exception at its `stop`-th save and goes on from the file that save wrote.
graph::StateDict weights_after_stop_at(const SmallTraining& training, int stop,
                                       const std::filesystem::path& checkpoint) {
  int saves = 0;
  TrainingEvents events;
  events.save = [&](const TrainingState& state) {
    write_checkpoint(checkpoint, state, 1);
    if (++saves == stop) throw Error(ErrorKind::kInterrupted, "stopped");
  };
  TrainingState state = begin_training(training.config);
  EXPECT_THROW(training.run(state, events), Error);
  TrainingState resumed = read_checkpoint(checkpoint, training.config, 1);
  EXPECT_EQ(resumed.epoch, stop);
  return state_dict(training.run(resumed).network);
}

TEST(TrainingLoop, goes_on_from_a_checkpoint_bit_for_bit) {
  const SmallTraining training;
  const graph::StateDict whole = weights_after(training, 2);
  const auto path = std::filesystem::path(testing::TempDir()) / "loop_test_checkpoint.npz";
  for (const int stop : {1, 2, 3}) EXPECT_EQ(weights_after_stop_at(training, stop, path), whole) << stop;
  std::filesystem::remove(path);
}

// As `mudra train --from` trains: few pictures repeated, layers in front slower, the average kept.
TEST(TrainingLoop, goes_on_from_a_network_to_the_same_bytes_on_any_threads_and_after_a_stop) {
  SmallTraining training;
  training.config.network = begin_training(training.config).network;
  training.config.keeps_weights = training.config.keeps_average = true;
  training.config.layer_decay = 0.9;
  training.set.drawn = 24;
  training.set.chosen.resize(5);
  const graph::StateDict one = weights_after(training, 1);
  EXPECT_EQ(weights_after(training, 2), one);
  const auto path = std::filesystem::path(testing::TempDir()) / "loop_test_from.npz";
  for (const int stop : {1, 2}) EXPECT_EQ(weights_after_stop_at(training, stop, path), one) << stop;
  std::filesystem::remove(path);
}

TEST(TrainingLoop, keeps_the_average_where_validation_says_little) {
  SmallTraining training;
  training.config.epochs = 4;
  training.config.average_epochs = 1;
  training.config.learning_rate = 0.5;  // ruins the network
  training.config.keeps_average = true;
  TrainingState state = begin_training(training.config);
  EXPECT_TRUE(training.run(state).averaged);
}

TEST(TrainingLoop, learns_the_pictures_it_is_shown) {
  SmallTraining training;
  training.config.epochs = 100;
  training.config.early_stopping.patience = 100;
  training.config.learning_rate = 1e-2;
  training.set.augmentation = {};
  training.set.rendered.clear();
  TrainingState state = begin_training(training.config);
  training.run(state);
  EXPECT_LT(state.history.back().train_loss, state.history.front().train_loss / 3);
  EXPECT_GT(state.history.back().train_accuracy, 0.9);
}

TEST(TrainingLoop, stops_early_when_the_validation_loss_stays_up) {
  SmallTraining training;
  training.config.epochs = 50;
  training.config.learning_rate = 0.5;  // ruins the network
  training.config.early_stopping.patience = 2;
  TrainingState state = begin_training(training.config);
  training.run(state);
  EXPECT_LT(state.history.size(), 50u);
  EXPECT_EQ(EarlyStopping::epochs_without_progress(state.history), 2);
  EXPECT_EQ(state.average.steps, 2 * steps_of(training.config, training.set));
}

TEST(TrainingLoop, of_few_steps_an_epoch_is_judged_by_statistics_estimated_anew) {
  SmallTraining training;
  training.config.epochs = 1;
  training.config.average_epochs = 0;
  TrainingState state = begin_training(training.config);
  ASSERT_LT(steps_of(training.config, training.set), kFewSteps);
  const graph::StateDict trained = state_dict(training.run(state).network);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(find(trained, "first.1.num_batches_tracked")->values),
            (std::vector{2 * steps_of(training.config, training.set)}));
}

TEST(TrainingLoop, refuses_sets_that_are_too_small) {
  SmallTraining training;
  TrainingState state = begin_training(training.config);
  training.validation.chosen.clear();
  EXPECT_THROW(training.run(state), Error);
  training.validation.chosen = {1};
  training.set.chosen = {1, 2};
  training.set.rendered.clear();
  EXPECT_THROW(training.run(state), Error);
}

TEST(Checkpoint, survives_writing_and_reading) {
  const SmallTraining training;
  TrainingState state = begin_training(training.config);
  training.run(state);
  state.loss_sum = 1.0 / 3;
  state.batches = 5;
  const TrainingState read = checkpoint_of(checkpoint_bytes(state, 1), training.config, 1);
  EXPECT_EQ(state_dict(read.network), state_dict(state.network));
  EXPECT_EQ(state_dict(read.best), state_dict(state.best));
  EXPECT_EQ(read.adam, state.adam);
  EXPECT_EQ(read.average, state.average);
  EXPECT_EQ(read.history, state.history);
  EXPECT_EQ(read.epoch, state.epoch);
  EXPECT_EQ(read.batches, 5);
  EXPECT_EQ(read.loss_sum, 1.0 / 3);
  EXPECT_EQ(read.correct, state.correct);
  EXPECT_TRUE(read.finished);
}

TEST(Checkpoint, of_another_network_is_refused) {
  const SmallTraining training;
  TrainingState state = begin_training(training.config);
  TrainingConfig other = training.config;
  other.network = graph::light_gesture_net({});
  EXPECT_THROW(checkpoint_of(checkpoint_bytes(state, 1), other, 1), Error);
  constant(state.best, "first.1.running_mean")[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal([&] { checkpoint_of(checkpoint_bytes(state, 1), training.config, 1); }),
              testing::HasSubstr("the best network's 'first.1.running_mean' has values that are not finite"));
}

TEST(Checkpoint, of_another_configuration_is_refused) {
  const SmallTraining training;
  const auto bytes = checkpoint_bytes(begin_training(training.config), 1);
  EXPECT_NO_THROW(checkpoint_of(bytes, training.config, 1));
  EXPECT_THROW(checkpoint_of(bytes, training.config, 2), Error);
}

TEST(Checkpoint, that_no_training_comes_to_is_refused) {
  const SmallTraining training;
  TrainingState whole = begin_training(training.config);
  training.run(whole);
  const auto not_a_number = std::numeric_limits<float>::quiet_NaN();
  const std::pair<const char*, std::function<void(TrainingState&)>> damages[] = {
      {"negative batches", [](auto& state) { state.batches = -1'000'000; }},
      {"more images right than seen", [](auto& state) { state.correct = 9; }},
      {"a negative count", [](auto& state) { state.correct = -1; }},
      {"a loss that is no number", [](auto& state) { state.loss_sum = std::nan(""); }},
      {"an epoch behind the last", [](auto& state) { state.epoch = 99; }},
      {"an epoch without its history", [](auto& state) { state.history.pop_back(); }},
      {"epochs out of order", [](auto& state) { state.history[0].epoch = 2; }},
      {"an accuracy above 1", [](auto& state) { state.history[0].train_accuracy = 2; }},
      {"a short average", [](auto& state) { state.average.values.resize(3); }},
      {"an average of no steps", [](auto& state) { state.average.steps = 0; }},
      {"an average of less than no steps", [](auto& state) { state.average.steps = -1; }},
      {"an average that is no number", [&](auto& state) { state.average.values[0] = not_a_number; }},
      {"short moments", [](auto& state) { state.adam.first_moments.pop_back(); }},
      {"negative squares", [](auto& state) { state.adam.second_moments[0] = -1; }},
      {"negative steps", [](auto& state) { state.adam.steps = -1; }},
      {"a weight that is no number",
       [&](auto& state) { constant(state.best, "first.0.weight")[0] = not_a_number; }},
      {"an end before the end", [](auto& state) { state.finished = false; }}};
  for (const auto& [what, damage] : damages) {
    TrainingState state = whole;
    damage(state);
    EXPECT_THROW(checkpoint_of(checkpoint_bytes(state, 1), training.config, 1), Error) << what;
  }
}

TEST(TrainingLoop, refuses_a_state_of_more_batches_than_an_epoch_has) {
  const SmallTraining training;
  TrainingState state = begin_training(training.config);
  state.batches = steps_of(training.config, training.set) + 1;
  EXPECT_THROW(training.run(state), Error);
}

}  // namespace
}  // namespace mudra::train
