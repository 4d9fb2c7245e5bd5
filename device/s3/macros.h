// What the kernels share. Each takes in a2 the address of its arguments, an array of words; none calls another
// or keeps anything on the stack. Vectors of weights are read once, in the order they are used: every product
// fetches the vector after the next into the register it has used, so that q2 and q3 alternate.

// f: a function that the engine calls, in internal RAM.
#define FUNCTION(f) \
    .section .iram1.f, "ax"; .align 4; .global f; .type f, @function; f: entry a1, 32

// 16 (8) lanes += weights * the input's lane; the next weights but one come from a8.
#define MAC8(weights, input, lane) ee.vsmulas.s8.qacc.ld.incp weights, a8, weights, input, lane
#define MAC16(weights, input, lane) ee.vsmulas.s16.qacc.ld.incp weights, a8, weights, input, lane

// Products of inputs 0 to 7, 2 to 7, 8 to 14 of a vector of 16, or 0 to 6 of a vector of 8.
#define MACS_2_7(x) \
    MAC8(q2, x, 2); MAC8(q3, x, 3); MAC8(q2, x, 4); MAC8(q3, x, 5); MAC8(q2, x, 6); MAC8(q3, x, 7)
#define MACS_0_7(x) MAC8(q2, x, 0); MAC8(q3, x, 1); MACS_2_7(x)
#define MACS_8_14(x) \
    MAC8(q2, x, 8); MAC8(q3, x, 9); MAC8(q2, x, 10); MAC8(q3, x, 11); MAC8(q2, x, 12); MAC8(q3, x, 13); \
    MAC8(q2, x, 14)
#define MACS_8_15(x) MACS_8_14(x); MAC8(q3, x, 15)
#define MACS16_0_6(x) \
    MAC16(q2, x, 0); MAC16(q3, x, 1); MAC16(q2, x, 2); MAC16(q3, x, 3); MAC16(q2, x, 4); MAC16(q3, x, 5); \
    MAC16(q2, x, 6)

// The lanes' start values: an image of 48 bytes at `from`. In this order no load waits for another.
#define LOAD_LANES(from) \
    ee.ld.qacc_l.l.128.ip from, 16; ee.ld.qacc_h.l.128.ip from, 16; \
    ee.ld.qacc_l.h.32.ip from, 4; ee.ld.qacc_h.h.32.ip from, 12
