// What the simulated camera sees: binary PGM (gray) or PPM (colour) pictures, one after another in one file.
// While the file is missing or empty, the camera is unplugged.
#pragma once

#include <filesystem>

namespace mudra::firmware::host {

// An empty path: no camera. Throws Error for a file that is not made of such pictures.
void open_pictures(const std::filesystem::path& path);

}  // namespace mudra::firmware::host
