// What a model file says, checked and put into the form the engine runs: a chain of operations from the input
// to the output, around parts of which a shortcut leads to an addition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/espdl_view.hpp"
#include "mudra/device/operation.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

inline constexpr int kMaxOperations = 48;
inline constexpr int kMaxSide = 4096;                                // height, width and channels of a tensor
inline constexpr std::int64_t kMaxElements = 1 << 22;                // of a tensor
inline constexpr std::int64_t kMaxProducts = std::int64_t{1} << 32;  // of one inference: minutes on the chip

// Why a model was refused, and where.
struct Problem {
  Status status = Status::kOk;
  std::string_view node;         // in the model's bytes; empty: the file as a whole
  std::size_t needed_bytes = 0;  // kArenaTooSmall: of the arena
};

// A step of the chain. Its input is the previous operation's output; the first one's is the network's.
struct Link {
  Operation operation;
  // kAdd: which operation made the other operand, -1 the network's input.
  std::int8_t shortcut_from = -1;
};

struct Network {
  Link links[kMaxOperations];
  int size = 0;
  std::int8_t input_exponent = 0, output_exponent = 0;

  const Operation& operation(int i) const { return links[i].operation; }
  // Whether a later addition takes operation i's output (-1: the network's input) as its shortcut.
  bool is_fork(int i) const;
};

// Of what this returns anything but kOk for, `problem` says where. Nothing of `view` needs to be valid.
Status read_network(ModelView& view, Network& network, Problem& problem);

}  // namespace mudra::device
