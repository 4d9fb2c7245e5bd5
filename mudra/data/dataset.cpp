#include "mudra/data/dataset.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "mudra/base/error.hpp"

namespace mudra::data {
namespace {

std::vector<std::size_t> count_indices(const std::vector<std::int32_t>& indices, std::size_t kinds) {
  std::vector<std::size_t> counts(kinds);
  for (const std::int32_t index : indices)
    if (index >= 0) ++counts[static_cast<std::size_t>(index)];
  return counts;
}

// Adds the pictures of `from`, whose classes are those of `into`.
void append(Dataset& into, const Dataset& from) {
  std::vector<std::int32_t> subject_of;  // in `into`, by subject of `from`
  for (const std::string& name : from.subject_names) {
    if (index_of(into.subject_names, name) < 0) into.subject_names.push_back(name);
    subject_of.push_back(index_of(into.subject_names, name));
  }
  for (const std::int32_t subject : from.subjects)
    into.subjects.push_back(subject < 0 ? kUnknownSubject : subject_of[static_cast<std::size_t>(subject)]);
  into.images.insert(into.images.end(), from.images.begin(), from.images.end());
  into.labels.insert(into.labels.end(), from.labels.begin(), from.labels.end());
  into.paths.insert(into.paths.end(), from.paths.begin(), from.paths.end());
  if (from.states_split()) into.parts.resize(into.size() - from.size(), Part::kTrain);
  into.parts.insert(into.parts.end(), from.parts.begin(), from.parts.end());
  if (into.states_split()) into.parts.resize(into.size(), Part::kTrain);
  into.notes.insert(into.notes.end(), from.notes.begin(), from.notes.end());
}

}  // namespace

std::int32_t index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto it = std::ranges::find(names, name);
  return it == names.end() ? -1 : static_cast<std::int32_t>(it - names.begin());
}

std::string text_of(const PictureShape& shape) {
  return fmt::format("{}x{} {}", shape.width, shape.height, shape.is_color() ? "colour" : "gray");
}

void require_shape(const Dataset& dataset, const PictureShape& wanted) {
  if (dataset.shape == wanted) return;
  fail("{}: its pictures are {}, and {} are needed; prepare them with `mudra data prepare --size {}x{}{}`",
       dataset.name, text_of(dataset.shape), text_of(wanted), wanted.width, wanted.height,
       wanted.is_color() ? " --color" : "");
}

void require_labels(const Dataset& dataset) {
  if (!dataset.knows_labels())
    fail("{}: its pictures have no labels; give a .npz from `mudra data prepare` or a folder per class",
         dataset.name);
}

Dataset with_classes(Dataset dataset, const std::vector<std::string>& class_names) {
  std::vector<std::int32_t> label_of;
  for (const std::string& name : dataset.class_names) {
    label_of.push_back(index_of(class_names, name));
    if (label_of.back() < 0)
      fail("{}: class '{}' is not one of {}", dataset.name, name, fmt::join(class_names, " "));
  }
  for (std::int32_t& label : dataset.labels)
    if (label >= 0) label = label_of[static_cast<std::size_t>(label)];
  if (dataset.knows_labels()) dataset.class_names = class_names;
  return dataset;
}

std::optional<std::size_t> none_in(const std::vector<std::string>& class_names) {
  const std::int32_t place = index_of(class_names, kNoneName);
  return place < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(place));
}

Dataset without_none(Dataset dataset) {
  const auto none = none_in(dataset.class_names);
  if (!none) return dataset;
  std::vector<std::uint32_t> others;
  for (std::uint32_t i = 0; i < dataset.size(); ++i)
    if (dataset.labels[i] != static_cast<std::int32_t>(*none)) others.push_back(i);
  Dataset rest = subset(dataset, others);
  rest.notes = std::move(dataset.notes);
  rest.notes.push_back(fmt::format("{}: left out {} of {} pictures, of '{}'", rest.name,
                                   dataset.size() - rest.size(), dataset.size(), kNoneName));
  rest.class_names.erase(rest.class_names.begin() + static_cast<std::ptrdiff_t>(*none));
  for (std::int32_t& label : rest.labels) label -= label > static_cast<std::int32_t>(*none) ? 1 : 0;
  return rest;
}

Dataset merge(std::vector<Dataset> sets, const std::vector<std::string>& known) {
  if (sets.empty()) fail("no data set was given");
  if (sets.size() == 1) return std::move(sets.front());
  for (const Dataset& set : sets)
    if (set.knows_labels() != sets.front().knows_labels())
      require_labels(set.knows_labels() ? sets.front() : set);
  const auto has_none = [](const Dataset& set) { return none_in(set.class_names).has_value(); };
  const auto largest = std::ranges::max_element(
      sets, {}, [&](const Dataset& set) { return set.class_names.size() - (has_none(set) ? 1 : 0); });
  const auto is_known = [&](const Dataset& set) {
    return set.knows_labels() && std::ranges::all_of(set.class_names, [&](const std::string& name) {
             return name == kNoneName || index_of(known, name) >= 0;
           });
  };
  Dataset all;
  all.class_names = std::ranges::all_of(sets, is_known) ? known : largest->class_names;
  if (!has_none(all) && std::ranges::any_of(sets, has_none)) all.class_names.emplace_back(kNoneName);
  all.shape = sets.front().shape;
  for (const Dataset& set : sets) require_shape(set, all.shape);
  for (Dataset& set : sets) {
    all.name += (all.name.empty() ? "" : " + ") + set.name;
    append(all, with_classes(std::move(set), all.class_names));
  }
  return all;
}

Dataset subset(const Dataset& dataset, std::span<const std::uint32_t> indices) {
  Dataset part{.name = dataset.name,
               .class_names = dataset.class_names,
               .subject_names = dataset.subject_names,
               .shape = dataset.shape,
               .images = {},
               .labels = {},
               .subjects = {},
               .paths = {},
               .parts = {},
               .notes = {}};
  part.images.reserve(indices.size() * dataset.shape.bytes());
  for (const std::uint32_t i : indices) {
    const auto image = dataset.image(i);
    part.images.insert(part.images.end(), image.begin(), image.end());
    part.labels.push_back(dataset.labels[i]);
    part.subjects.push_back(dataset.subjects[i]);
    part.paths.push_back(dataset.paths[i]);
    if (dataset.states_split()) part.parts.push_back(dataset.parts[i]);
  }
  return part;
}

std::vector<std::size_t> class_counts(const Dataset& dataset) {
  return count_indices(dataset.labels, dataset.class_names.size());
}

std::vector<std::size_t> subject_counts(const Dataset& dataset) {
  return count_indices(dataset.subjects, dataset.subject_names.size());
}

std::array<std::size_t, 3> part_counts(const Dataset& dataset) {
  std::array<std::size_t, 3> counts{};
  for (const Part part : dataset.parts) ++counts[static_cast<std::size_t>(part)];
  return counts;
}

std::string parts_text(const Dataset& dataset) {
  const auto [train, valid, test] = part_counts(dataset);
  return fmt::format("{} train, {} valid, {} test", train, valid, test);
}

}  // namespace mudra::data
