// A 3x3 convolution with stride 2 of a picture of one channel, one column beyond its left edge, to 16 of its output
// channels, clamped, whole rows.
// {output, row 0, row 1, row 2, packed, blocks of 8 pixels, shift, bytes from pixel to pixel, steps of rows 0, 1, 2}
//
// A row above or below the picture is 16 zeros with step 0; else a row's step is 16.
// Packed: 16 x -128 | low bound | b | h w0 | 8 times w1 ... w8 h w0, by columns. The lanes start at b - 128 h. The
// high bound is the saturation to 8 bits. Weights are vectors of output channels, and 16 pixels of a row make the
// 8 windows that end in them.
#include "macros.h"

// The window whose left column is lane l of the rows q0, q1, q5; then the one that ends with lanes m and r.
#define LEFT(l) ee.ldqa.s8.128.ip a12, 0; MAC8(q2, q4, 0); MAC8(q3, q0, l); MAC8(q2, q1, l); MAC8(q3, q5, l)
#define REST(m, r) \
    MAC8(q2, q0, m); MAC8(q3, q1, m); MAC8(q2, q5, m); MAC8(q3, q0, r); MAC8(q2, q1, r); MAC8(q3, q5, r); \
    ee.srcmb.s8.qacc q7, a6, 0; ee.vmax.s8 q7, q7, q6; ee.vst.128.xp q7, a2, a13

FUNCTION(mudra_s3_first3)
    l32i a3, a2, 4
    l32i a9, a2, 8
    l32i a5, a2, 12
    l32i a12, a2, 16
    l32i a7, a2, 20
    l32i a6, a2, 24
    l32i a13, a2, 28
    l32i a10, a2, 32
    l32i a11, a2, 36
    l32i a14, a2, 40
    l32i a2, a2, 0
    ee.vld.128.ip q4, a12, 16
    ee.vld.128.ip q6, a12, 16
    addi a4, a12, 16
    ee.vld.128.ip q2, a4, 16
    ee.vld.128.ip q3, a4, 16
    ee.zero.q q0
    ee.zero.q q1
    ee.zero.q q5
1:  mov a8, a4
    ee.ldqa.s8.128.ip a12, 0
    MAC8(q2, q4, 0)
    MAC8(q3, q0, 15)
    ee.vld.128.xp q0, a3, a10
    MAC8(q2, q1, 15)
    ee.vld.128.xp q1, a9, a11
    MAC8(q3, q5, 15)
    ee.vld.128.xp q5, a5, a14
    addi a7, a7, -1
    REST(0, 1)
    LEFT(1); REST(2, 3); LEFT(3); REST(4, 5); LEFT(5); REST(6, 7); LEFT(7); REST(8, 9)
    LEFT(9); REST(10, 11); LEFT(11); REST(12, 13); LEFT(13); REST(14, 15)
    bnez a7, 1b
    retw
