// Vectors and the few transcendental functions the renderer needs, built from operations that every x86-64
// processor rounds alike (libm picks other code on processors with FMA, so its last bit differs).
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mudra::data {

struct Vec {
  float x = 0, y = 0, z = 0;
};

inline Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec operator-(Vec a) { return {-a.x, -a.y, -a.z}; }
inline Vec operator*(Vec a, float s) { return {a.x * s, a.y * s, a.z * s}; }
inline float dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline float length(Vec a) { return std::sqrt(dot(a, a)); }
inline Vec unit(Vec a) { return a * (1.0f / std::max(1e-6f, length(a))); }
inline Vec cross(Vec a, Vec b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Vec mix(Vec a, Vec b, float share_of_b) { return a + (b - a) * share_of_b; }
// The part of `a` at right angles to the unit vector `axis`, as a unit vector.
inline Vec unit_across(Vec a, Vec axis) { return unit(a - axis * dot(a, axis)); }

// Within 2e-7 for |degrees| <= 1000 (Taylor series to the eleventh power on [-90, 90] degrees).
inline float sine(float degrees) {
  float turn = degrees - 360.0f * std::floor(degrees * (1.0f / 360.0f) + 0.5f);
  if (turn > 90.0f) turn = 180.0f - turn;
  if (turn < -90.0f) turn = -180.0f - turn;
  const float r = turn * (std::numbers::pi_v<float> / 180.0f), q = r * r;
  float series = 1.0f + q * (-1.0f / 110.0f);
  series = 1.0f + q * (-1.0f / 72.0f) * series;
  series = 1.0f + q * (-1.0f / 42.0f) * series;
  series = 1.0f + q * (-1.0f / 20.0f) * series;
  series = 1.0f + q * (-1.0f / 6.0f) * series;
  return r * series;
}
inline float cosine(float degrees) { return sine(degrees + 90.0f); }

// ln(2)^k / k!, the Taylor series of 2^x; on [-0.5, 0.5] its relative error is below 2e-7.
inline constexpr float kPowerOfTwoSeries[] = {1.0f,           0.693147181f,   0.240226507f,   0.0555041087f,
                                              0.00961812911f, 0.00133335581f, 0.000154035304f};

inline float power_of_two(float x) {
  const float whole = std::floor(x + 0.5f), part = x - whole;
  float series = kPowerOfTwoSeries[6];
  for (int k = 5; k >= 0; --k) series = series * part + kPowerOfTwoSeries[k];
  return std::ldexp(series, static_cast<int>(whole));
}

}  // namespace mudra::data
