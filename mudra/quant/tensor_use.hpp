// How the integers of an activation suit the values that it has in the float network.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace mudra::quant {

// Of an activation.
struct TensorUse {
  std::string tensor;
  int bits = 8, exponent = 0;
  double saturated = 0;  // share of the float network's values that its integers cut off
  double used = 0;       // the largest of them as a share of the largest integer; above 1: cut off
  int liked = 0;         // the exponent with their least squared error

  // Whether these values want another range than that of the calibration: more of them than kMuchCut are cut
  // off, and a coarser exponent would have the smaller error.
  bool is_too_narrow() const { return saturated > kMuchCut && liked > exponent; }
  static constexpr double kMuchCut = 0.01;
};

// What some values show; can be added up.
struct Suit {
  static constexpr int kLower = 3, kCandidates = 7;

  std::size_t values = 0;
  float largest = 0;  // as an integer
  std::size_t cut = 0;
  std::array<double, kCandidates> errors{};  // of sampled values, with the exponent less kLower and on

  void add(const Suit& other);
};

class UseWatch {
 public:
  // `gains`: by what each channel's integers are larger than `use.exponent` says.
  UseWatch(TensorUse use, std::vector<float> gains);

  // Of one picture's values, channels innermost.
  Suit suit(std::span<const float> values) const;

  // `whole` is the sum over all pictures.
  TensorUse use(const Suit& whole) const;

 private:
  TensorUse use_;
  std::vector<float> factors_;  // from the float network's values to integers
};

}  // namespace mudra::quant
