// Convolutions of any window whose every column lies in the picture, in the chip's order of products and exact also
// where lanes saturate: some neighbouring pixels of a row.
// {output, row pointers, packed, weights in it, pixels, vectors of a window's row, rows of the window, blocks of
//  outputs, shift, bytes from window to window, bytes from output pixel to pixel, exact, depthwise: bytes from
//  column to column}
//
// A row pointer leads to the first pixel's window, at any byte, or is null above and below the picture. Rows are
// read up to 32 bytes beyond the window. A vector is 16 (int16: 8) inputs, of a depthwise convolution a column's;
// the weights behind a row's end are zeros.
// Packed: low bound, high bound, ones (each a vector) | the lanes' start values, 48 bytes for each block | weights
// [block][row][input] (depthwise: [block][row][column]), and two vectors that are read and not used. Exact: the start
// values are the bias, and the sum is rounded in two shifts; else half of the last place is in it, and one will do.
#include "macros.h"

#define OUT 0
#define ROWS 4
#define PACKED 8
#define WEIGHTS 12
#define PIXELS 16
#define VECTORS 20
#define HEIGHT 24
#define BLOCKS 28
#define SHIFT 32
#define IN_STEP 36
#define OUT_STEP 40
#define EXACT 44
#define COLUMN_STEP 48

// a3 output, a5 pixels left, a10 blocks left, a11 output of the block, a13 bytes to the pixel's window, a14 rows left.
#define BEGIN \
    mov a15, a2; l32i a3, a15, PACKED; l32i a5, a15, PIXELS; movi a13, 0; \
    ee.vld.128.ip q5, a3, 16; ee.vld.128.ip q6, a3, 16; l32i a3, a15, OUT
#define BEGIN_PIXEL \
    l32i a8, a15, WEIGHTS; l32i a12, a15, PACKED; l32i a10, a15, BLOCKS; mov a11, a3; addi a12, a12, 48
#define BEGIN_BLOCK LOAD_LANES(a12); l32i a2, a15, ROWS; l32i a14, a15, HEIGHT
#define FINISH(T) \
    l32i a2, a15, EXACT; \
    l32i a7, a15, SHIFT; \
    beqz a2, 7f; \
    l32i a9, a15, PACKED; \
    beqz a7, 7f; \
    ld.qr q4, a9, 32; \
    addi a7, a7, -1; \
    movi a2, 1; \
    ee.srcmb.T.qacc q7, a7, 0; \
    ee.vmulas.T.qacc q4, q4; \
    ee.srcmb.T.qacc q7, a2, 0; \
    j 8f; \
7:  ee.srcmb.T.qacc q7, a7, 0; \
8:  ee.vmin.T q7, q7, q6; \
    ee.vmax.T q7, q7, q5; \
    ee.vst.128.ip q7, a11, 16
#define END_PIXEL \
    l32i a6, a15, OUT_STEP; l32i a7, a15, IN_STEP; addi a5, a5, -1; add a3, a3, a6; add a13, a13, a7

// INPUT_SHIFT: log2 of the bytes of a vector of inputs' weights.
#define CONVOLUTION(T, MACS, LAST, INPUT_SHIFT) \
    BEGIN; \
    movi a4, -16; \
1:  BEGIN_PIXEL; \
2:  BEGIN_BLOCK; \
3:  l32i a9, a2, 0; \
    l32i a7, a15, VECTORS; \
    addi a2, a2, 4; \
    beqz a9, 5f; \
    add a9, a9, a13; \
    ee.ld.128.usar.ip q0, a9, 16; \
    and a9, a9, a4; \
    ee.vld.128.ip q2, a8, 16; \
    ee.vld.128.ip q1, a9, 16; \
    ee.vld.128.ip q3, a8, 16; \
    loop a7, 4f; \
    ee.src.q.qup q4, q0, q1; \
    MACS; \
    ee.vsmulas.T.qacc.ld.incp q1, a9, q3, q4, LAST; \
    ee.vld.128.ip q3, a8, 16; \
4:  addi a8, a8, -32; \
    j 6f; \
5:  slli a7, a7, INPUT_SHIFT; \
    add a8, a8, a7; \
6:  addi a14, a14, -1; \
    bnez a14, 3b; \
    FINISH(T); \
    addi a10, a10, -1; \
    bnez a10, 2b; \
    END_PIXEL; \
    bnez a5, 1b; \
    retw

// a4: from behind a vector to the next column. a6: bytes to the pixel's and the block's window.
#define DEPTHWISE(T) \
    BEGIN; \
    l32i a4, a15, COLUMN_STEP; \
    addi a4, a4, -16; \
1:  BEGIN_PIXEL; \
    mov a6, a13; \
2:  BEGIN_BLOCK; \
3:  l32i a9, a2, 0; \
    l32i a7, a15, VECTORS; \
    addi a2, a2, 4; \
    beqz a9, 5f; \
    add a9, a9, a6; \
    ee.vld.128.ip q2, a8, 16; \
    loop a7, 4f; \
    ee.ld.128.usar.ip q0, a9, 16; \
    ee.ld.128.usar.xp q1, a9, a4; \
    ee.src.q q4, q0, q1; \
    ee.vmulas.T.qacc.ld.ip q2, a8, 16, q2, q4; \
4:  addi a8, a8, -16; \
    j 6f; \
5:  slli a7, a7, 4; \
    add a8, a8, a7; \
6:  addi a14, a14, -1; \
    bnez a14, 3b; \
    FINISH(T); \
    addi a6, a6, 16; \
    addi a10, a10, -1; \
    bnez a10, 2b; \
    END_PIXEL; \
    bnez a5, 1b; \
    retw

#define MACS8 MACS_0_7(q4); MACS_8_14(q4)
#define MACS16 MACS16_0_6(q4)

FUNCTION(mudra_s3_convolution8)
    CONVOLUTION(s8, MACS8, 15, 8)

FUNCTION(mudra_s3_convolution16)
    CONVOLUTION(s16, MACS16, 7, 7)

FUNCTION(mudra_s3_depthwise8)
    DEPTHWISE(s8)

FUNCTION(mudra_s3_depthwise16)
    DEPTHWISE(s16)
