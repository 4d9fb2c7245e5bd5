#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mudra/report/evaluation.hpp"

namespace mudra::report {
namespace {

using Json = nlohmann::ordered_json;

std::string percent(std::optional<double> share) {
  return share ? fmt::format("{:.2f} %", 100 * *share) : "-";
}

Json number_or_null(std::optional<double> value) { return value ? Json(*value) : Json(nullptr); }

// The width of a column of names under `title`.
std::size_t width_of(std::string_view title, const std::vector<std::string>& names) {
  std::size_t width = title.size();
  for (const std::string& name : names) width = std::max(width, name.size());
  return width;
}

std::string class_table(const Evaluation& evaluation) {
  const std::size_t width = width_of("class", evaluation.class_names);
  std::string text = fmt::format("{:<{}}  {:>9}  {:>9}  {:>9}  {:>7}\n", "class", width, "precision",
                                 "recall", "F1", "images");
  for (std::size_t c = 0; c < evaluation.class_names.size(); ++c) {
    const ClassScores scores = scores_of(evaluation.confusion, c);
    text +=
        fmt::format("{:<{}}  {:>9}  {:>9}  {:>9}  {:>7}\n", evaluation.class_names[c], width,
                    percent(scores.precision), percent(scores.recall), percent(scores.f1), scores.support);
  }
  return text;
}

// Of many subjects the ones least recognised, and how the others did.
std::string subject_table(const Evaluation& evaluation) {
  constexpr std::size_t kMostRows = 12;
  std::vector<SubjectScore> scores = evaluation.subjects;
  const bool cut = scores.size() > kMostRows;
  if (cut) std::ranges::stable_sort(scores, {}, &SubjectScore::accuracy);
  const std::size_t rows = cut ? kMostRows : scores.size();
  std::vector<std::string> names;
  for (const SubjectScore& score : scores) names.push_back(score.subject);
  const std::size_t width = width_of("subject", names);
  std::string text = fmt::format("{:<{}}  {:>7}  {:>9}\n", "subject", width, "images", "accuracy");
  for (std::size_t i = 0; i < rows; ++i)
    text += fmt::format("{:<{}}  {:>7}  {:>9}\n", scores[i].subject, width, scores[i].images,
                        percent(scores[i].accuracy));
  if (cut)
    text += fmt::format("and {} more people, {} to {}\n", scores.size() - rows,
                        percent(scores[rows].accuracy), percent(scores.back().accuracy));
  return text;
}

// Zeros as dots, so that the errors stand out.
std::string confusion_table(const Evaluation& evaluation) {
  const auto& names = evaluation.class_names;
  const std::size_t width = width_of("", names), cell = std::max<std::size_t>(width, 5);
  std::string text = "confusion: a row per class shown, a column per class said\n";
  text += fmt::format("{:<{}}", "", width);
  for (const std::string& name : names) text += fmt::format("  {:>{}}", name, cell);
  text += '\n';
  for (std::size_t actual = 0; actual < names.size(); ++actual) {
    text += fmt::format("{:<{}}", names[actual], width);
    for (std::size_t predicted = 0; predicted < names.size(); ++predicted) {
      const std::int64_t count = evaluation.confusion.count(actual, predicted);
      text += fmt::format("  {:>{}}", count == 0 ? "." : fmt::to_string(count), cell);
    }
    text += '\n';
  }
  return text;
}

Json json_of(const Decided& decided, double threshold) {
  return {{"threshold", threshold},
          {"right", decided.right},
          {"unknown", decided.unknown},
          {"wrong", decided.wrong}};
}

// Those of a file, one by one.
Json pictures_of(const Evaluation& evaluation) {
  Json pictures = Json::array();
  for (std::size_t i = 0; i < evaluation.files.size(); ++i) {
    if (evaluation.files[i].empty()) continue;
    const JudgedPicture& picture = evaluation.pictures[i];
    pictures.push_back({{"file", evaluation.files[i]},
                        {"actual", evaluation.class_names[picture.actual]},
                        {"said", evaluation.class_names[picture.said]},
                        {"probability", picture.probability}});
    if (!evaluation.seen.empty()) pictures.back()["seen"] = static_cast<bool>(evaluation.seen[i]);
  }
  return pictures;
}

}  // namespace

std::string text_of(const Evaluation& evaluation) {
  const Latency& latency = evaluation.latency;
  std::string text =
      fmt::format("accuracy {} on {}\n", percent(accuracy_of(evaluation.confusion)), evaluation.description);
  const Decided decided = decided_at(evaluation, evaluation.threshold);
  text += fmt::format("shown from {} on: right {}, unknown {}, wrong {}\n", percent(evaluation.threshold),
                      percent(decided.right), percent(decided.unknown), percent(decided.wrong));
  text += fmt::format("size     {} bytes", evaluation.bytes);
  if (evaluation.test_vector_bytes > 0)
    text += fmt::format(", of which test vectors take {}", evaluation.test_vector_bytes);
  text += "\n";
  text += fmt::format(
      "latency  {:.0f} us per image on one thread (median of {} runs; 80 % between {:.0f} and {:.0f})\n",
      latency.median_us, latency.runs, latency.low_us, latency.high_us);
  text += '\n' + class_table(evaluation);
  if (!evaluation.subjects.empty()) text += '\n' + subject_table(evaluation);
  text += '\n' + confusion_table(evaluation);
  return text;
}

std::string json_of(const Evaluation& evaluation) {
  Json classes = Json::array(), subjects = Json::array(), confusion = Json::array();
  for (std::size_t c = 0; c < evaluation.class_names.size(); ++c) {
    const ClassScores scores = scores_of(evaluation.confusion, c);
    classes.push_back({{"name", evaluation.class_names[c]},
                       {"precision", number_or_null(scores.precision)},
                       {"recall", number_or_null(scores.recall)},
                       {"f1", number_or_null(scores.f1)},
                       {"support", scores.support}});
    Json row = Json::array();
    for (std::size_t predicted = 0; predicted < evaluation.class_names.size(); ++predicted)
      row.push_back(evaluation.confusion.count(c, predicted));
    confusion.push_back(std::move(row));
  }
  for (const SubjectScore& score : evaluation.subjects)
    subjects.push_back({{"subject", score.subject}, {"images", score.images}, {"accuracy", score.accuracy}});
  Json curve = Json::array();
  for (const double threshold : kThresholds)
    curve.push_back(json_of(decided_at(evaluation, threshold), threshold));
  const Latency& latency = evaluation.latency;
  Json document = {{"accuracy", number_or_null(accuracy_of(evaluation.confusion))},
                   {"split", evaluation.split},
                   {"description", evaluation.description},
                   {"images", images_of(evaluation.confusion)},
                   {"classes", std::move(classes)},
                   {"subjects", std::move(subjects)},
                   {"confusion", std::move(confusion)},
                   {"bytes", evaluation.bytes},
                   {"test_vector_bytes", evaluation.test_vector_bytes},
                   {"latency_us", latency.median_us},
                   {"latency_us_range", {latency.low_us, latency.high_us}}};
  document.update(json_of(decided_at(evaluation, evaluation.threshold), evaluation.threshold));
  document["curve"] = std::move(curve);
  if (!evaluation.seen.empty()) document["seen"] = std::ranges::count(evaluation.seen, true);
  if (!evaluation.files.empty()) document["pictures"] = pictures_of(evaluation);
  return document.dump(2, ' ', true, Json::error_handler_t::replace);
}

}  // namespace mudra::report
