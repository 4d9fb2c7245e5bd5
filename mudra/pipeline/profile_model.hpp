// What a model costs on the chip, from its file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mudra/deploy/deployment.hpp"
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

// The same, what lies where in the arena meanwhile, and which boards it fits.
struct ChipCost {
  sim::Profile profile;
  std::optional<deploy::ArenaPlan> memory;  // nothing for portable kernels: the plan is the vector kernels'
  // For each of deploy::board_kinds(), as `mudra deploy` would; of what no board takes only the refusal.
  std::vector<deploy::Deployment> boards;
};

// Throws Error as profile_model() does.
ChipCost chip_cost(const ProfileSettings& settings);

// The same of the file of any network: nothing of one that is not the chip's.
std::optional<report::ChipTime> chip_time(const std::filesystem::path& path);

}  // namespace mudra::pipeline
