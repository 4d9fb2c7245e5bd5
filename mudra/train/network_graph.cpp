#include "mudra/train/network_graph.hpp"

#include "mudra/base/error.hpp"
#include "mudra/train/network_state.hpp"

namespace mudra::train {

using graph::ActivationKind;

graph::Architecture architecture_of(const NetworkConfig& config) {
  graph::Architecture architecture{
      .block_strides = {},
      .activation = config.activation == Activation::kRelu6 ? ActivationKind::kRelu6 : ActivationKind::kRelu,
      .image_side = config.image_side};
  for (const BlockConfig& block : config.blocks) architecture.block_strides.push_back(block.stride);
  return architecture;
}

graph::Graph graph_of(const Network& network) {
  return light_gesture_net(state_dict(network), architecture_of(network.config()));
}

Network network_of(const graph::Graph& graph) {
  const auto [state, architecture] = light_gesture_net_of(graph);
  if (architecture.block_strides.empty()) fail("it has none of LightGestureNet's blocks");
  NetworkConfig config = config_from(state);
  for (std::size_t i = 0; i < config.blocks.size(); ++i)
    config.blocks[i].stride = architecture.block_strides[i];
  config.activation =
      architecture.activation == ActivationKind::kRelu6 ? Activation::kRelu6 : Activation::kRelu;
  config.image_side = architecture.image_side;
  return network_from(state, config);
}

}  // namespace mudra::train
