// Depthwise 3x3 convolutions of a multiple of 16 channels, clamped, whole rows, stride 1 or 2 of the columns.
// {output, row 0, row 1, row 2, packed, pixels, blocks of 16 channels, shift, channels, steps of rows 0, 1, 2,
//  outside, pad left, pad right, one is left, and from behind the last pixel to the next 16 channels: of the output,
//  of rows 0, 1, 2}
//
// A row above or below the picture is a vector of what lies there, as at `outside`, with step 0; else a row's step is
// the number of channels. Pad left (right): whether the first (last) window reaches one column beyond it. Pixels: with
// stride 1 the pairs before the last one or two, and whether one is left; with stride 2 all but the last one.
//
// Packed, of each block, stride 1: b | h | 16 x -128 | w of column 0 (rows 0, 1, 2), column 1, column 2 | low bound |
// h | 16 x -128. Stride 2: b | 16 x -128 | low bound | h | w0 ... w8 in the same order | h | w0. The lanes start at
// b - 128 h. The high bound is the saturation to 8 bits.
#include "macros.h"

#define OUT 0
#define ROW0 4
#define ROW1 8
#define ROW2 12
#define PACKED 16
#define PIXELS 20
#define BLOCKS 24
#define SHIFT 28
#define CHANNELS 32
#define STEP0 36
#define STEP1 40
#define STEP2 44
#define OUTSIDE 48
#define PAD_LEFT 52
#define PAD_RIGHT 56
#define ONE_IS_LEFT 60
#define OUT_BACK 64
#define BACK0 68
#define BACK1 72
#define BACK2 76

// a2 output, a3, a4, a5 rows and a10, a11, a14 their steps, a12 the packed block.
#define BEGIN \
    mov a15, a2; l32i a2, a15, OUT; l32i a3, a15, ROW0; l32i a4, a15, ROW1; l32i a5, a15, ROW2; \
    l32i a10, a15, STEP0; l32i a11, a15, STEP1; l32i a14, a15, STEP2; l32i a12, a15, PACKED; \
    l32i a8, a15, SHIFT; l32i a13, a15, CHANNELS
#define END_BLOCK(next) \
    l32i a7, a15, OUT_BACK; l32i a6, a15, BACK0; add a2, a2, a7; l32i a7, a15, BACK1; add a3, a3, a6; \
    l32i a6, a15, BACK2; add a4, a4, a7; l32i a7, a15, BLOCKS; add a5, a5, a6; addi a7, a7, -1; \
    addi a12, a12, 120; s32i a7, a15, BLOCKS; addi a12, a12, 120; bnez a7, next; retw
#define LEFT_OUTSIDE l32i a7, a15, OUTSIDE; ee.vld.128.ip q0, a7, 0; mv.qr q1, q0; mv.qr q2, q0

// A column of a row, or what is beyond the picture.
#define INSIDE0(q) ee.vld.128.xp q, a3, a10
#define INSIDE1(q) ee.vld.128.xp q, a4, a11
#define INSIDE2(q) ee.vld.128.xp q, a5, a14
#define BEYOND(q) ee.vld.128.ip q, a7, 0
#define MAC(w, x) ee.vmulas.s8.qacc.ld.ip w, a6, 16, w, x

// l: the left column, whose place the right one takes; c: the middle one.
#define PIXEL1(w, v, l0, l1, l2, c0, c1, c2, RIGHT0, RIGHT1, RIGHT2) \
    ee.ldqa.s8.128.ip a12, 0; MAC(w, v); ee.vld.128.ip v, a6, 16; \
    MAC(w, l0); RIGHT0(l0); MAC(v, l1); RIGHT1(l1); MAC(w, l2); RIGHT2(l2); \
    MAC(v, c0); MAC(w, c1); MAC(v, c2); \
    MAC(w, l0); MAC(v, l1); ee.vmulas.s8.qacc w, l2; \
    ee.srcmb.s8.qacc w, a8, 0; ee.vmax.s8.ld.incp v, a6, w, w, v; ee.vst.128.xp w, a2, a13; ee.vld.128.xp w, a6, a9
