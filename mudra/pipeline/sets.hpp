// The sets of a command line: read, with what their readers left out said on stderr.
#pragma once

#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/pipeline/model.hpp"

namespace mudra::pipeline {

// The set, its notes said.
data::Dataset told(data::Dataset set);
// As data::load_sets of the pictures that a network of classes `known` takes, and says the notes.
data::Dataset load_sets(const std::vector<std::string>& texts, const data::PictureShape& wanted,
                        const std::vector<std::string>& known);
// As data::load_set of pictures of any shape.
data::Dataset load_set(const std::string& text, const std::string& layout);

// The pictures that a network of these classes can be asked about: without those of `none` where it has no
// such class, which is said on stderr. One that does not name its classes may have as many as the set.
data::Dataset known_to(const std::vector<std::string>& class_names, ClassNames names_are, data::Dataset set);

// As load_sets, of what the network knows.
data::Dataset load_known_sets(const std::vector<std::string>& texts, const Model& model);

// What of a set calibrates: of one that states a split the training part alone, which is said on stderr, as
// are pictures that tell little about the ranges a network will see: flat ones, or one alone.
data::Dataset calibration_part(data::Dataset set);
// As load_sets of what the network knows, to look at what was calibrated: of sets that state a split the
// pictures outside of the training part, if there are any, which is said on stderr.
data::Dataset load_other_sets(const std::vector<std::string>& texts, const Model& model);

}  // namespace mudra::pipeline
