#include "mudra/pipeline/train_material.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/file_name.hpp"
#include "mudra/base/random.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kHeldOutStream = 0x68656c64;
constexpr int kHeldOutPeople = 200;  // rendered; half of them validate, half test, one picture a gesture

bool has(const std::vector<std::string>& names, const std::string& name) {
  return data::index_of(names, name) >= 0;
}

// Adds to `names` what it lacks of `others`.
void unite(std::vector<std::string>& names, const std::vector<std::string>& others) {
  for (const std::string& name : others)
    if (!has(names, name)) names.push_back(name);
}

// Those of all rendered sets, none with the last of them.
std::vector<std::string> rendered_classes(const Material& material) {
  std::vector<std::string> names;
  for (const data::SyntheticSet& hands : material.rendered) unite(names, class_names(hands.rendering));
  return names;
}

// The classes that are shown, those of the network `from` first; notes where they are others.
void take_known_classes(Material& material, const std::string& from) {
  const std::vector<std::string>& known = material.known;
  const std::vector<std::string>& shown = material.class_names;
  std::vector<std::string> kept = known, dropped, added = shown;
  std::erase_if(kept, [&](const std::string& name) { return !has(shown, name); });
  std::ranges::copy_if(known, std::back_inserter(dropped),
                       [&](const auto& name) { return !has(shown, name); });
  std::erase_if(added, [&](const std::string& name) { return has(known, name); });
  if (!known.empty() && !added.empty())
    material.notes.push_back(fmt::format("{}: new classes: {}", from, fmt::join(added, ", ")));
  if (!dropped.empty())
    material.notes.push_back(
        fmt::format("{}: dropped, as no set shows them: {}", from, fmt::join(dropped, ", ")));
  unite(kept, added);
  material.class_names = kept;
}

// Rendered people that no training ever shows, as many of every kind that is trained on.
data::Dataset held_out_people(std::uint64_t seed, const Material& material) {
  std::vector<data::Dataset> kinds;
  for (const data::SyntheticSet& hands : material.rendered) {
    kinds.push_back(
        data::with_classes(data::render_dataset({.people = kHeldOutPeople,
                                                 .images_per_class = 1,
                                                 .seed = Random(seed, kHeldOutStream, kinds.size()).bits(),
                                                 .rendering = hands.rendering}),
                           material.class_names));
  }
  data::Dataset people = merge(std::move(kinds));
  if (people.shape != material.shape) resize_pictures(people, material.shape);
  return people;
}

// All pictures train; rendered people validate and test.
data::Split rendered_split(const data::Dataset& pictures, const data::Dataset& people) {
  data::Split split{.name = "rendered people never trained on", .train = {}, .validation = {}, .test = {}};
  for (std::uint32_t i = 0; i < pictures.size(); ++i) split.train.push_back(i);
  for (std::uint32_t i = 0; i < people.size(); ++i)
    (people.subjects[i] < kHeldOutPeople / 2 ? split.validation : split.test).push_back(i);
  return split;
}

}  // namespace

Material load_material(const TrainOptions& options, const std::optional<data::PictureShape>& wanted) {
  Material material;
  material.shape = wanted.value_or(data::PictureShape{});
  material.known = known_classes(options);
  std::vector<std::string> pictures;
  for (const std::string& set : options.data) {
    if (const auto hands = data::synthetic_set(set))
      material.rendered.push_back(*hands);
    else
      pictures.push_back(set);
  }
  if (!pictures.empty()) {
    material.pictures = told(data::load_sets(pictures, wanted));
    material.shape = material.pictures.shape;
    data::require_labels(material.pictures);
    const bool knows_hands =
        std::ranges::all_of(data::kGestureNames, [&](const char* name) { return has(material.known, name); });
    if (knows_hands && material.rendered.empty() && !options.without_rendered) {
      data::SyntheticSet hands{.hands = std::max(2 * kFewPictures, (material.pictures.size() + 7) / 8 * 8)};
      if (!has(material.known, data::kNoneName)) hands.rendering.none = 0;
      material.rendered.push_back(hands);
      material.notes.push_back(
          fmt::format("{}: rendered hands are mixed in, so that it forgets nothing; "
                      "--without-rendered leaves them out",
                      options.from));
    }
  }
  const std::vector<std::string> rendered = rendered_classes(material);
  material.class_names = rendered;
  if (!options.from.empty()) {
    unite(material.class_names, material.pictures.class_names);
    take_known_classes(material, options.from);
  } else if (rendered.empty()) {
    material.class_names = material.pictures.class_names;
  } else if (has(material.pictures.class_names, data::kNoneName)) {
    unite(material.class_names, {data::kNoneName});
  }
  material.pictures = data::with_classes(std::move(material.pictures), material.class_names);
  for (const std::string& name : rendered)
    material.rendered_labels.push_back(data::index_of(material.class_names, name));
  return material;
}

data::Dataset people_to_judge(const TrainOptions& options, const Material& material) {
  const bool needed = !material.rendered.empty() && options.split == "subject" &&
                      !data::can_split_by_subject(material.pictures);
  return needed ? held_out_people(options.seed, material) : data::Dataset{};
}

SeenPictures seen_before(const TrainOptions& options) {
  return options.from.empty() ? SeenPictures{} : read_seen(options.from).value_or(SeenPictures{});
}

std::vector<Fold> plan_folds(const TrainOptions& options, const fs::path& run, const Material& material,
                             const data::Dataset& people) {
  const data::Dataset& pictures = material.pictures;
  if (people.size() > 0) return {{run, &people, rendered_split(pictures, people)}};
  if (pictures.size() == 0)
    fail("--split {} splits pictures, and --data names rendered hands only; leave --split out",
         options.split);
  if (options.split == "random") {
    const bool wide = options.shares == "70/15/15";
    const data::RandomShares shares{.validation_percent = wide ? 15 : 10, .test_percent = wide ? 15 : 10};
    return {{run, &pictures, data::split_random(pictures, shares, options.seed)}};
  }
  if (options.split == "given") return {{run, &pictures, data::split_as_given(pictures)}};
  if (options.split == "subject")
    return {{run, &pictures,
             data::split_by_subject(pictures, options.seed, are_seen(seen_before(options), pictures))}};
  std::vector<Fold> folds;
  for (data::Split& split : data::leave_one_subject_out(pictures, options.seed)) {
    const std::string name = "without_" + safe_file_name(split.left_out, "the subject");
    folds.push_back({run / name, &pictures, std::move(split)});
  }
  return folds;
}

}  // namespace mudra::pipeline
