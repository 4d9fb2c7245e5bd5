// A training on disk: everything TrainingState holds, as one .npz file that numpy can look into.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "mudra/train/loop.hpp"

namespace mudra::train {

// Replaces the file at once: a process killed meanwhile leaves the old one. Throws Error{kIo}.
void write_checkpoint(const std::filesystem::path& path, const TrainingState& state);

// The state of a network of this config. Throws Error for a file that is not such a checkpoint.
TrainingState read_checkpoint(const std::filesystem::path& path, const NetworkConfig& config);

}  // namespace mudra::train
