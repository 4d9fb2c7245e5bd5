#include "mudra/s3/registers.hpp"

#include <fmt/format.h>

#include <bit>

namespace mudra::s3 {

std::string register_name(RegisterSet registers) {
  const int bit = std::countr_zero(registers);
  if (bit < 16) return fmt::format("a{}", bit);
  if (bit < 48) return fmt::format("q{}", (bit - 16) / 4);
  if (bit < 53) return "QACC_L";
  if (bit < 58) return "QACC_H";
  if (bit < 60) return "ACCX";
  return bit == 60 ? "SAR" : "SAR_BYTE";
}

}  // namespace mudra::s3
