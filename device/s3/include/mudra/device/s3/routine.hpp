// What the kernels' C++ side calls: functions in assembly that take the address of an array of words.
#pragma once

#include <cstddef>
#include <cstdint>

// Every function of the .S files.
// clang-format off
#define MUDRA_S3_ROUTINES(ROUTINE) \
  ROUTINE(mudra_s3_first3) \
  ROUTINE(mudra_s3_expand16) \
  ROUTINE(mudra_s3_expand24) \
  ROUTINE(mudra_s3_expand32) \
  ROUTINE(mudra_s3_pointwise8) \
  ROUTINE(mudra_s3_pointwise8_clamped) \
  ROUTINE(mudra_s3_pointwise16) \
  ROUTINE(mudra_s3_pointwise16_clamped) \
  ROUTINE(mudra_s3_depthwise3_stride1) \
  ROUTINE(mudra_s3_depthwise3_stride2) \
  ROUTINE(mudra_s3_convolution8) \
  ROUTINE(mudra_s3_convolution16) \
  ROUTINE(mudra_s3_depthwise8) \
  ROUTINE(mudra_s3_depthwise16) \
  ROUTINE(mudra_s3_add8) \
  ROUTINE(mudra_s3_add16) \
  ROUTINE(mudra_s3_add_shifted8) \
  ROUTINE(mudra_s3_add_left8) \
  ROUTINE(mudra_s3_clamp8) \
  ROUTINE(mudra_s3_clamp16) \
  ROUTINE(mudra_s3_convert_to8) \
  ROUTINE(mudra_s3_convert_to16) \
  ROUTINE(mudra_s3_add_pixels8)
// clang-format on

#ifdef __XTENSA__

#define MUDRA_S3_DECLARE(name) extern "C" void name(const std::uint32_t* words);
MUDRA_S3_ROUTINES(MUDRA_S3_DECLARE)
#undef MUDRA_S3_DECLARE

namespace mudra::device::s3 {

using Routine = void (*)(const std::uint32_t* words);

inline constexpr bool kIsChip = true;

// The address of what a routine reads or writes: `bytes` from there on, and `before` before it.
inline std::uint32_t reads(const void* at, std::uint32_t /*bytes*/, std::uint32_t /*before*/ = 0) {
  return reinterpret_cast<std::uintptr_t>(at);
}
inline std::uint32_t writes(void* at, std::uint32_t /*bytes*/, std::uint32_t /*before*/ = 0) {
  return reinterpret_cast<std::uintptr_t>(at);
}

template <std::size_t kWords>
void call(Routine routine, const std::uint32_t (&words)[kWords]) {
  routine(words);
}

}  // namespace mudra::device::s3

#else

namespace mudra::device::s3 {

inline constexpr bool kIsChip = false;

// Executes routines in the place of a chip.
class Executor {
 public:
  virtual ~Executor() = default;
  // The address at which the next routine finds bytes [at - before, at + bytes).
  virtual std::uint32_t map(const void* at, std::uint32_t bytes, std::uint32_t before, bool writable) = 0;
  // Forgets the addresses afterwards.
  virtual void call(const char* routine, const std::uint32_t* words, std::size_t count) = 0;
};

// Whom this thread asks from now on. Must not be null while kernels run.
void execute_with(Executor* executor);
Executor& executor();

using Routine = const char*;
#define MUDRA_S3_DECLARE(name) inline constexpr Routine name = #name;
MUDRA_S3_ROUTINES(MUDRA_S3_DECLARE)
#undef MUDRA_S3_DECLARE

inline std::uint32_t reads(const void* at, std::uint32_t bytes, std::uint32_t before = 0) {
  return executor().map(at, bytes, before, false);
}
inline std::uint32_t writes(void* at, std::uint32_t bytes, std::uint32_t before = 0) {
  return executor().map(at, bytes, before, true);
}

template <std::size_t kWords>
void call(Routine routine, const std::uint32_t (&words)[kWords]) {
  executor().call(routine, words, kWords);
}

}  // namespace mudra::device::s3

#endif
