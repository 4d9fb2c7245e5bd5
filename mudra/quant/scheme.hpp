// How many bits and which exponent every tensor of a network gets: what quantizing decides.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::quant {

// An activation at one width. Where a node of another width reads it, it has that width's site too.
struct Site {
  graph::TensorIndex tensor = 0;
  int bits = 8;

  auto operator<=>(const Site&) const = default;
};

// By node of a lowered network: 8 or 16.
using NodeBits = std::vector<int>;

struct Scheme {
  NodeBits bits;
  std::map<Site, int> exponents;                // of every site that read_sites gives and every site_of
  std::map<graph::TensorIndex, int> of_weight;  // exponents of weights and of a PRelu's slopes

  bool operator==(const Scheme&) const = default;
};

// Of a lowered network: whether constants come with it, the first of them with an exponent of its own.
bool has_parameters(const graph::Node& node);

// All nodes at 8 bits, but those whose names match a pattern (* stands for any characters) at its bits. The
// Clip or Relu behind a Conv or Gemm gets its bits, and what only moves values those of its producer. Throws
// Error for a pattern that matches no node, or no node of a kind that computes.
struct BitsRule {
  std::string pattern;
  int bits = 16;
};
NodeBits node_bits(const graph::Graph& network, const std::vector<BitsRule>& rules);
// The same with the computing nodes' bits given, by node.
NodeBits followed(const graph::Graph& network, NodeBits bits);

// The width a tensor is written in: its producer's, of the input its first reader's.
Site site_of(const graph::Graph& network, const NodeBits& bits, graph::TensorIndex tensor);

// Who decides the exponent of each site: itself; or the Clip or Relu behind it; the Add or Concat it is alone
// for (the chip takes their integers as they are); the tensor whose values it holds, in another shape or some
// of them.
std::map<Site, Site> deciders(const graph::Graph& network, const NodeBits& bits);

// The sites that decide for themselves, in the order of the network.
std::vector<Site> free_sites(const graph::Graph& network, const NodeBits& bits);

// Sets the exponents of all other sites from those of the free ones.
void spread_exponents(const graph::Graph& network, Scheme& scheme);

// Weight exponents from the percentile 0.9999 of each tensor, rounded up.
void choose_weight_exponents(const graph::Graph& network, Scheme& scheme);

// `network` with each weight rounded as the scheme says, still float.
graph::Graph with_rounded_weights(const graph::Graph& network, const Scheme& scheme);

}  // namespace mudra::quant
