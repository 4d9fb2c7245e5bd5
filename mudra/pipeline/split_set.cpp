#include "mudra/pipeline/split_set.hpp"

#include <algorithm>
#include <filesystem>

#include "mudra/base/files.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/data/split.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::pipeline {

PutAside split_set(const SplitSettings& settings) {
  data::Dataset set = told(data::load_sets(settings.sets));
  data::require_labels(set);
  const std::string kind = settings.split.empty() ? data::default_split(set) : settings.split;
  const data::Split split = kind == "given"    ? data::split_as_given(set)
                            : kind == "random" ? data::split_random(set, {}, settings.seed)
                                               : data::split_by_subject(set, settings.seed);
  if (kind != "given") set.parts.clear();  // another split than this one
  std::vector<std::uint32_t> seen = split.train;
  seen.insert(seen.end(), split.validation.begin(), split.validation.end());
  std::ranges::sort(seen);
  const std::filesystem::path folder(settings.out);
  make_folder(folder);
  data::write_dataset(folder / "seen.npz", data::subset(set, seen));
  data::write_dataset(folder / "unseen.npz", data::subset(set, split.test));
  return {split.name, seen.size(), split.test.size()};
}

}  // namespace mudra::pipeline
