// What GCC calls for integers wider than the processor's instructions and for floats, and a few functions of
// the C library. Debian's libgcc for the LX106 lacks the former: on an ESP8266 they are in ROM. On an ESP32-S3
// all of these are in libgcc and libc.
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t quotient, rest;
} Division;

static Division divide(uint64_t numerator, uint64_t denominator, int bits) {
  Division result = {0, 0};
  for (int i = bits - 1; i >= 0; --i) {
    result.rest = (result.rest << 1) | ((numerator >> i) & 1);
    if (result.rest >= denominator) {
      result.rest -= denominator;
      result.quotient |= (uint64_t)1 << i;
    }
  }
  return result;
}

static uint64_t magnitude(int64_t value) { return value < 0 ? 0 - (uint64_t)value : (uint64_t)value; }

uint32_t __udivsi3(uint32_t a, uint32_t b) { return (uint32_t)divide(a, b, 32).quotient; }
uint32_t __umodsi3(uint32_t a, uint32_t b) { return (uint32_t)divide(a, b, 32).rest; }
uint64_t __udivdi3(uint64_t a, uint64_t b) { return divide(a, b, 64).quotient; }
uint64_t __umoddi3(uint64_t a, uint64_t b) { return divide(a, b, 64).rest; }

int64_t __divdi3(int64_t a, int64_t b) {
  const uint64_t quotient = divide(magnitude(a), magnitude(b), 64).quotient;
  return (int64_t)((a < 0) != (b < 0) ? 0 - quotient : quotient);
}
int64_t __moddi3(int64_t a, int64_t b) {
  const uint64_t rest = divide(magnitude(a), magnitude(b), 64).rest;
  return (int64_t)(a < 0 ? 0 - rest : rest);
}
int32_t __divsi3(int32_t a, int32_t b) {
  const uint32_t quotient = (uint32_t)divide(magnitude(a), magnitude(b), 32).quotient;
  return (int32_t)((a < 0) != (b < 0) ? 0 - quotient : quotient);
}
int32_t __modsi3(int32_t a, int32_t b) {
  const uint32_t rest = (uint32_t)divide(magnitude(a), magnitude(b), 32).rest;
  return (int32_t)(a < 0 ? 0 - rest : rest);
}

// Schoolbook: four products of 16 bits for the low words, the crossed ones only in their low 32 bits.
uint64_t __muldi3(uint64_t a, uint64_t b) {
  const uint32_t a0 = (uint32_t)a & 0xFFFF, a1 = (uint32_t)a >> 16, b0 = (uint32_t)b & 0xFFFF,
                 b1 = (uint32_t)b >> 16;
  const uint32_t low = a0 * b0, middle = a1 * b0 + (low >> 16), middle2 = a0 * b1 + (middle & 0xFFFF);
  const uint32_t high = a1 * b1 + (middle >> 16) + (middle2 >> 16) + (uint32_t)(a >> 32) * (uint32_t)b +
                        (uint32_t)a * (uint32_t)(b >> 32);
  return ((uint64_t)high << 32) | (middle2 << 16) | (low & 0xFFFF);
}

// A double is sign * mantissa * 2^exponent. No NaN comes here; infinity is a very large number.
typedef struct {
  int sign, exponent;
  uint64_t mantissa;
} Parts;

typedef union {
  double number;
  uint64_t bits;
} Double;

typedef union {
  float number;
  uint32_t bits;
} Float;

static Parts take_apart(double number) {
  const Double value = {.number = number};
  const int biased = (int)(value.bits >> 52) & 0x7FF;
  const uint64_t rest = value.bits & (((uint64_t)1 << 52) - 1);
  const Parts small = {(int)(value.bits >> 63), -1074, rest};
  const Parts usual = {(int)(value.bits >> 63), biased - 1075, rest | (uint64_t)1 << 52};
  return biased == 0 ? small : usual;
}

// The bits of mantissa * 2^exponent without its sign in a float of so many digits: to the nearest, ties to even.
// The lowest bit of the mantissa may stand for all that is below it.
static uint64_t rounded(int exponent, uint64_t mantissa, int digits, int bias) {
  if (mantissa == 0) return 0;
  for (; mantissa >> 63 == 0; --exponent) mantissa <<= 1;
  const int biased = exponent + 63 + bias, dropped = 64 - digits + (biased < 1 ? 1 - biased : 0);
  if (dropped > 64) return 0;
  const uint64_t rest = dropped == 64 ? mantissa : mantissa << (64 - dropped), half = (uint64_t)1 << 63;
  uint64_t bits = dropped == 64 ? 0 : mantissa >> dropped;
  if (rest > half || (rest == half && (bits & 1) != 0)) ++bits;
  if (biased > 1) bits += (uint64_t)(biased - 1) << (digits - 1);
  const uint64_t infinity = (uint64_t)(2 * bias + 1) << (digits - 1);
  return bits < infinity ? bits : infinity;
}

static double put_together(int sign, int exponent, uint64_t mantissa) {
  const Double value = {.bits = (uint64_t)sign << 63 | rounded(exponent, mantissa, 53, 1023)};
  return value.number;
}

static uint64_t shift_right(uint64_t value, int by) {
  if (by == 0) return value;
  if (by > 63) return value != 0;
  return (value >> by) | ((value << (64 - by)) != 0);
}

