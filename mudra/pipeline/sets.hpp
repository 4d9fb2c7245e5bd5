// The sets of a command line: read, with what their readers left out said on stderr.
#pragma once

#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::pipeline {

// The set, its notes said.
data::Dataset told(data::Dataset set);
// As data::load_sets of the pictures that a network takes, and says the notes.
data::Dataset load_sets(const std::vector<std::string>& texts, const data::PictureShape& wanted = {});
// As data::load_set of pictures of any shape.
data::Dataset load_set(const std::string& text, const std::string& layout);

// As load_sets, to calibrate with: of sets that state a split the training part alone, which is said on
// stderr, as are pictures that tell little about the ranges a network will see: flat ones, or one alone.
data::Dataset load_calibration_sets(const std::vector<std::string>& texts, const data::PictureShape& wanted);
// As load_sets, to look at what was calibrated: of sets that state a split the pictures outside of the
// training part, if there are any, which is said on stderr.
data::Dataset load_other_sets(const std::vector<std::string>& texts, const data::PictureShape& wanted);

}  // namespace mudra::pipeline
