// How far an integer network's outputs are from the float network's. No labels are needed.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"

namespace mudra::quant {

// The outputs of an integer network as real numbers, [pictures.size(), outputs], computed as the chip does.
// Handed in, so that quantizing does not depend on what runs networks.
using IntegerRun = std::function<std::vector<float>(const graph::Graph& integer, const Pictures& pictures)>;

struct OutputError {
  double noise = 0;      // mean over pictures of sum (q - f)^2 / sum f^2
  double agreement = 0;  // share of pictures with the same largest output
};

// Sums of squares of differences and of what was expected, as the reference divides them.
inline double noise_ratio(double noise, double signal) { return noise / (signal + 1e-7); }

// Both [pictures, outputs]; not empty.
OutputError compare(std::span<const float> expected, std::span<const float> found, std::size_t outputs);

// Compares integer networks with one float network on the same pictures.
class Judge {
 public:
  // Keeps a copy of at most `most` of the pictures, spread evenly.
  Judge(const graph::Graph& network, const Pictures& pictures, std::size_t most, IntegerRun run);

  OutputError operator()(const graph::Graph& integer) const;
  Pictures pictures() const { return pictures_.pictures(); }

 private:
  std::size_t outputs_;
  PictureCopy pictures_;
  std::vector<float> expected_;
  IntegerRun run_;
};

}  // namespace mudra::quant
