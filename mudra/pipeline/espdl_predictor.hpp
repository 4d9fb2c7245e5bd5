// Judging with an .espdl: the chip's engine, with the PC's kernels, behind the judges' interface.
#pragma once

#include <filesystem>

#include "mudra/pipeline/model.hpp"

namespace mudra::pipeline {

// Throws Error, with the path in front, for a file that cannot be read or run, and for a network that does
// not take one picture.
LoadedPredictor load_espdl_predictor(const std::filesystem::path& path,
                                     const std::vector<std::string>& class_names,
                                     const std::string& normalize);

}  // namespace mudra::pipeline
