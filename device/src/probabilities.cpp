#include "mudra/device/probabilities.hpp"

#include <algorithm>

namespace mudra::device {
namespace {

// 2^-2^-i in units of 2^-32, for i = 1 to 24.
constexpr std::uint32_t kRoots[] = {
    3037000500u, 3611622603u, 3938502376u, 4112874773u, 4202935003u, 4248701965u, 4271771996u, 4283353945u,
    4289156690u, 4292061010u, 4293513907u, 4294240540u, 4294603903u, 4294785595u, 4294876445u, 4294921870u,
    4294944583u, 4294955939u, 4294961618u, 4294964457u, 4294965876u, 4294966586u, 4294966941u, 4294967119u};

// log2(e) in units of 2^-32.
constexpr std::uint64_t kLog2OfE = 6196328019u;

// exp(-difference * 2^exponent) in units of 2^-31.
std::uint64_t exponential(std::uint32_t difference, int exponent) {
  // difference < 2^17, so that the product is below 2^50: the power of two that divides the result, with 32
  // bits behind the point.
  const std::uint64_t product = difference * kLog2OfE;
  constexpr int kVanishes = 32;
  std::uint64_t halvings = 0;
  if (exponent <= 0)
    halvings = exponent > -64 ? product >> -exponent : 0;
  else
    halvings = exponent < 14 ? product << exponent : difference == 0 ? 0 : ~std::uint64_t{0};
  const std::uint64_t whole = halvings >> 32;
  if (whole >= kVanishes) return 0;
  std::uint64_t result = std::uint64_t{1} << 31;
  for (int i = 0; i < 24; ++i)
    if ((halvings >> (31 - i) & 1) != 0) result = (result * kRoots[i] + (1u << 31)) >> 32;
  return result >> whole;
}

}  // namespace

Status probabilities(std::span<const std::byte> scores, Width width, int exponent,
                     std::span<Probability> out) {
  const std::size_t count = scores.size() / bytes_of(width);
  if (count < 1 || count > kMaxClasses || count != out.size()) return Status::kBadSize;
  const int classes = static_cast<int>(count);
  int most = score_of(scores, width, 0);
  for (int i = 1; i < classes; ++i) most = std::max(most, score_of(scores, width, i));

  std::uint64_t powers[kMaxClasses];
  std::uint64_t sum = 0;
  for (int i = 0; i < classes; ++i) {
    powers[i] = exponential(static_cast<std::uint32_t>(most - score_of(scores, width, i)), exponent);
    sum += powers[i];
  }
  for (std::size_t i = 0; i < count; ++i)
    out[i] = static_cast<Probability>((powers[i] * kCertain + sum / 2) / sum);
  return Status::kOk;
}

}  // namespace mudra::device
