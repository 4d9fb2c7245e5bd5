// The recorded inputs of the model file, through engines, byte for byte.
#pragma once

#include "classifier.hpp"
#include "conversation.hpp"
#include "inference_engine.hpp"
#include "model_partition.hpp"
#include "mudra/device/replies.hpp"

namespace mudra::firmware {

// Runs recorded input `index`. Of one that fails: the first element of the output that differs, and the first
// node, if the model has a trace (mudra/device/trace.hpp). Precondition: the engine is ready.
device::TestOutcome run_test(InferenceEngine& engine, ModelPartition& partition, int index);

// Every one through every engine that is ready; sends one line for each to every conversation. False if one
// failed.
bool run_tests(Classifier& classifier, std::span<Conversation> talks, std::uint16_t tag);

}  // namespace mudra::firmware
