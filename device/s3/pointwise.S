// 1x1 convolutions of a multiple of 16 channels to a multiple of 8, whole rows.
// {output, input, packed, pixels, vectors of 16 inputs, whole blocks of 16 outputs, shift, weights in packed}
//
// Packed: 16 x the low bound | 16 x the high bound | the lanes' start values, 48 bytes for each block |
// w0(0) w1(0) ... of each block, the last one filled with zeros | w0(0) w1(0) again.
#include "macros.h"

#define BEGIN \
    l32i a3, a2, 4; l32i a11, a2, 8; l32i a5, a2, 12; l32i a7, a2, 16; l32i a14, a2, 20; l32i a6, a2, 24; \
    l32i a4, a2, 28; l32i a2, a2, 0; ee.vld.128.ip q5, a11, 16; ee.vld.128.ip q6, a11, 16; \
    ee.vld.128.ip q2, a4, 16; ee.vld.128.ip q3, a4, 16
#define START \
    ee.ld.qacc_l.l.128.ip a12, 16; ee.ld.qacc_h.l.128.ip a12, 16; mov a9, a3; \
    ee.ld.qacc_l.h.32.ip a12, 4; ee.ld.qacc_h.h.32.ip a12, 12; ee.vld.128.ip q0, a9, 16
#define VECTOR \
    MACS_0_7(q0); MACS_8_14(q0); ee.vsmulas.s8.qacc.ld.incp q0, a9, q3, q0, 15; ee.vld.128.ip q3, a8, 16
#define SATURATE ee.srcmb.s8.qacc q7, a6, 0
#define CLAMP SATURATE; ee.vmin.s8 q7, q7, q6; ee.vmax.s8 q7, q7, q5

#define POINTWISE16(FINISH) \
1:  mov a8, a4; \
    mov a12, a11; \
    mov a10, a14; \
2:  START; \
    addi a10, a10, -1; \
    loop a7, 3f; \
    VECTOR; \
3:  FINISH; \
    ee.vst.128.ip q7, a2, 16; \
    bnez a10, 2b; \
    addi a3, a9, -16; \
    addi a5, a5, -1; \
    bnez a5, 1b; \
    retw

// The last block is half a vector, so that pixels and blocks may begin at multiples of 8.
#define POINTWISE8(FINISH) \
1:  mov a8, a4; \
    mov a12, a11; \
    mov a10, a14; \
    beqz a10, 4f; \
2:  START; \
    addi a10, a10, -1; \
    loop a7, 3f; \
    VECTOR; \
3:  FINISH; \
    ee.vst.l.64.ip q7, a2, 8; \
    ee.vst.h.64.ip q7, a2, 8; \
    bnez a10, 2b; \
4:  START; \
    loop a7, 5f; \
    VECTOR; \
5:  FINISH; \
    ee.vst.l.64.ip q7, a2, 8; \
    addi a3, a9, -16; \
    addi a5, a5, -1; \
    bnez a5, 1b; \
    retw

FUNCTION(mudra_s3_pointwise16)
    BEGIN
    POINTWISE16(SATURATE)

FUNCTION(mudra_s3_pointwise16_clamped)
    BEGIN
    POINTWISE16(CLAMP)

FUNCTION(mudra_s3_pointwise8)
    BEGIN
    POINTWISE8(SATURATE)

FUNCTION(mudra_s3_pointwise8_clamped)
    BEGIN
    POINTWISE8(CLAMP)
