// Puts into a model what a chip needs to say at which node it begins to differ (mudra/device/trace.hpp).
#pragma once

#include "mudra/format/espdl.hpp"

namespace mudra::sim {

// Runs every recorded input of `file` (at most device::kMaxTests) and writes the checksums of all its nodes'
// outputs into its metadata; other metadata stays. Throws Error for a graph the simulator refuses, and for a
// recorded output that the network does not give.
void add_traces(format::EspdlFile& file);

}  // namespace mudra::sim
