#include "mudra/pipeline/float_network.hpp"

#include "mudra/base/error.hpp"

namespace mudra::pipeline {

graph::Graph float_network(const Model& model, const std::filesystem::path& path) {
  const auto* loaded = std::get_if<graph::Graph>(&model.network);
  if (loaded == nullptr) fail("{}: an integer model; the float one is needed here", path.string());
  graph::Graph network = *loaded;
  state_preprocessing(network, model.picture);
  return network;
}

}  // namespace mudra::pipeline
