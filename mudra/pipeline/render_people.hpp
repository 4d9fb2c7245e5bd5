// Rendered hands as files: FOLDER/SUBJECT/CLASS/*.png.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "mudra/data/dataset.hpp"

namespace mudra::pipeline {

struct RenderSettings {
  std::string out;  // must be new or empty
  int per_class = 20;
  int people = 10;
  std::uint64_t seed = 1;
  int threads = 0;

  std::size_t images() const {
    return static_cast<std::size_t>(people) * data::kGestures * static_cast<std::size_t>(per_class);
  }
};

// The same seed gives the same pictures. Throws Error for a folder that holds something.
void render_people(const RenderSettings& settings);

}  // namespace mudra::pipeline
