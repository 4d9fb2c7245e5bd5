// The reference data, where it is at hand.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace mudra {

// `path` within the folder that MUDRA_SHARED names ("vendor-models"); empty without it.
inline std::filesystem::path shared_folder(const std::filesystem::path& path) {
  const char* root = std::getenv("MUDRA_SHARED");
  return root == nullptr ? std::filesystem::path() : std::filesystem::path(root) / path;
}

// The same within its data.
inline std::filesystem::path shared_data(const std::filesystem::path& path = {}) {
  return shared_folder("data" / path);
}

}  // namespace mudra
