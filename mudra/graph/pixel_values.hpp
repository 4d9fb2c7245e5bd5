// From a picture's bytes to the real numbers that a network takes, (value / 255 - mean) / deviation by
// channel: the one definition for training, calibrating and judging. device/image.hpp has it in integers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/device/normalization.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::graph {

using device::Normalization;

// What a model's metadata states; value / 255 where it states nothing. Throws Error for a text that is none.
Normalization normalization_of(const std::map<std::string, std::string>& metadata);
inline Normalization normalization_of(const Graph& graph) { return normalization_of(graph.metadata); }

// States it in the metadata of a model; of value / 255 there is no entry.
void state_normalization(std::map<std::string, std::string>& metadata, const Normalization& normalization);

// "0.5/0.25", as device::read_normalization reads it; of value / 255 "none".
std::string text_of(const Normalization& normalization);

// "none", "imagenet" or "MEAN/DEVIATION", for pictures of 1 or 3 channels. "imagenet" is what torchvision's
// networks were trained with; for gray its means over the channels, 0.449/0.226. Throws Error.
Normalization normalization_named(std::string_view text, int channels);

class PixelValues {
 public:
  explicit PixelValues(const Normalization& normalization = {});

  // pixels and values: pictures [height, width, channels], one behind the other.
  void convert(std::span<const std::uint8_t> pixels, std::span<float> values) const;
  std::vector<float> of(std::span<const std::uint8_t> pixels) const;

 private:
  std::size_t channels_;
  std::array<std::array<float, 256>, 3> values_;  // the nearest float, by channel and pixel
};

}  // namespace mudra::graph
