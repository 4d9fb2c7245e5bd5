#include "mudra/report/evaluation.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/base/threads.hpp"

namespace mudra::report {
namespace {

// OpenMP's threads reduced to one for a while.
class OneThread {
 public:
  OneThread() : before_(thread_count()) { set_threads(1); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
  ~OneThread() { set_threads(before_); }

 private:
  int before_;
};

struct Tally {
  std::int64_t images = 0, hits = 0;
};

std::vector<SubjectScore> subject_scores(const data::Dataset& set, const std::vector<Tally>& tallies) {
  std::vector<SubjectScore> scores;
  for (std::size_t s = 0; s < tallies.size(); ++s) {
    const auto [images, hits] = tallies[s];
    if (images == 0) continue;
    scores.push_back({s < set.subject_names.size() ? set.subject_names[s] : "unknown", images,
                      static_cast<double>(hits) / static_cast<double>(images)});
  }
  return scores;
}

}  // namespace

std::vector<JudgedPicture> judge(const Predictor& predictor, const data::Dataset& set,
                                 std::span<const std::uint32_t> indices) {
  const std::size_t classes = predictor.class_names.size();
  std::vector<JudgedPicture> judged;
  std::vector<std::uint8_t> images;
  Progress progress("evaluate", indices.size());
  while (judged.size() < indices.size()) {
    stop_if_interrupted();
    const auto batch =
        indices.subspan(judged.size()).first(std::min(predictor.max_batch, indices.size() - judged.size()));
    images.clear();
    for (const std::uint32_t i : batch) images.insert(images.end(), set.image(i).begin(), set.image(i).end());
    const Scores scores = predictor.score(images);
    const auto best = best_classes(scores, classes);
    const auto probabilities = softmax(scores, classes);
    for (std::size_t i = 0; i < batch.size(); ++i)
      judged.push_back({.actual = static_cast<std::size_t>(set.labels[batch[i]]),
                        .said = best[i],
                        .probability = probabilities[i * classes + best[i]]});
    progress.advance(batch.size());
  }
  return judged;
}

Decided decided_at(const Evaluation& evaluation, double threshold) {
  return decided_at(threshold, evaluation.pictures, data::none_in(evaluation.class_names));
}

double accuracy_of(const Evaluation& evaluation) { return accuracy_of(evaluation.confusion).value_or(0); }

Evaluation evaluate(const Predictor& predictor, const data::Dataset& set, const Judged& judged) {
  if (judged.indices.empty()) fail("{}: no images to judge", set.name);
  data::require_shape(set, predictor.picture);
  assert(set.class_names == predictor.class_names);
  std::vector<JudgedPicture> pictures = judge(predictor, set, judged.indices);

  ConfusionMatrix confusion(predictor.class_names.size());
  std::vector<Tally> tallies(set.subject_names.size() + 1);  // the last: images of no known subject
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::size_t image = judged.indices[i];
    confusion.add(pictures[i].actual, pictures[i].said);
    const bool known = set.subjects[image] != data::kUnknownSubject;
    Tally& tally = known ? tallies[static_cast<std::size_t>(set.subjects[image])] : tallies.back();
    ++tally.images;
    tally.hits += pictures[i].actual == pictures[i].said;
  }
  return {.split = judged.split,
          .description = judged.description,
          .class_names = predictor.class_names,
          .confusion = std::move(confusion),
          .pictures = std::move(pictures),
          .threshold = predictor.threshold,
          .subjects = set.knows_subjects() ? subject_scores(set, tallies) : std::vector<SubjectScore>{},
          .bytes = predictor.bytes,
          .test_vector_bytes = predictor.test_vector_bytes,
          .latency = measure_latency(predictor, set.image(judged.indices.front()))};
}

Latency measure_latency(const Predictor& predictor, std::span<const std::uint8_t> image, int most_runs) {
  using Clock = std::chrono::steady_clock;
  constexpr int kWarmUp = 5, kFewest = 5;
  const OneThread one_thread;
  std::vector<double> microseconds;
  const auto deadline = Clock::now() + std::chrono::seconds(2);
  for (int run = -kWarmUp; run < most_runs && (run < kFewest || Clock::now() < deadline); ++run) {
    const auto start = Clock::now();
    static_cast<void>(predictor.score(image));
    const std::chrono::duration<double, std::micro> taken = Clock::now() - start;
    if (run >= 0) microseconds.push_back(taken.count());
  }
  std::ranges::sort(microseconds);
  const std::size_t runs = microseconds.size();
  return {.median_us = microseconds[runs / 2],
          .low_us = microseconds[runs / 10],
          .high_us = microseconds[runs - 1 - runs / 10],
          .runs = static_cast<int>(runs)};
}

}  // namespace mudra::report
