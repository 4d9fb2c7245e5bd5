// A studio's folder out of what `make demo` leaves.
#pragma once

#include <filesystem>

namespace mudra::studio {

// `folder`, into which the demo's network, its integers and the pictures of the people it has not seen are
// copied unless its run is there. Throws Error: `demo` has no such run, or kIo.
std::filesystem::path demo_folder(const std::filesystem::path& demo, const std::filesystem::path& folder);

}  // namespace mudra::studio
