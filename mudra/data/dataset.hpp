// Labelled pictures of hands in memory: the noun every reader makes and every user takes.
#pragma once

#include <array>
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

// What a picture is for where a set states a split of its own.
enum class Part : std::uint8_t { kTrain, kValidation, kTest };

inline constexpr std::int32_t kUnknownSubject = -1;
inline constexpr std::int32_t kUnknownLabel = -1;

// Invariant: images.size() == size() * kImagePixels; labels, subjects and paths have size() entries; labels
// index class_names (all are kUnknownLabel when there are no class names), subjects index subject_names or
// are kUnknownSubject; parts has size() entries or none.
struct Dataset {
  std::string name;                        // what a user calls it, for messages: "set.npz"
  std::vector<std::string> class_names;    // by label
  std::vector<std::string> subject_names;  // by subject index; empty when no subject is known
  std::vector<std::uint8_t> images;        // [N, 96, 96]
  std::vector<std::int32_t> labels;        // [N]
  std::vector<std::int32_t> subjects;      // [N]
  std::vector<std::string> paths;          // [N] where each picture came from; may be empty strings
  std::vector<Part> parts;                 // [N] the split that the set states; empty when it states none
  std::vector<std::string> notes;          // what its reader left out, a line each, to be shown once

  std::size_t size() const { return labels.size(); }
  ImageView image(std::size_t i) const { return ImageView(images.data() + i * kImagePixels, kImagePixels); }
  ImageOut image(std::size_t i) { return ImageOut(images.data() + i * kImagePixels, kImagePixels); }
  bool knows_labels() const { return !class_names.empty(); }
  bool knows_subjects() const { return !subject_names.empty(); }
  bool states_split() const { return !parts.empty(); }
};

// More pictures than this do not fit into a file mudra reads (4 GiB).
inline constexpr std::size_t kMaxImages = (std::size_t{4} << 30) / kImagePixels - 64;

// Throws Error naming the set when its pictures have no labels.
void require_labels(const Dataset& dataset);

// The same pictures with their labels counting in `class_names`, matched by name. Throws Error when the set
// has a class that is not among them.
Dataset with_classes(Dataset dataset, const std::vector<std::string>& class_names);

// All pictures of several sets, which must have the classes of the one with the most; subjects of equal name
// are one subject. Where some state a split, the others' pictures train. Throws Error when classes differ, or
// only some of the sets know them.
Dataset merge(std::vector<Dataset> sets);

// The pictures at `indices`, in that order.
Dataset subset(const Dataset& dataset, std::span<const std::uint32_t> indices);

// Pictures of each class; of each subject.
std::vector<std::size_t> class_counts(const Dataset& dataset);
std::vector<std::size_t> subject_counts(const Dataset& dataset);
// Of each part, by its number; zeros when the set states no split.
std::array<std::size_t, 3> part_counts(const Dataset& dataset);
// "24 train, 8 valid, 8 test"
std::string parts_text(const Dataset& dataset);

}  // namespace mudra::data
