// a2 + 2 * 21, for a test of what is embedded into programs.
#include "embedded.h"
    .text
    .align 4
    .global add_42
    .type add_42, @function
add_42:
    entry a1, 16
    TWICE(2*8+5)
    retw
    .size add_42, .-add_42
