#include "mudra/train/inference.hpp"

#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/train/network_graph.hpp"

namespace mudra::train {

Inference::Inference(const Network& network, int max_batch)
    : runner_(fold_batch_normalization(graph_of(network)), {.max_batch = max_batch, .keep = {}}) {}

}  // namespace mudra::train