double __adddf3(double a, double b) {
  Parts large = take_apart(a), small = take_apart(b);
  if (large.exponent < small.exponent) {
    const Parts other = large;
    large = small;
    small = other;
  }
  large.mantissa <<= 10;
  small.mantissa = shift_right(small.mantissa << 10, large.exponent - small.exponent);
  const int exponent = large.exponent - 10;
  if (large.sign == small.sign) return put_together(large.sign, exponent, large.mantissa + small.mantissa);
  if (large.mantissa == small.mantissa) return put_together(0, 0, 0);
  return large.mantissa > small.mantissa
             ? put_together(large.sign, exponent, large.mantissa - small.mantissa)
             : put_together(small.sign, exponent, small.mantissa - large.mantissa);
}

double __subdf3(double a, double b) {
  Double negative = {.number = b};
  negative.bits ^= (uint64_t)1 << 63;
  return __adddf3(a, negative.number);
}

double __muldf3(double a, double b) {
  Parts x = take_apart(a), y = take_apart(b);
  if (x.mantissa == 0 || y.mantissa == 0) return put_together(x.sign ^ y.sign, 0, 0);
  for (; x.mantissa >> 52 == 0; --x.exponent) x.mantissa <<= 1;
  for (; y.mantissa >> 52 == 0; --y.exponent) y.mantissa <<= 1;
  const uint64_t m = x.mantissa << 11, n = y.mantissa << 11;
  const uint64_t m0 = (uint32_t)m, m1 = m >> 32, n0 = (uint32_t)n, n1 = n >> 32;
  const uint64_t low = m0 * n0, crossed = m1 * n0 + (low >> 32), other = m0 * n1 + (uint32_t)crossed;
  const uint64_t high = m1 * n1 + (crossed >> 32) + (other >> 32);
  const int more = (uint32_t)other != 0 || (uint32_t)low != 0;
  return put_together(x.sign ^ y.sign, x.exponent + y.exponent - 22 + 64, high | (uint64_t)more);
}

double __divdf3(double a, double b) {
  Parts x = take_apart(a), y = take_apart(b);
  if (x.mantissa == 0) return put_together(x.sign ^ y.sign, 0, 0);
  if (y.mantissa == 0) return put_together(x.sign ^ y.sign, 2000, 1);
  for (; x.mantissa >> 62 == 0; --x.exponent) x.mantissa <<= 1;
  for (; y.mantissa >> 62 == 0; --y.exponent) y.mantissa <<= 1;
  uint64_t quotient = 0;
  for (int i = 0; i < 62; ++i) {
    quotient <<= 1;
    if (x.mantissa >= y.mantissa) {
      x.mantissa -= y.mantissa;
      quotient |= 1;
    }
    x.mantissa <<= 1;
  }
  return put_together(x.sign ^ y.sign, x.exponent - y.exponent - 61, quotient | (x.mantissa != 0));
}

int32_t __fixdfsi(double number) {
  const Parts parts = take_apart(number);
  const int right = -parts.exponent;
  const uint32_t whole = right > 63 ? 0 : (uint32_t)(parts.mantissa >> right);
  return (int32_t)(parts.sign ? 0 - whole : whole);
}

double __floatsidf(int32_t number) { return put_together(number < 0, 0, magnitude(number)); }

double __extendsfdf2(float number) {
  const Float value = {.number = number};
  const int biased = (int)(value.bits >> 23) & 0xFF;
  const uint32_t rest = value.bits & ((1u << 23) - 1);
  return biased == 0 ? put_together((int)(value.bits >> 31), -149, rest)
                     : put_together((int)(value.bits >> 31), biased - 150, rest | 1u << 23);
}

float __truncdfsf2(double number) {
  const Parts parts = take_apart(number);
  const Float value = {.bits = (uint32_t)parts.sign << 31 |
                               (uint32_t)rounded(parts.exponent, parts.mantissa, 24, 127)};
  return value.number;
}

// Two roundings are one here: a double has more than twice a float's digits. Written with operators the compiler
// would see a float's operation in it, and make the function a call of itself.
float __addsf3(float a, float b) { return (float)__adddf3(a, b); }
float __subsf3(float a, float b) { return (float)__subdf3(a, b); }
float __mulsf3(float a, float b) { return (float)__muldf3(a, b); }

// The loops below must not become calls of themselves: compile with -fno-tree-loop-distribute-patterns.
void* memcpy(void* to, const void* from, size_t bytes) {
  char* t = to;
  for (const char* f = from; bytes > 0; --bytes) *t++ = *f++;
  return to;
}

void* memmove(void* to, const void* from, size_t bytes) {
  if ((uintptr_t)to <= (uintptr_t)from) return memcpy(to, from, bytes);
  while (bytes-- > 0) ((char*)to)[bytes] = ((const char*)from)[bytes];
  return to;
}

void* memset(void* to, int value, size_t bytes) {
  for (char* t = to; bytes > 0; --bytes) *t++ = (char)value;
  return to;
}

int memcmp(const void* a, const void* b, size_t bytes) {
  const unsigned char *x = a, *y = b;
  for (; bytes > 0; --bytes, ++x, ++y)
    if (*x != *y) return *x < *y ? -1 : 1;
  return 0;
}

size_t strlen(const char* text) {
  const char* end = text;
  while (*end != 0) ++end;
  return (size_t)(end - text);
}
