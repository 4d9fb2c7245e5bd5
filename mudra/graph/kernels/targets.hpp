// Which instruction sets the float kernels, training's too, are compiled for; included before anything of
// Highway's.
#pragma once

// Plain x86-64, SSE4, AVX2 and AVX-512 are enough steps: SSSE3 alone would gain nothing over them.
#define HWY_DISABLED_TARGETS HWY_SSSE3
