// The built-in data: an endless, seeded supply of rendered hands, as the near-infrared camera of
// LeapGestRecog on the table sees them, or an ordinary camera in front of a person. Every picture is a pure
// function of the rendering and (seed, person, gesture, frame); no state, any thread, same bits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::data {

enum class Lighting { kInfrared, kVisible, kBoth };
enum class Hands { kRight, kLeft, kBoth };

// What kind of pictures: of both kinds every person is of either, a quarter of them visible.
struct Rendering {
  Lighting light = Lighting::kBoth;
  Hands hands = Hands::kRight;
  float none = 1.0f / (kGestures + 1);  // the share of pictures that show no gesture

  bool operator==(const Rendering&) const = default;
};

// The gestures, and "none" last if it is rendered.
std::vector<std::string> class_names(const Rendering& rendering);

// Pictures of none that make up their share beside so many hands, rounded up.
std::size_t nones_beside(std::size_t hands, const Rendering& rendering);

// Which picture. Anatomy, sleeve, camera, light, background and habits belong to the person; pose and place
// vary by frame, and even and odd frames come from the two cameras of the near-infrared device. For the
// greatest variety, as in training, give every picture a person of its own.
struct HandId {
  std::uint64_t seed = 0;
  std::uint64_t person = 0;
  int gesture = 0;  // index into class_names(); kGestures is none
  std::uint64_t frame = 0;
};

// Draws the 96x96 gray picture.
void render_hand(const HandId& id, const Rendering& rendering, ImageOut out);

struct SyntheticConfig {
  int people = 10;            // subjects "s000", "s001", ...
  int images_per_class = 20;  // of each person; of none as many as make up its share
  std::uint64_t seed = 1;
  Rendering rendering = {};

  // Of each person.
  std::size_t hands() const { return kGestures * static_cast<std::size_t>(images_per_class); }
  std::size_t images_per_person() const { return hands() + nones_beside(hands(), rendering); }
  std::size_t images() const { return static_cast<std::size_t>(people) * images_per_person(); }
  // Of all pictures in the order of people and classes.
  HandId id(std::size_t image) const;
};

// Every person's pictures, by class, rendered on all threads. Throws Error for counts below 1 or more than 4
// GiB of pictures.
Dataset render_dataset(const SyntheticConfig& config);

}  // namespace mudra::data
