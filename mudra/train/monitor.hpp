// Watching a training: the figures of each epoch, the bands they should reach, and when to stop early.
#pragma once

#include <string>
#include <vector>

namespace mudra::train {

struct EpochMetrics {
  int epoch = 0;  // 1 is the first
  double learning_rate = 0;
  double train_loss = 0, train_accuracy = 0;  // accuracies in [0, 1]
  double validation_loss = 0, validation_accuracy = 0;

  bool operator==(const EpochMetrics&) const = default;
};

// One JSON object on one line, without the line feed; and back. Throws Error for anything else.
std::string to_json_line(const EpochMetrics& metrics);
EpochMetrics metrics_from_json_line(const std::string& line);

// Where accuracies are wanted (the article's thresholds): below is not learnt yet, above hints at a test that
// is too easy; a gap between training and validation hints at overfitting.
struct Targets {
  double train_low = 0.95, train_high = 0.99;
  double validation_low = 0.90, validation_high = 0.98;
  double largest_gap = 0.05;  // training minus validation accuracy
};

// A few words such as "training below 95-99 %, gap 7.0 points (at most 5.0)", or "on target".
std::string verdict(const EpochMetrics& metrics, const Targets& targets);

// Whether a network guesses where it is validated though its training was learnt: validated within a tenth of
// the way from `chance` to 1, trained past half of it. chance: the accuracy of always naming the commonest
// class.
bool stays_at_chance(const std::vector<EpochMetrics>& history, double validation_accuracy, double chance);

// Early stopping on the validation loss.
struct EarlyStopping {
  int patience = 5;  // epochs without a new lowest loss that end the training

  // How many epochs at the end of `history` did not lower the validation loss.
  static int epochs_without_progress(const std::vector<EpochMetrics>& history);
  bool should_stop(const std::vector<EpochMetrics>& history) const {
    return epochs_without_progress(history) >= patience;
  }
};

}  // namespace mudra::train
