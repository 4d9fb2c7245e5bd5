// A complete ESP-IDF project with a model in it.
//
//   DIR/CMakeLists.txt, main/, ...   the firmware, as in firmware/
//   DIR/components/device/           the engine, as in device/
//   DIR/README.md, docs/firmware.md  as in the repository, with the project's paths
//   DIR/model.espdl                  what `idf.py flash` and `model-flash` write to the partition `model`
//   DIR/partitions.csv, sdkconfig.defaults   for this flash, board and engine
//   DIR/memory_plan.txt, memory_plan.svg, mudra-project.json
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mudra/deploy/deployment.hpp"

namespace mudra::deploy {

struct ProjectFile {
  std::filesystem::path path;  // below the project's folder
  std::vector<std::uint8_t> bytes;
};

// In the order of their paths. Equal arguments give equal bytes. Precondition: deployment.fits().
std::vector<ProjectFile> firmware_project(const DeployModel& model, const Deployment& deployment);

enum class Existing {
  kRefuse,   // a folder that is there and not empty
  kReplace,  // a project that was written here before, with all that was built or changed in it
};

// Writes everything beside `folder` and renames it: there is the whole project, or what was there before.
// Throws Error, also when kReplace finds what is no such project.
void write_project(const std::filesystem::path& folder, const std::vector<ProjectFile>& files,
                   Existing existing);

// What to type next, one command and why a line; paths as a shell takes them.
std::string next_commands(const std::filesystem::path& folder, const std::filesystem::path& model,
                          const BoardKind& board);

}  // namespace mudra::deploy
