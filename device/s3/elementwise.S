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

// int8: a + 2^left * b, saturated twice. {output, a, b, vectors, 2^left as a byte}
FUNCTION(mudra_s3_add_left8)
    l32i a3, a2, 4
    l32i a4, a2, 8
    l32i a5, a2, 12
    addi a7, a2, 16
    ee.vldbc.8.ip q5, a7, 1
    movi a6, 0
    l32i a2, a2, 0
    ee.vld.128.ip q2, a4, 16
    loopnez a5, 1f
    ee.zero.qacc
    ee.vmulas.s8.qacc.ld.ip q0, a3, 16, q5, q2
    ee.vld.128.ip q2, a4, 16
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

// int16 to int8: x / 2^shift, rounded half up. {output, input, vectors of 16 outputs, shift, 2^(shift - 1) and 1 as two
// int16, -128 and 127 as two int16}
FUNCTION(mudra_s3_convert_to8)
    l32i a3, a2, 4
    l32i a5, a2, 8
    l32i a6, a2, 12
    addi a7, a2, 16
    ee.vldbc.16.ip q4, a7, 2
    ee.vldbc.16.ip q5, a7, 2
    ee.vldbc.16.ip q6, a7, 2
    ee.vldbc.16.ip q7, a7, 2
    l32i a2, a2, 0
    loopnez a5, 1f
    ee.ldqa.s16.128.ip a3, 16
    ee.vmulas.s16.qacc q4, q5
    ee.srcmb.s16.qacc q0, a6, 0
    ee.ldqa.s16.128.ip a3, 16
    ee.vmulas.s16.qacc q4, q5
    ee.srcmb.s16.qacc q1, a6, 0
    ee.vmin.s16 q0, q0, q7
    ee.vmin.s16 q1, q1, q7
    ee.vmax.s16 q0, q0, q6
    ee.vmax.s16 q1, q1, q6
    ee.vunzip.8 q0, q1
    ee.vst.128.ip q0, a2, 16
1:  retw

// int8 to int16: x * 2^(8 - right), right 0 to 8. {output, input, vectors of 16 inputs, right, 1}
FUNCTION(mudra_s3_convert_to16)
    l32i a3, a2, 4
    l32i a5, a2, 8
    l32i a6, a2, 12
    addi a7, a2, 16
    ee.vldbc.16.ip q5, a7, 2
    l32i a2, a2, 0
    ssr a6
    ee.vld.128.ip q0, a3, 16
    loopnez a5, 1f
    ee.zero.q q1
    ee.vzip.8 q1, q0
    ee.vmul.s16 q2, q1, q5
    ee.vmul.s16 q3, q0, q5
    ee.vld.128.ip q0, a3, 16
    ee.vst.128.ip q2, a2, 16
    ee.vst.128.ip q3, a2, 16
1:  retw
