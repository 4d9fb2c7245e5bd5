// Sums of int8 over the pixels of a row, for an average of the whole picture: up to 4,095 pixels in all.
// {input, sums, pixels, blocks of 16 channels, channels, 1}
//
// Sums: of each block the accumulator's 20-bit lanes, 48 bytes as LOAD_LANES wants them.
#include "macros.h"

FUNCTION(mudra_s3_add_pixels8)
    l32i a3, a2, 0
    l32i a4, a2, 4
    l32i a5, a2, 8
    l32i a6, a2, 12
    l32i a7, a2, 16
    addi a5, a5, -1
    addi a2, a2, 20
    ee.vldbc.8 q7, a2
1:  mov a8, a4
    mov a9, a3
    LOAD_LANES(a8)
    ee.vld.128.xp q0, a9, a7
    loopnez a5, 2f
    ee.vmulas.s8.qacc.ld.xp q0, a9, a7, q0, q7
2:  ee.vmulas.s8.qacc q0, q7
    ee.st.qacc_l.l.128.ip a4, 16
    ee.st.qacc_h.l.128.ip a4, 16
    ee.st.qacc_l.h.32.ip a4, 4
    ee.st.qacc_h.h.32.ip a4, 12
    addi a3, a3, 16
    addi a6, a6, -1
    bnez a6, 1b
    retw
