// An .espdl on the PC: the chip's engine with the PC's kernels, one for every thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/device/engine.hpp"
#include "mudra/device/picture_shape.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::sim {

class EspdlRunner {
 public:
  // The bytes of one model. Throws Error, naming the node, for what the engine refuses.
  explicit EspdlRunner(std::vector<std::uint8_t> model);
  ~EspdlRunner();

  // What the network makes of an input of its shape and type. Throws Error for another.
  graph::Values run(const graph::Values& input);

  // Throws Error for a network that does not take one picture and give one score per class.
  void check_takes_pictures();

  // images: [B, picture().bytes()]; [B, classes()] integers come out, each worth 2^exponent(). Pictures are
  // shared among the threads. Precondition: check_takes_pictures().
  graph::Values score(std::span<const std::uint8_t> images);

  // The name of the first node whose output is not the one whose checksum the model has as trace.0 (see
  // add_traces) for this input; nothing if there is none.
  std::optional<std::string> first_wrong_node(const graph::Values& input);

  // Precondition: check_takes_pictures().
  device::PictureShape picture() const;
  int exponent() const;
  int classes() const;

 private:
  class Runner;
  std::vector<std::uint8_t> model_;
  std::vector<std::unique_ptr<Runner>> runners_;
};

// The input that an integer network, which takes one picture, gets for it: by the rule that its metadata
// states (device/model_info.hpp), as EspdlRunner and the board make it. Throws Error for a rule or an
// exponent that is none.
graph::Values picture_input(const graph::Graph& graph, std::span<const std::uint8_t> picture);

// An engine that has read and planned a model, but has no memory to run in. Throws Error as EspdlRunner does.
std::unique_ptr<device::Engine> planned_engine(std::span<const std::uint8_t> model,
                                               const device::Kernels& kernels,
                                               device::PackedWeights where = device::PackedWeights::kInPlace);

// What the engine needs on the chip, with its vector kernels, beside their packed weights. Throws Error as
// EspdlRunner does.
std::size_t arena_bytes_of(std::span<const std::uint8_t> model);

// The only model of a file, which may be a pack, at an address as a chip would have it. Throws Error.
std::vector<std::uint8_t> model_in(std::span<const std::uint8_t> file);

}  // namespace mudra::sim
