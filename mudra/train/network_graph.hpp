// A trained network as a graph, for everything that happens after training.
#pragma once

#include "mudra/graph/graph.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/train/network.hpp"

namespace mudra::train {

graph::Architecture architecture_of(const NetworkConfig& config);

// The float graph of the network as it judges: by the running statistics, which are still nodes of their own.
graph::Graph graph_of(const Network& network);

// The config and weights of LightGestureNet's graph; see graph::light_gesture_net_of. Throws Error when the
// graph is another network's.
Network network_of(const graph::Graph& graph);

}  // namespace mudra::train
