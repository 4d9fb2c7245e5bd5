// What a model file says, checked and put into the form the engine runs: operations in the file's order, each
// with the tensors it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/espdl_view.hpp"
#include "mudra/device/operation.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

// Networks of 200 nodes that fuse nothing. More would not fit the chip's flash with weights of their own, and
// the tables of the engine lie in its RAM.
inline constexpr int kMaxOperations = 200;
inline constexpr int kMaxSide = 4096;                                // height, width and channels of a tensor
inline constexpr std::int64_t kMaxElements = 1 << 22;                // of a tensor
inline constexpr std::int64_t kMaxProducts = std::int64_t{1} << 32;  // of one inference: minutes on the chip

// Why a model was refused, and where.
struct Problem {
  Status status = Status::kOk;
  std::string_view node;         // in the model's bytes; empty: the file as a whole
  std::size_t needed_bytes = 0;  // kArenaTooSmall: of the arena
};

// A tensor by who makes it: 0 is the network's input, i + 1 the output of operation i.
using TensorIndex = std::uint8_t;
inline constexpr TensorIndex kNoTensor = 255;
static_assert(kMaxOperations < kNoTensor);

struct Link {
  Operation operation;
  TensorIndex input = kNoTensor;   // read window by window or pixel by pixel; kJoin: none
  TensorIndex second = kNoTensor;  // of kAdd, kMultiply: read whole or row by row; kNoTensor: a constant
  // The output of a kJoin that this one's output is a part of, from a channel on.
  TensorIndex into = kNoTensor;
  bool reads_second = false;  // kAdd, kMultiply
  bool keeps_all = false;     // somebody sees its output in another shape: it lies in one piece
  std::uint16_t first_channel = 0;
};

// The network's input or output: NHWC integers, value = integer * 2^exponent.
struct TensorInfo {
  int height = 0, width = 0, channels = 0;
  Width type = Width::kInt8;
  int exponent = 0;
};

struct Network {
  Link links[kMaxOperations];
  int size = 0;
  TensorIndex output = 0;
  bool needs_whole_input = false;  // somebody sees it in another shape: no row of it is of use alone
  TensorInfo input_info, output_info;

  const Operation& operation(int i) const { return links[i].operation; }
};

// Of what this returns anything but kOk for, `problem` says where. Nothing of `view` needs to be valid.
Status read_network(ModelView& view, Network& network, Problem& problem);

}  // namespace mudra::device
