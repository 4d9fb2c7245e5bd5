// A folder that is filled beside its final place.
#pragma once

#include <filesystem>

namespace mudra {

// An empty folder temporary_name(folder), which nothing else has a hand in, and the parents. Throws
// Error{kIo}.
std::filesystem::path make_temporary_folder(const std::filesystem::path& folder);

}  // namespace mudra
