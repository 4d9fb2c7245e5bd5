#include "mudra/report/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>

namespace mudra::report {
namespace {

using Json = nlohmann::ordered_json;

template <typename Number>
std::string number_or_dash(const std::optional<Number>& number) {
  return number ? fmt::format("{}", *number) : "-";
}

int name_width(const std::vector<ComparedModel>& models) {
  std::size_t width = 5;
  for (const ComparedModel& model : models) width = std::max(width, model.name.size());
  return static_cast<int>(width);
}

// A row for each subject, a column for each model, numbered as in the table above.
std::string subject_table(const std::vector<ComparedModel>& models) {
  const auto& subjects = models.front().evaluation.subjects;
  std::size_t width = 7;
  for (const SubjectScore& score : subjects) width = std::max(width, score.subject.size());
  std::string text = fmt::format("\naccuracy by subject\n{:<{}}  {:>7}", "subject", width, "images");
  for (std::size_t m = 0; m < models.size(); ++m) text += fmt::format("  {:>9}", fmt::format("#{}", m + 1));
  text += "\n";
  for (std::size_t s = 0; s < subjects.size(); ++s) {
    text += fmt::format("{:<{}}  {:>7}", subjects[s].subject, width, subjects[s].images);
    for (const ComparedModel& model : models)
      text += fmt::format("  {:>7.2f} %", 100 * model.evaluation.subjects[s].accuracy);
    text += "\n";
  }
  return text;
}

}  // namespace

double agreement(const ComparedModel& model, const ComparedModel& first) {
  const Evaluation &ours = model.evaluation, &theirs = first.evaluation;
  const std::size_t count = ours.pictures.size();
  assert(count == theirs.pictures.size() && count > 0);
  std::size_t same = 0;
  for (std::size_t i = 0; i < count; ++i)
    same += ours.class_names[ours.pictures[i].said] == theirs.class_names[theirs.pictures[i].said] ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(count);
}

std::string text_of(const std::vector<ComparedModel>& models) {
  const int width = name_width(models);
  std::string text = fmt::format("on {}\n\n", models.front().evaluation.description);
  text += fmt::format("{:<4}{:<{}}  {:<7}  {:>8}  {:>8}  {:>9}  {:>10}  {:>10}  {:>10}  {:>9}\n", "", "model",
                      width, "format", "bytes", "arena", "accuracy", "same as #1", "latency", "mult-adds",
                      "on chip");
  for (std::size_t m = 0; m < models.size(); ++m) {
    const ComparedModel& model = models[m];
    text +=
        fmt::format("{:<4}{:<{}}  {:<7}  {:>8}  {:>8}  {:>7.2f} %  {:>8.2f} %  {:>7.0f} us  {:>10}  {:>9}\n",
                    fmt::format("#{}", m + 1), model.name, width, model.format, model.evaluation.bytes,
                    number_or_dash(model.arena_bytes), 100 * accuracy_of(model.evaluation),
                    100 * agreement(model, models.front()), model.evaluation.latency.median_us,
                    number_or_dash(model.multiply_adds),
                    model.on_chip ? fmt::format("{:.2f} ms", model.on_chip->us / 1000) : "-");
  }
  text +=
      "bytes: of the file, an .espdl's test vectors included; arena: bytes of working memory on the chip; "
      "latency: on this PC, one picture on one thread; on chip: of an .espdl, estimated, not measured "
      "(mudra profile)\n";
  if (!models.front().evaluation.subjects.empty()) text += subject_table(models);
  return text;
}

std::string json_of(const std::vector<ComparedModel>& models) {
  constexpr int kIndent = 2;
  Json list = Json::array();
  for (const ComparedModel& model : models) {
    Json entry = {{"model", model.name}, {"format", model.format}};
    entry.update(Json::parse(json_of(model.evaluation)));
    entry["arena_bytes"] = model.arena_bytes ? Json(*model.arena_bytes) : Json(nullptr);
    entry["multiply_adds"] = model.multiply_adds ? Json(*model.multiply_adds) : Json(nullptr);
    entry["chip_us"] = model.on_chip ? Json(model.on_chip->us) : Json(nullptr);
    entry["chip_us_range"] =
        model.on_chip ? Json({model.on_chip->low_us, model.on_chip->high_us}) : Json(nullptr);
    entry["agreement"] = agreement(model, models.front());
    list.push_back(std::move(entry));
  }
  return Json({{"models", std::move(list)}}).dump(kIndent, ' ', true, Json::error_handler_t::replace);
}

}  // namespace mudra::report
