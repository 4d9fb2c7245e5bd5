// The sets of a command line: read, with what their readers left out said on stderr.
#pragma once

#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::cli {

// As data::load_sets, and says the notes.
data::Dataset load_sets(const std::vector<std::string>& texts);
// As data::load_set.
data::Dataset load_set(const std::string& text, const std::string& layout);

// Warns on stderr of pictures that say little about the ranges a network will see: flat ones, or one alone.
void warn_of_calibration(const data::Dataset& set);

}  // namespace mudra::cli
