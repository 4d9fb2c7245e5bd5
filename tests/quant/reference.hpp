// The reference quantizer's input and results, where they are at hand.
#pragma once

#include <filesystem>

#include "mudra/data/dataset_io.hpp"
#include "mudra/quant/pictures.hpp"
#include "tests/shared_data.hpp"

namespace mudra::quant {

inline std::filesystem::path reference() { return shared_data("reference-quantizer"); }

inline Pictures pictures_of(const data::Dataset& set) { return {set.images, data::kImagePixels}; }

}  // namespace mudra::quant
