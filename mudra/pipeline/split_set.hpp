// The pictures to judge by, put aside before anything is learned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mudra::pipeline {

struct SplitSettings {
  std::vector<std::string> sets;  // put together
  std::string out;                // a folder
  std::string split;              // given, subject or random; empty: the first of these that the set has
  std::uint64_t seed = 1;
};

struct PutAside {
  std::string split;  // how, in words
  std::size_t seen = 0, unseen = 0;
};

// Writes OUT/seen.npz, to learn from, and OUT/unseen.npz. A split as given stays written in both. Throws
// Error.
PutAside split_set(const SplitSettings& settings);

}  // namespace mudra::pipeline
