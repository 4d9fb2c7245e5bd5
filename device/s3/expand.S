// 1x1 convolutions of 16, 24 or 32 channels to a multiple of 16, clamped, whole rows.
// {output, input, packed, pixels (24 channels: even), blocks of 16 outputs, shift}
//
// Packed: 16 x -128 | 16 x the low bound | h(0) w1(0) | of each block k: b(k) w0(k) w2(k) ... w31(k) h(k+1)
// w1(k+1), of the last one those of block 0. The lanes start at b - 128 h. The high bound is the saturation to 8
// bits. Results are stored two blocks after they are made: 32 bytes before the output are overwritten.
#include "macros.h"

#define BEGIN \
    l32i a3, a2, 4; l32i a9, a2, 8; l32i a5, a2, 12; l32i a10, a2, 16; l32i a6, a2, 20; l32i a2, a2, 0; \
    ee.vld.128.ip q4, a9, 16; ee.vld.128.ip q6, a9, 16; ee.vld.128.ip q2, a9, 16; ee.vld.128.ip q3, a9, 16; \
    mv.qr q7, q6; mv.qr q1, q6; addi a2, a2, -32
// The start of a block, which also stores the block before the last.
#define HEAD ee.ldqa.s8.128.ip a8, 16; MAC8(q2, q4, 0); ee.vmax.s8.st.incp q1, a2, q1, q7, q6
#define END ee.vmax.s8.st.incp q1, a2, q1, q7, q6; ee.vst.128.ip q1, a2, 16; retw

FUNCTION(mudra_s3_expand16)
    BEGIN
1:  ee.vld.128.ip q0, a3, 16
    mov a8, a9
    loop a10, 2f
    HEAD; MACS_0_7(q0); MACS_8_15(q0)
    ee.srcmb.s8.qacc q7, a6, 0
2:  addi a5, a5, -1
    bnez a5, 1b
    END

FUNCTION(mudra_s3_expand24)
    BEGIN
1:  ee.vld.128.ip q0, a3, 16
    ee.vld.128.ip q5, a3, 16
    mov a8, a9
    loop a10, 2f
    HEAD; MACS_0_7(q0); MACS_8_15(q0); MACS_0_7(q5)
    ee.srcmb.s8.qacc q7, a6, 0
2:  ee.vld.128.ip q0, a3, 16
    mov a8, a9
    loop a10, 3f
    HEAD; MACS_8_15(q5); MACS_0_7(q0); MACS_8_15(q0)
    ee.srcmb.s8.qacc q7, a6, 0
3:  addi a5, a5, -2
    bnez a5, 1b
    END

FUNCTION(mudra_s3_expand32)
    BEGIN
1:  ee.vld.128.ip q0, a3, 16
    ee.vld.128.ip q5, a3, 16
    mov a8, a9
    loop a10, 2f
    HEAD; MACS_0_7(q0); MACS_8_15(q0); MACS_0_7(q5); MACS_8_15(q5)
    ee.srcmb.s8.qacc q7, a6, 0
2:  addi a5, a5, -1
    bnez a5, 1b
    END
