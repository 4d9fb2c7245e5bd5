#include "mudra/quant/scheme.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cassert>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/quant/exponent_choice.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

bool is_bounding(const graph::Node& node) { return exponents_of(node) == graph::Exponents::kBounded; }
bool is_passive(const graph::Node& node) { return exponents_of(node) == graph::Exponents::kKept; }

std::size_t place_of(const graph::Graph& network, const graph::Node& node) {
  return static_cast<std::size_t>(&node - network.nodes.data());
}

bool matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    for (std::size_t skipped = 0; skipped <= name.size(); ++skipped)
      if (matches(pattern.substr(1), name.substr(skipped))) return true;
    return false;
  }
  return !name.empty() && pattern[0] == name[0] && matches(pattern.substr(1), name.substr(1));
}

// Who decides for `site`, one step along.
Site next_decider(const graph::Graph& network, const NodeBits& bits, const Site& site) {
  const graph::Node* producer = producer_of(network, site.tensor);
  const bool written = site_of(network, bits, site.tensor) == site;
  if (written && producer != nullptr && is_passive(*producer)) return {producer->inputs[0], site.bits};
  const graph::Node* reader = graph::sole_reader(network, site.tensor);
  if (!written || producer == nullptr || reader == nullptr) return site;
  const int reader_bits = bits[place_of(network, *reader)];
  if (is_bounding(*reader) && reader_bits == site.bits) return {reader->output, site.bits};
  if (exponents_of(*reader) == graph::Exponents::kJoined) return {reader->output, reader_bits};
  return site;
}

}  // namespace

bool has_parameters(const graph::Node& node) { return node.inputs.size() > graph::activation_count(node); }

NodeBits node_bits(const graph::Graph& network, const std::vector<BitsRule>& rules) {
  NodeBits bits(network.nodes.size(), kNarrow);
  for (const BitsRule& rule : rules) {
    if (rule.bits != kNarrow && rule.bits != kWide)
      fail("'{}={}': a node has 8 or 16 bits", rule.pattern, rule.bits);
    std::size_t matched = 0;
    for (std::size_t i = 0; i < bits.size(); ++i)
      if (matches(rule.pattern, network.nodes[i].name)) {
        bits[i] = rule.bits;
        ++matched;
      }
    if (matched == 0) fail("there is no node '{}'; `mudra inspect` lists the nodes' names", rule.pattern);
  }
  return followed(network, std::move(bits));
}

NodeBits followed(const graph::Graph& network, NodeBits bits) {
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    const graph::Node* producer = producer_of(network, node.inputs[0]);
    if (producer == nullptr) continue;
    if (is_passive(node) || (is_bounding(node) && graph::has_weights(*producer)))
      bits[i] = bits[place_of(network, *producer)];
  }
  return bits;
}

Site site_of(const graph::Graph& network, const NodeBits& bits, TensorIndex tensor) {
  const graph::Node* node = producer_of(network, tensor);
  if (node == nullptr) {
    const auto reads = [&](const graph::Node& other) { return std::ranges::count(other.inputs, tensor) > 0; };
    const auto reader = std::ranges::find_if(network.nodes, reads);
    return {tensor, reader == network.nodes.end() ? kNarrow : bits[place_of(network, *reader)]};
  }
  return {tensor, bits[place_of(network, *node)]};
}

std::map<Site, Site> deciders(const graph::Graph& network, const NodeBits& bits) {
  std::map<Site, Site> result;
  const auto add = [&](Site site) {
    Site decider = site;
    for (Site next = next_decider(network, bits, decider); next != decider;
         next = next_decider(network, bits, decider))
      decider = next;
    result[site] = decider;
  };
  add(site_of(network, bits, network.input));
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    add(site_of(network, bits, node.output));
    // What joins takes its operands in its own form; what bounds or moves values takes them as it gives them.
    if (exponents_of(node) == graph::Exponents::kFree)
      for (std::size_t slot = 0; slot < graph::activation_count(node); ++slot)
        add({node.inputs[slot], bits[i]});
  }
  return result;
}

std::vector<Site> free_sites(const graph::Graph& network, const NodeBits& bits) {
  std::vector<Site> sites;
  const auto take = [&](const Site& decider) {
    if (std::ranges::find(sites, decider) == sites.end()) sites.push_back(decider);
  };
  const auto decided = deciders(network, bits);
  std::vector<TensorIndex> order{network.input};
  for (const graph::Node& node : network.nodes) order.push_back(node.output);
  for (const TensorIndex tensor : order)
    for (const int width : {kNarrow, kWide})
      if (const auto found = decided.find({tensor, width}); found != decided.end()) take(found->second);
  return sites;
}

void spread_exponents(const graph::Graph& network, Scheme& scheme) {
  for (const auto& [site, decider] : deciders(network, scheme.bits))
    if (site != decider) scheme.exponents[site] = scheme.exponents.at(decider);
}

void choose_weight_exponents(const graph::Graph& network, Scheme& scheme) {
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    if (!has_parameters(node)) continue;
    std::vector<float> values = graph::float_values(network.tensor(node.inputs[1]));
    scheme.of_weight[node.inputs[1]] = covering_exponent(percentile_interval(values), scheme.bits[i]);
  }
}

graph::Graph with_rounded_weights(const graph::Graph& network, const Scheme& scheme) {
  graph::Graph rounded = network;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    if (!has_parameters(node)) continue;
    graph::Tensor& weight = rounded.tensor(node.inputs[1]);
    weight.values = rounded_values(graph::float_values(network.tensor(node.inputs[1])),
                                   scheme.of_weight.at(node.inputs[1]), scheme.bits[i]);
  }
  return rounded;
}

}  // namespace mudra::quant
