// Several networks judged on the same pictures, side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mudra/report/evaluation.hpp"

namespace mudra::report {

struct ComparedModel {
  std::string name;  // the file's
  std::string format;
  Evaluation evaluation;
  std::optional<std::size_t> arena_bytes;     // on the chip
  std::optional<std::int64_t> multiply_adds;  // of one picture
  std::optional<ChipTime> on_chip = {};       // of integer networks
};

// The share of pictures that `model` and `first` say the same class of, by name. Both judged the same ones.
double agreement(const ComparedModel& model, const ComparedModel& first);

// A table of all models, and one of their accuracies by subject where those are known.
std::string text_of(const std::vector<ComparedModel>& models);

// {"models": [...]}: of each what json_of(Evaluation) has, and name, format, arena_bytes, multiply_adds,
// chip_us, chip_us_range, agreement with the first.
std::string json_of(const std::vector<ComparedModel>& models);

}  // namespace mudra::report
