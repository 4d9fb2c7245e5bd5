// Labelled pictures of hands in memory: the noun every reader makes and every user takes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/device/class_names.hpp"
#include "mudra/device/picture_shape.hpp"

namespace mudra::data {

using device::PictureShape;

// "96x96 gray", "128x96 colour": width x height.
std::string text_of(const PictureShape& shape);

// Hands are rendered in the default shape alone.
inline constexpr int kImageSide = PictureShape{}.width;
inline constexpr std::size_t kImagePixels = PictureShape{}.bytes();
using ImageView = std::span<const std::uint8_t, kImagePixels>;  // [96, 96] gray, row-major, top row first
using ImageOut = std::span<std::uint8_t, kImagePixels>;

// The eight gestures of LeapGestRecog in the order of the network's outputs.
inline constexpr const char* kGestureNames[] = {"palm", "l", "fist", "thumb", "index", "ok", "c", "down"};
inline constexpr int kGestures = 8;
// The class of pictures that show no gesture; the last one where there is one.
inline constexpr const char* kNoneName = device::kNoneName;

// What a picture is for where a set states a split of its own.
enum class Part : std::uint8_t { kTrain, kValidation, kTest };

inline constexpr std::int32_t kUnknownSubject = -1;
inline constexpr std::int32_t kUnknownLabel = -1;

// Invariant: is_picture(shape); images.size() == size() * shape.bytes(); labels, subjects and paths have
// size() entries; labels index class_names (all are kUnknownLabel when there are no class names), subjects
// index subject_names or are kUnknownSubject; parts has size() entries or none.
struct Dataset {
  std::string name;                        // what a user calls it, for messages: "set.npz"
  std::vector<std::string> class_names;    // by label
  std::vector<std::string> subject_names;  // by subject index; empty when no subject is known
  PictureShape shape;                      // of every picture
  std::vector<std::uint8_t> images;        // [N, height, width, channels]
  std::vector<std::int32_t> labels;        // [N]
  std::vector<std::int32_t> subjects;      // [N]
  std::vector<std::string> paths;          // [N] where each picture came from; may be empty strings
  std::vector<Part> parts;                 // [N] the split that the set states; empty when it states none
  std::vector<std::string> notes;          // what its reader left out, a line each, to be shown once

  std::size_t size() const { return labels.size(); }
  std::span<const std::uint8_t> image(std::size_t i) const {
    return std::span(images).subspan(i * shape.bytes(), shape.bytes());
  }
  std::span<std::uint8_t> image(std::size_t i) {
    return std::span(images).subspan(i * shape.bytes(), shape.bytes());
  }
  bool knows_labels() const { return !class_names.empty(); }
  bool knows_subjects() const { return !subject_names.empty(); }
  bool states_split() const { return !parts.empty(); }
};

// More pictures than this do not fit into a file mudra reads (4 GiB).
constexpr std::size_t max_images(const PictureShape& shape = {}) {
  return (std::size_t{4} << 30) / shape.bytes() - 64;
}

// Throws Error naming the set and the remedy when its pictures have another shape.
void require_shape(const Dataset& dataset, const PictureShape& wanted);

// Throws Error naming the set when its pictures have no labels.
void require_labels(const Dataset& dataset);

// The place of a class or subject among `names`, or -1.
std::int32_t index_of(const std::vector<std::string>& names, const std::string& name);

// The same pictures with their labels counting in `class_names`, matched by name. Throws Error when the set
// has a class that is not among them.
Dataset with_classes(Dataset dataset, const std::vector<std::string>& class_names);

// The place of `none` among the classes, if it is one.
std::optional<std::size_t> none_in(const std::vector<std::string>& class_names);

// The set without its class `none` and the pictures of it, which a note says; as it is if it has none.
Dataset without_none(Dataset dataset);

// All pictures of several sets, as classes `known`, those of a network, where that has them all, else as the
// classes of the set with the most; `none` may be of some sets only and is then the last. Subjects of equal
// name are one subject. Where some state a split, the others' pictures train. Throws Error when classes or
// shapes differ, or only some of the sets know their classes.
Dataset merge(std::vector<Dataset> sets, const std::vector<std::string>& known = {});

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
