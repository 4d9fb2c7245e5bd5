// An integer network read back as real numbers, to be run beside the float network it was made of.
#pragma once

#include <map>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

struct RealNetwork {
  graph::Graph network;  // float: each integer times its power of two; without RequantizeLinear and Transpose
  Scheme scheme;         // under which it gives the integers again
};

// `integer` is verified and of this family. Throws Error, naming the node, for one that is not wholly
// integer.
RealNetwork real_network(const graph::Graph& integer);

// By what each channel of a tensor of `made` is larger than in `original`, told from the weights: 1 where
// nothing was rescaled, as equalization and fitted ranges do. By tensor of `made`. Both are lowered with the
// same Convs and Gemms; throws Error when they are not.
std::map<graph::TensorIndex, std::vector<float>> channel_gains(const graph::Graph& original,
                                                               const graph::Graph& made,
                                                               const Scheme& scheme);

// The Convs and Gemms of a network, by node.
std::vector<std::size_t> computing_nodes(const graph::Graph& network);

}  // namespace mudra::quant
