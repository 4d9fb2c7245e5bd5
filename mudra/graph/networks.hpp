// The networks that have names of their own, each a short builder.
#pragma once

#include <span>
#include <string_view>

#include "mudra/graph/layers.hpp"

namespace mudra::graph {

struct BuiltInNetwork {
  std::string_view name;  // "lenet"
  std::string_view text;  // one line on what it is
  Graph (*build)(Layers::Picture picture, int classes);
};

// Weights 0 and normalisations the identity, as Layers makes them.
std::span<const BuiltInNetwork> built_in_networks();

// nullptr when there is none of that name.
const BuiltInNetwork* find_network(std::string_view name);

}  // namespace mudra::graph
