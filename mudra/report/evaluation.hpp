// Judges a network on labelled pictures: how often it is right, where it errs, how large and how fast it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/report/confusion.hpp"
#include "mudra/report/decision.hpp"
#include "mudra/report/predictor.hpp"

namespace mudra::report {

// Which pictures of a set were judged. No accuracy is printed without it.
struct Judged {
  std::string split;                   // "given", "subject", "random", "loso", "unseen" or "all"
  std::string description;             // behind "accuracy 97 % on ": "all 800 images of set.npz; ..."
  std::vector<std::uint32_t> indices;  // into the set
};

struct SubjectScore {
  std::string subject;
  std::int64_t images = 0;
  double accuracy = 0;
};

// One image at a time on one thread.
struct Latency {
  double median_us = 0;
  double low_us = 0, high_us = 0;  // a tenth of the runs was faster, a tenth slower
  int runs = 0;
};

// Of one picture on the chip: estimated, not measured.
struct ChipTime {
  double us = 0, low_us = 0, high_us = 0;
};

struct Evaluation {
  std::string split, description;
  std::vector<std::string> class_names;
  ConfusionMatrix confusion;
  std::vector<JudgedPicture> pictures;  // what was said of each judged image
  double threshold = 0;                 // from which a class is shown
  std::vector<SubjectScore> subjects;   // in the set's order, those with judged images; images of no known
                                        // subject as "unknown" where others are known
  std::uint64_t bytes = 0;              // of the model file
  std::uint64_t test_vector_bytes = 0;  // of these, the ones for self-tests
  Latency latency;
  std::vector<bool> seen = {};  // whether training saw each judged image; empty where that is not known
  std::vector<std::string> files = {};  // of each judged image, where they are to be told; "" of none
};

// The share of judged images that were recognised; 0 of none.
double accuracy_of(const Evaluation& evaluation);

// What is shown of the judged images once a class is as likely as `threshold`.
Decided decided_at(const Evaluation& evaluation, double threshold);

// What the network says of each of the images. Precondition: the set's classes are the network's, in its
// order (data::with_classes), and no index is beyond it. Throws Error when a score is not finite.
std::vector<JudgedPicture> judge(const Predictor& predictor, const data::Dataset& set,
                                 std::span<const std::uint32_t> indices);

// Precondition: as of judge. Throws Error when there is nothing to judge or a score is not finite.
Evaluation evaluate(const Predictor& predictor, const data::Dataset& set, const Judged& judged);

// Runs at most `most_runs` times, for about two seconds at most.
Latency measure_latency(const Predictor& predictor, std::span<const std::uint8_t> image, int most_runs = 300);

// Several lines for people, and the one JSON document `mudra evaluate --json` prints.
std::string text_of(const Evaluation& evaluation);
std::string json_of(const Evaluation& evaluation);

}  // namespace mudra::report
