// The memory a model needs on the chip, before there is a chip: what lies where in the engine's arena at each
// step of an inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mudra/device/engine.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::deploy {

struct ArenaBlock {
  enum class Kind {
    kTensor,   // all rows of a tensor
    kRing,     // the rows of a tensor that the next window looks at
    kScratch,  // pixels on their way between two operations, and what kernels work with
    kWeights,  // packed for the kernels
  };

  Kind kind = Kind::kTensor;
  std::string name;  // "input 96x96x1", "3 rows of 48x48x96"
  std::uint32_t offset = 0, bytes = 0;
  std::size_t first_step = 0, last_step = 0;  // of those in which it is in use
  bool is_input = false;                      // of the network: there before the first step
};

// "tensor", "ring", "scratch", "weights"
const char* name_of(ArenaBlock::Kind kind);

// One pass from a stored tensor to the next.
struct ArenaStep {
  std::string makes;  // "24x24x24"
  std::string nodes;  // first and last node of the file
  int operations = 0;
  std::int64_t multiply_adds = 0;
  std::uint32_t bytes = 0;  // from the arena's start to the end of its last block
};

struct ArenaPlan {
  std::size_t arena_bytes = 0;
  std::size_t packed_bytes = 0;  // of it, weights
  std::vector<ArenaStep> steps;
  std::vector<ArenaBlock> blocks;
};

// The plan of mudra's engine with the chip's vector kernels. `graph` is what `model` holds, for the names;
// weights in place are those that are packed behind it. Throws Error, naming the node, for a model the engine
// refuses.
ArenaPlan plan_arena(std::span<const std::uint8_t> model, const graph::Graph& graph,
                     device::PackedWeights weights);

// What ESP-DL needs for its tensors: every one whole, the first free place for each in order of execution,
// the model's input kept, Clip, Relu and Flatten in place. For the published model this is the arena its
// firmware printed, 322560 bytes.
std::size_t esp_dl_arena_bytes(const graph::Graph& graph);

}  // namespace mudra::deploy
