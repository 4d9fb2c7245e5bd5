#include "mudra/quant/search.hpp"
#include "mudra/graph/operations.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/lower.hpp"

namespace mudra::quant {
namespace {

// What the search may move, by turns.
struct Handle {
  bool is_weight = false;
  Site site;                      // else
  graph::TensorIndex weight = 0;  // of a weight

  int& exponent_in(Scheme& scheme) const {
    return is_weight ? scheme.of_weight.at(weight) : scheme.exponents.at(site);
  }
};

std::vector<Handle> handles_of(const graph::Graph& network, const Scheme& scheme, Searched searched) {
  std::vector<Handle> handles;
  for (const Site& site : free_sites(network, scheme.bits))
    if (site.tensor != network.input) handles.push_back({.is_weight = false, .site = site, .weight = 0});
  if (searched == Searched::kActivationsAndWeights)
    for (const graph::Node& node : network.nodes)
      if (graph::has_weights(node))
        handles.push_back({.is_weight = true, .site = {}, .weight = node.inputs[1]});
  return handles;
}

}  // namespace

OutputError search_exponents(const graph::Graph& network, Scheme& scheme, const Judge& judge,
                             Searched searched, int most_rounds) {
  const std::vector<Handle> handles = handles_of(network, scheme, searched);
  Progress progress("search", handles.size() * static_cast<std::size_t>(most_rounds), "exponents");
  OutputError best = judge(integer_graph(network, scheme));
  // Whether moving by `step` helps; if so it stays.
  const auto helps = [&](const Handle& handle, int step) {
    stop_if_interrupted();
    Scheme candidate = scheme;
    handle.exponent_in(candidate) += step;
    spread_exponents(network, candidate);
    if (raise_exponents(network, candidate)) return false;  // it does not keep the chip's rules
    const OutputError error = judge(integer_graph(network, candidate));
    if (!(error.noise < best.noise)) return false;
    best = error;
    scheme = std::move(candidate);
    return true;
  };
  for (int round = 0; round < most_rounds; ++round) {
    bool improved = false;
    for (const Handle& handle : handles) {
      if (helps(handle, 1) || helps(handle, -1)) improved = true;
      progress.note(fmt::format("logit noise {:.2f} %", 100 * best.noise));
      progress.advance();
    }
    if (!improved) break;
  }
  return best;
}

}  // namespace mudra::quant
