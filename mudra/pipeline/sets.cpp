#include "mudra/pipeline/sets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/output.hpp"
#include "mudra/data/dataset_io.hpp"

namespace mudra::pipeline {
namespace {

bool is_flat(std::span<const std::uint8_t> image) {
  return std::ranges::all_of(image, [&](std::uint8_t pixel) { return pixel == image[0]; });
}

// The pictures of the training part, or the others; all where the set states no split or none are left.
data::Dataset trained_on(data::Dataset set, bool wanted, const char* does) {
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i = 0; i < set.parts.size(); ++i)
    if ((set.parts[i] == data::Part::kTrain) == wanted) chosen.push_back(i);
  if (chosen.empty() || chosen.size() == set.size()) return set;
  print_err("{}: {} {} its training part: {} of {} pictures ({})\n", set.name, does,
            wanted ? "with" : "outside of", chosen.size(), set.size(), data::parts_text(set));
  return data::subset(set, chosen);
}

// Of pictures that say little about the ranges a network will see.
void warn_of_calibration(const data::Dataset& set) {
  std::size_t flat = 0;
  for (std::size_t i = 0; i < set.size(); ++i) flat += is_flat(set.image(i)) ? 1 : 0;
  if (2 * flat > set.size())
    print_err(
        "warning: {} of {} calibration pictures of {} are one gray throughout, black for example: their "
        "ranges are not those of hands\n",
        flat, set.size(), set.name);
  if (set.size() == 1)
    print_err(
        "warning: one picture calibrates; others may go beyond its ranges and be cut off: give some "
        "hundred\n");
}

}  // namespace

data::Dataset told(data::Dataset set) {
  for (const std::string& note : set.notes) print_err("{}\n", note);
  return set;
}

data::Dataset load_sets(const std::vector<std::string>& texts, const data::PictureShape& wanted,
                        const std::vector<std::string>& known) {
  return told(data::load_sets(texts, wanted, known));
}

data::Dataset load_set(const std::string& text, const std::string& layout) {
  return told(data::load_set(text, layout));
}

data::Dataset known_to(const std::vector<std::string>& class_names, ClassNames names_are, data::Dataset set) {
  const bool has_none = data::none_in(set.class_names) && !data::none_in(class_names);
  const bool suits = names_are == ClassNames::kUnknown && class_names.size() == set.class_names.size();
  if (!has_none || suits) return set;
  set = data::without_none(std::move(set));
  print_err("{}, a class that the network does not have\n", set.notes.back());
  return set;
}

data::Dataset load_known_sets(const std::vector<std::string>& texts, const Model& model) {
  return known_to(model.class_names, model.names_are, load_sets(texts, model.picture, model.class_names));
}

data::Dataset calibration_part(data::Dataset set) {
  set = trained_on(std::move(set), true, "calibrates");
  warn_of_calibration(set);
  return set;
}

data::Dataset load_other_sets(const std::vector<std::string>& texts, const Model& model) {
  return trained_on(load_known_sets(texts, model), false, "looks");
}

}  // namespace mudra::pipeline
