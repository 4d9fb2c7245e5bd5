// Runs an .espdl model in the memory it is given: no heap, and no tensor larger than it has to be.
//
//   Engine engine;  // 5.3 KB
//   Status status = engine.prepare(model, arena);   // checks everything, once
//   std::memcpy(engine.input().data(), picture, engine.input().size());
//   status = engine.run();                          // trusts what was checked
//   ... engine.output() ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mudra/device/kernels.hpp"
#include "mudra/device/network.hpp"
#include "mudra/device/plan.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

// The network's input or output: NHWC integers, value = integer * 2^exponent.
struct TensorInfo {
  int height = 0, width = 0, channels = 0;
  Width type = Width::kInt8;
  int exponent = 0;
};

// Is told of every operation's output while it is made: its next pixels in row-major order, valid during the
// call. For comparing node by node; costs one call per piece.
struct Observer {
  void (*made)(void* context, int operation, std::span<const std::byte> pixels) = nullptr;
  void* context = nullptr;
};

class Engine {
 public:
  // The bytes of the model and the arena must outlive the engine. The arena starts at a multiple of
  // kBufferAlignment; if it is too small, problem() says how much is needed and for which node.
  Status prepare(std::span<const std::uint8_t> model, std::span<std::byte> arena,
                 const Kernels& kernels = portable_kernels());
  const Problem& problem() const { return problem_; }

  // After prepare, also when only the arena was too small.
  std::size_t arena_bytes() const { return plan_.arena_bytes; }
  const Network& network() const { return network_; }
  const Plan& plan() const { return plan_; }
  TensorInfo input_info() const;
  TensorInfo output_info() const;

  // Where the whole picture goes before run(), which overwrites it. Valid after prepare.
  std::span<std::byte> input();
  Status run();

  // Instead: row by row, top first, each as soon as it is there. What can be computed from the rows so far
  // is, and with the last one the output is there. begin() forgets the rows of an unfinished picture.
  Status begin();
  Status push_row(std::span<const std::byte> row);

  // From the next picture on; Observer{} ends it.
  void observe(const Observer& observer) { observer_ = observer; }

  // Valid after run or the last row, until the next picture.
  std::span<const std::byte> output() const;

 private:
  void advance(int first, int last);
  void make_row(int stage, int y);
  std::byte* row(int rows, int y) const { return arena_ + plan_.rows[rows].offset_of(y); }
  int last_stage_of_segment(int first) const;
  void run_segments_from(int first);

  const Kernels* kernels_ = nullptr;  // null: not prepared
  std::byte* arena_ = nullptr;
  Network network_;
  Plan plan_;
  Problem problem_;
  Observer observer_;
  std::uint16_t made_[kMaxStages + 1] = {};  // rows made of each plan_.rows
  std::uint16_t pushed_ = 0;
  bool expects_rows_ = false;
};

}  // namespace mudra::device
