#include "mudra/train/inference.hpp"

#include "mudra/graph/fold_batch_normalization.hpp"

namespace mudra::train {

Inference::Inference(const graph::Graph& network, int max_batch)
    : runner_(fold_batch_normalization(network), {.max_batch = max_batch, .keep = {}}) {}

}  // namespace mudra::train
