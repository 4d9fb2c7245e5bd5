// Judging with an .espdl: the chip's engine, with the PC's kernels, behind the judges' interface.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "mudra/format/espdl.hpp"
#include "mudra/pipeline/model.hpp"

namespace mudra::pipeline {

// `bytes`: of the file that holds `file`. Throws Error for a network that cannot be run or does not take one
// picture.
LoadedPredictor espdl_predictor(format::EspdlFile file, std::span<const std::uint8_t> bytes,
                                const std::vector<std::string>& class_names = {},
                                const std::string& normalize = {});

// Of a file that is read. Throws Error as above, with the path in front.
LoadedPredictor load_espdl_predictor(const std::filesystem::path& path,
                                     const std::vector<std::string>& class_names,
                                     const std::string& normalize);

}  // namespace mudra::pipeline
