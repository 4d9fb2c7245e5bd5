// Rendered hands as files: FOLDER/SUBJECT/CLASS/*.png.
#pragma once

#include <cstdint>
#include <string>

#include "mudra/data/synthetic_hands.hpp"

namespace mudra::pipeline {

struct RenderSettings {
  std::string out;  // must be new or empty
  int per_class = 20;
  int people = 10;
  std::uint64_t seed = 1;
  std::string light = "both", hands = "right", none = "11.1%";  // as of a SyntheticSet
  bool without_none = false;
  int threads = 0;

  // What these ask for. Throws Error.
  data::SyntheticConfig config() const;
};

// The same seed gives the same pictures. Throws Error for a folder that holds something.
void render_people(const RenderSettings& settings);

}  // namespace mudra::pipeline
