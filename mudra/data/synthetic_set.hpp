// "synthetic:8000,light=visible": rendered hands as a SET of the command line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mudra/data/synthetic_hands.hpp"

namespace mudra::data {

struct SyntheticSet {
  std::size_t hands = 4000;  // that make a gesture, as many of each; pictures of none come besides
  Rendering rendering = {};

  std::size_t images() const { return hands + nones_beside(hands, rendering); }
};

// "synthetic[:HANDS][,light=infrared|visible|both][,hands=right|left|both][,none=PERCENT]"; nothing when the
// text names another SET. Throws Error, the text in front, for what it does not mean.
std::optional<SyntheticSet> synthetic_set(const std::string& text);

// The values of light= and hands=. Throws Error for other words.
Lighting lighting_named(std::string_view name);
Hands hands_named(std::string_view name);
// That of none=, "12.5%", at most 90%. Throws Error.
float share_of_none(std::string_view share);

// Hands as people and pictures of each of the eight gestures: about 20 of each gesture and person, at least
// three people where that is possible. Throws Error unless they are a positive multiple of 8 that fits a
// file.
struct SyntheticSize {
  int people = 0;
  int images_per_class = 0;
};
SyntheticSize synthetic_size(std::size_t hands);

}  // namespace mudra::data
