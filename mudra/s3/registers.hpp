// Names for sets of registers: one bit each, so that an instruction's needs are compared in one step.
#pragma once

#include <cstdint>
#include <string>

namespace mudra::s3 {

// Bits 0-15 a0-a15; 16-47 the 32-bit lanes of q0-q7; 48-57 the 32-bit words of QACC_L and QACC_H, lowest
// first; 58-59 ACCX[31:0] and ACCX[39:32]; 60 SAR; 61 SAR_BYTE.
using RegisterSet = std::uint64_t;

constexpr RegisterSet a_register(int r) { return RegisterSet{1} << r; }
constexpr RegisterSet q_lane(int r, int lane) { return RegisterSet{1} << (16 + 4 * r + lane); }
constexpr RegisterSet q_register(int r) { return RegisterSet{15} << (16 + 4 * r); }
constexpr RegisterSet qacc_word(int word) { return RegisterSet{1} << (48 + word); }
inline constexpr RegisterSet kQaccLow = RegisterSet{31} << 48, kQaccHigh = RegisterSet{31} << 53;
inline constexpr RegisterSet kQacc = kQaccLow | kQaccHigh;
inline constexpr RegisterSet kAccxLow = RegisterSet{1} << 58, kAccxHigh = RegisterSet{1} << 59;
inline constexpr RegisterSet kAccx = kAccxLow | kAccxHigh;
inline constexpr RegisterSet kSar = RegisterSet{1} << 60, kSarByte = RegisterSet{1} << 61;

// "a3", "q2", "QACC_L", "SAR_BYTE": what the lowest bit belongs to.
std::string register_name(RegisterSet registers);

}  // namespace mudra::s3
