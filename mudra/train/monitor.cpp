#include "mudra/train/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>

#include "mudra/base/error.hpp"

namespace mudra::train {
namespace {

std::string place(const char* what, double accuracy, double low, double high) {
  if (accuracy >= low && accuracy <= high) return "";
  return fmt::format("{} {} {:.0f}-{:.0f} %, ", what, accuracy < low ? "below" : "above", 100 * low,
                     100 * high);
}

// A loss that is no number reads as one from a file: null.
double loss_in(const nlohmann::json& json) {
  return json.is_null() ? std::numeric_limits<double>::infinity() : json.get<double>();
}

}  // namespace

std::string to_json_line(const EpochMetrics& metrics) {
  return nlohmann::ordered_json{{"epoch", metrics.epoch},
                                {"learning_rate", metrics.learning_rate},
                                {"train_loss", metrics.train_loss},
                                {"train_accuracy", metrics.train_accuracy},
                                {"validation_loss", metrics.validation_loss},
                                {"validation_accuracy", metrics.validation_accuracy}}
      .dump();
}

EpochMetrics metrics_from_json_line(const std::string& line) {
  try {
    const auto json = nlohmann::json::parse(line);
    return {.epoch = json.at("epoch"),
            .learning_rate = json.at("learning_rate"),
            .train_loss = json.at("train_loss"),
            .train_accuracy = json.at("train_accuracy"),
            .validation_loss = loss_in(json.at("validation_loss")),
            .validation_accuracy = json.at("validation_accuracy")};
  } catch (const nlohmann::json::exception&) {
    fail("'{}' is not a line of training metrics", line.substr(0, 80));
  }
}

std::string verdict(const EpochMetrics& metrics, const Targets& targets) {
  const double gap = metrics.train_accuracy - metrics.validation_accuracy;
  std::string text =
      place("training", metrics.train_accuracy, targets.train_low, targets.train_high) +
      place("validation", metrics.validation_accuracy, targets.validation_low, targets.validation_high);
  if (gap > targets.largest_gap)
    text += fmt::format("gap {:.1f} points (at most {:.1f}), ", 100 * gap, 100 * targets.largest_gap);
  return text.empty() ? "on target" : text.substr(0, text.size() - 2);
}

bool stays_at_chance(const std::vector<EpochMetrics>& history, double validation_accuracy, double chance) {
  double learnt = 0;
  for (const EpochMetrics& metrics : history) learnt = std::max(learnt, metrics.train_accuracy);
  return chance < 1 && validation_accuracy <= chance + 0.1 * (1 - chance) &&
         learnt >= chance + 0.5 * (1 - chance);
}

int EarlyStopping::epochs_without_progress(const std::vector<EpochMetrics>& history) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < history.size(); ++i)
    if (std::isfinite(history[i].validation_loss) &&
        !(history[i].validation_loss >= history[best].validation_loss))
      best = i;
  return history.empty() ? 0 : static_cast<int>(history.size() - 1 - best);
}

}  // namespace mudra::train
