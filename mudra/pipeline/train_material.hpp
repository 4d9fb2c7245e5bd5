// What a training learns from and is judged by: pictures, rendered hands, and who is put aside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/data/split.hpp"
#include "mudra/data/synthetic_set.hpp"
#include "mudra/pipeline/seen_pictures.hpp"
#include "mudra/pipeline/train_options.hpp"

namespace mudra::pipeline {

// What there is to learn from.
struct Material {
  data::Dataset pictures;  // empty when only rendered hands are trained on
  std::vector<data::SyntheticSet> rendered;
  data::PictureShape shape;  // of both
  std::vector<std::string> class_names;
  std::vector<std::string> known;                  // those of the network that training goes on from
  std::vector<std::int32_t> rendered_labels = {};  // in class_names, by gesture
  std::vector<std::string> notes = {};             // to be said before training
};

// One network to train and where it goes; several for leave-one-subject-out.
struct Fold {
  std::filesystem::path folder;
  const data::Dataset* judged = nullptr;  // that the split's validation and test parts index
  data::Split split;
};

// The sets that the options name, pictures in the shape `wanted` or their own. Throws Error for what cannot
// be learned from.
Material load_material(const TrainOptions& options, const std::optional<data::PictureShape>& wanted);

// What judges where rendered hands are learned from and no people can be put aside; else empty.
data::Dataset people_to_judge(const TrainOptions& options, const Material& material);

// What the network that training goes on from had seen.
SeenPictures seen_before(const TrainOptions& options);

// The networks to train in the folder `run`, judged by `people` unless those are none. Keeps the addresses of
// both. Throws Error for a split that these pictures do not allow.
std::vector<Fold> plan_folds(const TrainOptions& options, const std::filesystem::path& run,
                             const Material& material, const data::Dataset& people);

}  // namespace mudra::pipeline
