// A training on disk: everything TrainingState holds, as one .npz file that numpy can look into.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "mudra/train/loop.hpp"

namespace mudra::train {

// `configuration` is a hash of all that a training depends on; a checkpoint is read for the same one only.

// Replaces the file at once: a process killed meanwhile leaves the old one. Throws Error{kIo}.
void write_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                      std::uint64_t configuration);

// A state that train() can go on from. Throws Error for a file that is not such a checkpoint, is one of
// another configuration, or holds what no training comes to.
TrainingState read_checkpoint(const std::filesystem::path& path, const TrainingConfig& config,
                              std::uint64_t configuration);

// The same from and to the bytes of a file.
std::vector<std::uint8_t> checkpoint_bytes(const TrainingState& state, std::uint64_t configuration);
TrainingState checkpoint_of(std::span<const std::uint8_t> file, const TrainingConfig& config,
                            std::uint64_t configuration);

}  // namespace mudra::train
