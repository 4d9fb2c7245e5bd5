// Labelled pictures of hands in memory: the noun every reader makes and every user takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mudra::data {

inline constexpr int kImageSide = 96;
inline constexpr std::size_t kImagePixels = std::size_t{kImageSide} * kImageSide;

using ImageView = std::span<const std::uint8_t, kImagePixels>;  // [96, 96] gray, row-major, top row first
using ImageOut = std::span<std::uint8_t, kImagePixels>;

// The eight gestures of LeapGestRecog in the order of the network's outputs.
inline constexpr const char* kGestureNames[] = {"palm", "l", "fist", "thumb", "index", "ok", "c", "down"};
inline constexpr int kGestures = 8;

inline constexpr std::int32_t kUnknownSubject = -1;

// Invariant: images.size() == size() * kImagePixels; labels, subjects and paths have size() entries; labels
// index class_names, subjects index subject_names or are kUnknownSubject.
struct Dataset {
  std::string name;                        // what a user calls it, for messages: "set.npz"
  std::vector<std::string> class_names;    // by label
  std::vector<std::string> subject_names;  // by subject index; empty when no subject is known
  std::vector<std::uint8_t> images;        // [N, 96, 96]
  std::vector<std::int32_t> labels;        // [N]
  std::vector<std::int32_t> subjects;      // [N]
  std::vector<std::string> paths;          // [N] where each picture came from; may be empty strings

  std::size_t size() const { return labels.size(); }
  ImageView image(std::size_t i) const { return ImageView(images.data() + i * kImagePixels, kImagePixels); }
  bool knows_subjects() const { return !subject_names.empty(); }
};

}  // namespace mudra::data
