// The built-in data: an endless, seeded supply of rendered near-infrared hands, as a camera on the table sees
// them. Every picture is a pure function of (seed, person, gesture, frame); no state, any thread, same bits.
#pragma once

#include <cstdint>

#include "mudra/data/dataset.hpp"

namespace mudra::data {

// Which picture. Anatomy, sleeve, camera, light, background and habits belong to the person; pose and place
// vary by frame, and even and odd frames come from the two cameras of the device. For the greatest variety,
// as in training, give every picture a person of its own.
struct HandId {
  std::uint64_t seed = 0;
  std::uint64_t person = 0;
  int gesture = 0;  // index into kGestureNames
  std::uint64_t frame = 0;
};

// Draws the 96x96 gray picture.
void render_hand(const HandId& id, ImageOut out);

struct SyntheticConfig {
  int people = 10;            // subjects "s000", "s001", ...
  int images_per_class = 20;  // of each person
  std::uint64_t seed = 1;
};

// people * 8 * images_per_class pictures with their subjects, rendered on all threads. Throws Error for
// counts below 1 or more than 4 GiB of pictures.
Dataset render_dataset(const SyntheticConfig& config);

}  // namespace mudra::data