#define EVEN_PIXEL(RIGHT0, RIGHT1, RIGHT2) PIXEL1(q6, q7, q0, q1, q2, q3, q4, q5, RIGHT0, RIGHT1, RIGHT2)
#define ODD_PIXEL(RIGHT0, RIGHT1, RIGHT2) PIXEL1(q7, q6, q3, q4, q5, q0, q1, q2, RIGHT0, RIGHT1, RIGHT2)

FUNCTION(mudra_s3_depthwise3_stride1)
    BEGIN
    movi a9, -176
.Lblock1:
    addi a6, a12, 16
    l32i a7, a15, PAD_LEFT
    beqz a7, .Lleft1
    LEFT_OUTSIDE
.Lmiddle1:
    INSIDE0(q3); INSIDE1(q4); INSIDE2(q5)
    ee.vld.128.ip q6, a6, 16
    ee.vld.128.ip q7, a6, 16
    l32i a7, a15, PIXELS
    loopnez a7, 1f
    EVEN_PIXEL(INSIDE0, INSIDE1, INSIDE2)
    ODD_PIXEL(INSIDE0, INSIDE1, INSIDE2)
1:  l32i a7, a15, ONE_IS_LEFT
    bnez a7, .Lone1
    EVEN_PIXEL(INSIDE0, INSIDE1, INSIDE2)
    l32i a7, a15, PAD_RIGHT
    beqz a7, .Lodd1
    l32i a7, a15, OUTSIDE
    ODD_PIXEL(BEYOND, BEYOND, BEYOND)
.Lnext1:
    END_BLOCK(.Lblock1)
.Lleft1:
    INSIDE0(q0); INSIDE1(q1); INSIDE2(q2)
    j .Lmiddle1
.Lodd1:
    ODD_PIXEL(INSIDE0, INSIDE1, INSIDE2)
    j .Lnext1
.Lone1:
    l32i a7, a15, PAD_RIGHT
    beqz a7, .Leven1
    l32i a7, a15, OUTSIDE
    EVEN_PIXEL(BEYOND, BEYOND, BEYOND)
    j .Lnext1
.Leven1:
    EVEN_PIXEL(INSIDE0, INSIDE1, INSIDE2)
    j .Lnext1

// q0, q1, q2: the left column. q5 -128, q6 the low bound.
#define MIDDLE \
    ee.ldqa.s8.128.ip a12, 0; MAC(q3, q5); MAC(q4, q0); INSIDE0(q0); MAC(q3, q1); INSIDE1(q1); MAC(q4, q2); INSIDE2(q2)
#define RIGHT(RIGHT0, RIGHT1, RIGHT2) \
    MAC(q3, q0); RIGHT0(q0); MAC(q4, q1); RIGHT1(q1); MAC(q3, q2); RIGHT2(q2); \
    MAC(q4, q0); MAC(q3, q1); ee.vmulas.s8.qacc.ld.xp q4, a6, a9, q4, q2; \
    ee.srcmb.s8.qacc q7, a8, 0; ee.vmax.s8 q7, q7, q6; ee.vst.128.xp q7, a2, a13

FUNCTION(mudra_s3_depthwise3_stride2)
    BEGIN
    movi a9, -144
.Lblock2:
    addi a6, a12, 16
    l32i a7, a15, PAD_LEFT
    ee.vld.128.ip q5, a6, 16
    ee.vld.128.ip q6, a6, 16
    ee.vld.128.ip q3, a6, 16
    ee.vld.128.ip q4, a6, 16
    beqz a7, .Lleft2
    LEFT_OUTSIDE
.Lmiddle2:
    l32i a7, a15, PIXELS
    loopnez a7, 1f
    MIDDLE
    RIGHT(INSIDE0, INSIDE1, INSIDE2)
1:  MIDDLE
    l32i a7, a15, PAD_RIGHT
    bnez a7, .Lbeyond2
    RIGHT(INSIDE0, INSIDE1, INSIDE2)
.Lnext2:
    END_BLOCK(.Lblock2)
.Lleft2:
    INSIDE0(q0); INSIDE1(q1); INSIDE2(q2)
    j .Lmiddle2
.Lbeyond2:
    l32i a7, a15, OUTSIDE
    RIGHT(BEYOND, BEYOND, BEYOND)
    j .Lnext2
