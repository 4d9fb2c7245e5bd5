// The recorded inputs of the model file, through an engine, byte for byte.
#pragma once

#include "inference_engine.hpp"
#include "model_partition.hpp"
#include "mudra/device/replies.hpp"

namespace mudra::firmware {

// Runs recorded input `index`. Of one that fails: the first element of the output that differs, and the first
// node, if the model has a trace (mudra/device/trace.hpp). Precondition: the engine is ready.
device::TestOutcome run_test(InferenceEngine& engine, ModelPartition& partition, int index);

}  // namespace mudra::firmware
