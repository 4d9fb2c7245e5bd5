// Whether a model fits a board, in figures, before anything is built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mudra/deploy/board_kinds.hpp"
#include "mudra/deploy/chip.hpp"
#include "mudra/deploy/memory_plan.hpp"
#include "mudra/deploy/partition_table.hpp"
#include "mudra/device/model_info.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/diagnosis.hpp"
#include "mudra/sim/profile.hpp"

namespace mudra::deploy {

struct DeployConfig {
  BoardKind board = board_kinds().front();
  std::uint32_t flash_bytes = 0;  // 0: the board's
  EngineChoice engine = EngineChoice::kMudra;
  std::optional<device::PackedWeights> weights{};  // nothing: in the arena where all fits inside of the chip
};

// A model, and the same for people.
struct DeployModel {
  std::vector<std::uint8_t> bytes;  // without what lies behind it in its file
  format::EspdlFile file;
};

// Errors begin with the path.
DeployModel load_deploy_model(const std::filesystem::path& path);

struct MemoryDemand {
  std::string what;  // "arena of mudra's engine"
  std::size_t bytes = 0;
  bool in_psram = false;  // always; else it is there only when internal RAM has no room
};

// What the place of the weights that mudra's engine wants packed means for the memory.
struct WeightVariant {
  device::PackedWeights weights = device::PackedWeights::kInArena;
  std::size_t arena_bytes = 0;
  std::size_t ram_bytes = 0;  // together
  sim::Time time;             // of a picture with the vector kernels at 240 MHz, estimated
};

struct Deployment {
  DeployConfig config;  // with everything chosen
  std::vector<WeightVariant> variants;
  ArenaPlan arena;                    // of mudra's engine
  std::vector<MemoryDemand> demands;  // of RAM, all engines that are chosen
  std::size_t ram_bytes = 0;          // together
  std::size_t psram_bytes = 0;        // of it, those of demands that are always there
  bool uses_psram = false;            // for what would rather be inside of the chip
  std::vector<std::uint8_t> image;    // of the board's `model` partition: the model, packed weights behind it
  std::size_t model_bytes = 0;        // without these
  std::size_t test_vector_bytes = 0;  // of these, the ones for the self-test
  std::vector<Partition> partitions;
  std::uint32_t flash_bytes = 0;       // that the partitions take
  std::size_t slot_room = 0;           // of the largest image that can be sent to the board; 0: none can
  std::vector<sim::Finding> findings;  // of the model
  std::vector<std::string> remarks;    // what is good to know
  std::vector<std::string> refusals;   // why it does not fit, with figures; empty: it fits

  bool fits() const { return refusals.empty(); }
};

// What the board will make of the model, by its own functions. Throws Error for what it would refuse, and for
// what does not take one picture.
device::ModelInfo info_on_board(const DeployModel& model);

// Throws Error, naming the node, for a model that the engine refuses, and as info_on_board().
Deployment plan_deployment(const DeployModel& model, const DeployConfig& config);

// For people, with the picture of the arena.
std::string text_of(const Deployment& deployment);

}  // namespace mudra::deploy
