// Rendered hands as files: FOLDER/SUBJECT/CLASS/*.png.
#pragma once

#include <string>

#include "mudra/data/synthetic_hands.hpp"

namespace mudra::pipeline {

struct RenderSettings {
  std::string out;  // must be new or empty
  data::SyntheticConfig hands = {};
  std::string light = "infrared", right_or_left = "right", none = "0%";  // as of a SyntheticSet
  bool without_none = false;
  int threads = 0;

  // `hands` of the kind that is asked for. Throws Error.
  data::SyntheticConfig config() const;
};

// The same seed gives the same pictures. Throws Error for a folder that holds something.
void render_people(const RenderSettings& settings);

}  // namespace mudra::pipeline
