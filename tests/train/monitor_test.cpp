#include "mudra/train/monitor.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "mudra/base/error.hpp"

namespace mudra::train {
namespace {

std::vector<EpochMetrics> with_losses(std::initializer_list<double> losses) {
  std::vector<EpochMetrics> history;
  for (const double loss : losses) history.push_back({.validation_loss = loss});
  return history;
}

TEST(Monitor, a_line_of_metrics_survives_writing_and_reading_exactly) {
  const EpochMetrics metrics{.epoch = 3,
                             .learning_rate = 1e-3 / 3,
                             .train_loss = 0.1,
                             .train_accuracy = 2.0 / 3,
                             .validation_loss = 1e-17,
                             .validation_accuracy = 1};
  EXPECT_EQ(metrics_from_json_line(to_json_line(metrics)), metrics);
}

TEST(Monitor, a_line_that_is_not_metrics_is_refused) {
  EXPECT_THROW(metrics_from_json_line("{\"epoch\": 1}"), Error);
  EXPECT_THROW(metrics_from_json_line("nonsense"), Error);
}

TEST(Monitor, the_verdict_names_every_missed_target) {
  EXPECT_EQ(verdict({.train_accuracy = 0.97, .validation_accuracy = 0.95}, Targets{}), "on target");
  EXPECT_EQ(verdict({.train_accuracy = 0.90, .validation_accuracy = 0.995}, Targets{}),
            "training below 95-99 %, validation above 90-98 %");
  EXPECT_EQ(verdict({.train_accuracy = 0.98, .validation_accuracy = 0.91}, Targets{}),
            "gap 7.0 points (at most 5.0)");
}

TEST(Monitor, a_loss_that_is_not_finite_is_read_back_and_is_never_progress) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double loss : {infinity, std::numeric_limits<double>::quiet_NaN()}) {
    const EpochMetrics read = metrics_from_json_line(to_json_line({.epoch = 1, .validation_loss = loss}));
    EXPECT_EQ(read.validation_loss, infinity);
    EXPECT_EQ(EarlyStopping::epochs_without_progress(with_losses({loss, 2})), 0);
    EXPECT_EQ(EarlyStopping::epochs_without_progress(with_losses({2, loss})), 1);
    EXPECT_EQ(EarlyStopping::epochs_without_progress(with_losses({loss, loss})), 1);
  }
}

TEST(Monitor, a_network_that_guesses_although_its_training_was_learnt_is_told) {
  EXPECT_TRUE(stays_at_chance({{.train_accuracy = 0.99}}, 1.0 / 3, 1.0 / 3));
  EXPECT_FALSE(stays_at_chance({{.train_accuracy = 0.99}}, 0.8, 1.0 / 3));
  EXPECT_FALSE(stays_at_chance({{.train_accuracy = 0.40}}, 1.0 / 3, 1.0 / 3));  // neither has learnt
}

TEST(Monitor, training_stops_after_patience_epochs_without_a_lower_validation_loss) {
  const EarlyStopping stopping{.patience = 2};
  EXPECT_FALSE(stopping.should_stop({}));
  EXPECT_FALSE(stopping.should_stop(with_losses({3, 2, 2.5})));
  EXPECT_TRUE(stopping.should_stop(with_losses({3, 2, 2.5, 2})));  // an equal loss is no progress
  EXPECT_FALSE(stopping.should_stop(with_losses({3, 2, 2.5, 1})));
}

}  // namespace
}  // namespace mudra::train
