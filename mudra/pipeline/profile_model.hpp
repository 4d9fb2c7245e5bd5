// What a model costs on the chip, from its file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "mudra/report/evaluation.hpp"
#include "mudra/sim/profile.hpp"

namespace mudra::pipeline {

struct ProfileSettings {
  std::string model;           // an .espdl
  int frequency = 240;         // MHz
  std::string kernels = "s3";  // or portable
  std::string weights{};       // ram or flash; empty: ram, and flash with portable kernels, which copy none
};

// Throws Error for what is no model, for what the engine refuses, and for a choice that there is not.
sim::Profile profile_model(const ProfileSettings& settings);

// The same of the file of any network: nothing of one that is not the chip's.
std::optional<report::ChipTime> chip_time(const std::filesystem::path& path);

}  // namespace mudra::pipeline
