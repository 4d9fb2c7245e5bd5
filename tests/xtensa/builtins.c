// What GCC calls for integers wider than the processor's instructions, and a few functions of the C library.
// Debian's libgcc for the LX106 lacks the former: on an ESP8266 they are in ROM. On an ESP32-S3 all of these
// are in libgcc and libc.
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
