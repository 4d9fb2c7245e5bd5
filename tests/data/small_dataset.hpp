// Data sets of recognisable pictures for tests.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/data/dataset.hpp"

namespace mudra::data {

inline void add_picture(Dataset& set, std::int32_t label, std::int32_t subject, std::uint64_t seed) {
  Random random(seed);
  for (std::size_t i = 0; i < kImagePixels; ++i)
    set.images.push_back(static_cast<std::uint8_t>(random.below(256)));
  set.labels.push_back(label);
  set.subjects.push_back(subject);
  set.paths.push_back(fmt::format("{}.png", seed));
}

// `per_class` different pictures of each class of each subject.
inline Dataset small_dataset(int subjects, int classes, int per_class) {
  Dataset set;
  set.name = "small";
  for (int label = 0; label < classes; ++label) set.class_names.push_back(fmt::format("class{}", label));
  for (int subject = 0; subject < subjects; ++subject)
    set.subject_names.push_back(fmt::format("p{}", subject));
  std::uint64_t seed = 0;
  for (int subject = 0; subject < subjects; ++subject)
    for (int label = 0; label < classes; ++label)
      for (int i = 0; i < per_class; ++i) add_picture(set, label, subject, seed++);
  return set;
}

}  // namespace mudra::data
