// The reference quantizer's input and results, where they are at hand.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "mudra/data/dataset_io.hpp"
#include "mudra/quant/pictures.hpp"

namespace mudra::quant {

// Empty without MUDRA_SHARED.
inline std::filesystem::path shared(const char* folder) {
  const char* root = std::getenv("MUDRA_SHARED");
  return root == nullptr ? std::filesystem::path() : std::filesystem::path(root) / folder;
}

inline std::filesystem::path reference() { return shared("data/reference-quantizer"); }

inline Pictures pictures_of(const data::Dataset& set) { return {set.images, data::kImagePixels}; }

}  // namespace mudra::quant
