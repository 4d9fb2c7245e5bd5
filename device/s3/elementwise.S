// What depends only on the elements at one place, vector by vector: of any length, of which the rest of the last
// vector is written too.
#include "macros.h"

// int8: a + b. {output, a, b, vectors}
FUNCTION(mudra_s3_add8)
    l32i a3, a2, 4
    l32i a4, a2, 8
    l32i a5, a2, 12
    l32i a2, a2, 0
    ee.vld.128.ip q0, a3, 16
    ee.vld.128.ip q1, a4, 16
    loopnez a5, 1f
    ee.vadds.s8.ld.incp q0, a3, q2, q0, q1
    ee.vld.128.ip q1, a4, 16
    ee.vst.128.ip q2, a2, 16
1:  retw

// int16: a + b.
FUNCTION(mudra_s3_add16)
    l32i a3, a2, 4
    l32i a4, a2, 8
    l32i a5, a2, 12
    l32i a2, a2, 0
    ee.vld.128.ip q0, a3, 16
    ee.vld.128.ip q1, a4, 16
    loopnez a5, 1f
    ee.vadds.s16.ld.incp q0, a3, q2, q0, q1
    ee.vld.128.ip q1, a4, 16
    ee.vst.128.ip q2, a2, 16
1:  retw

// int8: a + b / 2^shift, rounded half up. {output, a, b, vectors, shift, 2^(shift - 1) and 1 as two bytes}
FUNCTION(mudra_s3_add_shifted8)
    l32i a3, a2, 4
    l32i a4, a2, 8
    l32i a5, a2, 12
    l32i a6, a2, 16
    addi a7, a2, 20
    ee.vldbc.8.ip q5, a7, 1
    ee.vldbc.8.ip q6, a7, 1
    l32i a2, a2, 0
    loopnez a5, 1f
    ee.ldqa.s8.128.ip a4, 16
    ee.vmulas.s8.qacc.ld.ip q0, a3, 16, q5, q6
    ee.srcmb.s8.qacc q1, a6, 0
    ee.vadds.s8 q1, q0, q1
    ee.vst.128.ip q1, a2, 16
1:  retw

// int8 (int16): clamped to [low, high]. {output, input, vectors, low, high (the first bytes)}
FUNCTION(mudra_s3_clamp8)
    l32i a3, a2, 4
    l32i a5, a2, 8
    addi a7, a2, 12
    ee.vldbc.8.ip q6, a7, 4
    ee.vldbc.8.ip q7, a7, 4
    l32i a2, a2, 0
    ee.vld.128.ip q0, a3, 16
    loopnez a5, 1f
    ee.vmin.s8.ld.incp q0, a3, q1, q0, q7
    ee.vmax.s8 q1, q1, q6
    ee.vst.128.ip q1, a2, 16
1:  retw

FUNCTION(mudra_s3_clamp16)
    l32i a3, a2, 4
    l32i a5, a2, 8
    addi a7, a2, 12
    ee.vldbc.16.ip q6, a7, 4
    ee.vldbc.16.ip q7, a7, 4
    l32i a2, a2, 0
    ee.vld.128.ip q0, a3, 16
    loopnez a5, 1f
    ee.vmin.s16.ld.incp q0, a3, q1, q0, q7
    ee.vmax.s16 q1, q1, q6
    ee.vst.128.ip q1, a2, 16
1:  retw
