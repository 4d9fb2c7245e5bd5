// The reference data, where it is at hand.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace mudra {

// `path` within the reference data; empty without MUDRA_SHARED.
inline std::filesystem::path shared_data(const std::filesystem::path& path = {}) {
  const char* root = std::getenv("MUDRA_SHARED");
  return root == nullptr ? std::filesystem::path() : std::filesystem::path(root) / "data" / path;
}

}  // namespace mudra
