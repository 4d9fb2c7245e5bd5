// Which pictures a training has seen, so that a network is not judged by what it learned from unawares.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::pipeline {

// Pictures by the fingerprints of their pixels in the shape that the network takes: they stay the same under
// another name or class.
using SeenPictures = std::set<std::uint64_t>;

// Adds the pictures at `indices`.
void add_seen(SeenPictures& seen, const data::Dataset& set, std::span<const std::uint32_t> indices);

// RUN/seen.json: {"seen": ["0123456789abcdef", ...]}. Throws Error.
void write_seen(const std::filesystem::path& run, const SeenPictures& seen);

// The RUN that a model belongs to: itself, or the folder that the file lies in.
std::filesystem::path run_of(const std::filesystem::path& model);

// Of the model's RUN; nothing where there is none that says so. Throws Error for a damaged file.
std::optional<SeenPictures> read_seen(const std::filesystem::path& model);

// Whether each picture of the set is among them.
std::vector<bool> are_seen(const SeenPictures& seen, const data::Dataset& set);

}  // namespace mudra::pipeline
