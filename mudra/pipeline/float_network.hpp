// The float network of a MODEL, ready to be quantized, and the pictures for it.
#pragma once

#include <filesystem>
#include <string>

#include "mudra/data/dataset.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/quant/pictures.hpp"

namespace mudra::pipeline {

// With class names, preprocessing and version as metadata. Throws Error, with the path in front, for an
// integer model.
graph::Graph float_network(const Model& model, const std::filesystem::path& path);

inline quant::Pictures pictures_of(const data::Dataset& set) { return {set.images, set.shape.bytes()}; }

}  // namespace mudra::pipeline
