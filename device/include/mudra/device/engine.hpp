// Runs an .espdl model in the memory it is given: no heap, and no tensor larger than it has to be.
//
//   Engine engine;  // 23 KB on the chip: tables for networks of up to kMaxOperations
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

// Is told of every operation's output while it is made: its next integers in row-major order, valid during
// the call; nothing of a kCopy, whose output is a part of another's. For comparing node by node; costs one
// call per piece.
struct Observer {
  void (*made)(void* context, int operation, std::span<const std::byte> pixels) = nullptr;
  void* context = nullptr;
};

// Where the weights lie that the kernels want packed.
enum class PackedWeights : std::uint8_t {
  kInPlace,  // behind the model (packed_section.hpp); in the arena where it has none that these kernels can
             // use
  kInArena,  // copied: packed when the engine is prepared
};

class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;  // it knows where its tables are
  Engine& operator=(const Engine&) = delete;

  // `model`: its bytes and whatever lies behind them. They and the arena must outlive the engine. The arena
  // starts at a multiple of kAlignment; if it is too small, problem() says how much is needed and for which
  // node.
  Status prepare(std::span<const std::uint8_t> model, std::span<std::byte> arena,
                 const Kernels& kernels = portable_kernels(), PackedWeights where = PackedWeights::kInPlace);
  const Problem& problem() const { return problem_; }
  // kOk: the packed weights behind the model are used. Else why not; kNoPackedWeights also where nobody
  // asked.
  Status packed_section() const { return packed_section_; }

  // After prepare, also when only the arena was too small.
  std::size_t arena_bytes() const { return plan_.arena_bytes; }
  const Network& network() const { return network_; }
  const Plan& plan() const { return plan_; }
  const TensorInfo& input_info() const { return network_.input_info; }
  const TensorInfo& output_info() const { return network_.output_info; }

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
  void forget_steps();
  void advance(Stage& last);
  int rows_of(const Stage& stage) const;
  void make_step(const Stage& stage, const std::byte** window, Tile& tile);
  void find_rows(const Link& link, int step, const std::byte** to) const;
  void make_pixels(const Stage& stage, const std::byte** window, Tile& tile);
  void make_gathered(const Stage& stage, int step);
  void gather(const Stage& stage, Tile& tile);
  void take(const Link& pool, const Stage& stage, Tile& tile, bool begins);
  void finish(const Link& pool, const Stage& stage, int y);
  std::byte* row(TensorIndex tensor, int y) const { return arena_ + plan_.rows[tensor].offset_of(y); }
  const std::byte* second_of(const Link& link, int y, int x) const;
  void tell(int operation, const std::byte* pixels, int count) const;
  void tell_without_zero(int operation, const std::byte* pixels, std::uint32_t bytes) const;
  void run_segments_from(int first_stage);

  // What every step uses comes first, within reach of short addresses; links_, rows_ and order_ are tables of
  // network_ and plan_.
  const Kernels* kernels_ = nullptr;  // null: not prepared
  std::byte* arena_ = nullptr;
  const Link* links_ = nullptr;
  const Rows* rows_ = nullptr;
  const std::uint8_t* order_ = nullptr;
  Observer observer_;
  std::uint16_t pushed_ = 0;  // rows of the input that were pushed
  bool expects_rows_ = false;
  Network network_;
  Plan plan_;
  Problem problem_;
  Status packed_section_ = Status::kNoPackedWeights;
};

}  // namespace mudra::device
