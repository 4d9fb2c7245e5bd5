// Running the integer networks that quantizing tries, by the chip's engine.
#pragma once

#include "mudra/quant/judge.hpp"

namespace mudra::cli {

// Writes each network as an .espdl in memory and runs it. Throws Error, naming the node, for what the engine
// refuses.
quant::IntegerRun integer_run();

}  // namespace mudra::cli
