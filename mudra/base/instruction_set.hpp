// Running as on a lesser processor, to measure and to test what its owners get.
#pragma once

namespace mudra {

// Limits the SIMD kernels of this process to the instruction set that the environment variable
// MUDRA_INSTRUCTION_SET names, where this processor has a better one: scalar, sse4, avx2 (with FMA), avx512
// or avx512vnni. Nothing if it is unset or empty. To be called before any kernel runs. Throws Error for
// another name.
void limit_instruction_set();

}  // namespace mudra
