#include "mudra/graph/pixel_values.hpp"

#include <fmt/format.h>

#include "mudra/base/error.hpp"

namespace mudra::graph {
namespace {

constexpr std::string_view kNone = "none";

// Without zeros at the end.
std::string decimal(std::int64_t value) {
  const std::int64_t size = value < 0 ? -value : value;
  std::string text = fmt::format("{}{}.{:09}", value < 0 ? "-" : "", size / Normalization::kUnit,
                                 size % Normalization::kUnit);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string decimals(const std::int64_t (&values)[3]) {
  if (values[0] == values[1] && values[1] == values[2]) return decimal(values[0]);
  return fmt::format("{},{},{}", decimal(values[0]), decimal(values[1]), decimal(values[2]));
}

}  // namespace

Normalization normalization_of(const std::map<std::string, std::string>& metadata) {
  Normalization normalization;
  const auto entry = metadata.find(std::string(device::kNormalizationKey));
  if (entry != metadata.end() && !device::read_normalization(entry->second, normalization))
    fail("its {} is '{}', not MEAN/STD", entry->first, entry->second);
  return normalization;
}

void state_normalization(std::map<std::string, std::string>& metadata, const Normalization& normalization) {
  const std::string key(device::kNormalizationKey);
  metadata.erase(key);
  if (normalization != Normalization{}) metadata[key] = text_of(normalization);
}

std::string text_of(const Normalization& normalization) {
  if (normalization == Normalization{}) return std::string(kNone);
  return decimals(normalization.mean) + "/" + decimals(normalization.deviation);
}

Normalization normalization_named(std::string_view text, int channels) {
  Normalization normalization;
  if (text == kNone) return normalization;
  if (text == "imagenet") text = channels == 1 ? "0.449/0.226" : "0.485,0.456,0.406/0.229,0.224,0.225";
  if (!device::read_normalization(text, normalization))
    fail(
        "'{}' is neither none nor imagenet nor MEAN/STD, one number each or three with commas, such as "
        "0.5/0.25; means are from -10 to 10, deviations from 0.001 to 10",
        text);
  if (!normalization.suits(channels)) fail("'{}' is of three channels, and the pictures are gray", text);
  return normalization;
}

PixelValues::PixelValues(const Normalization& normalization)
    : channels_(static_cast<std::size_t>(normalization.channels)) {
  for (int c = 0; c < 3; ++c)
    for (int p = 0; p < 256; ++p)
      values_[static_cast<std::size_t>(c)][static_cast<std::size_t>(p)] =
          static_cast<float>(static_cast<double>(normalization.numerator(p, c)) /
                             static_cast<double>(normalization.denominator(c)));
}

void PixelValues::convert(std::span<const std::uint8_t> pixels, std::span<float> values) const {
  for (std::size_t c = 0; c < channels_; ++c)
    for (std::size_t i = c; i < pixels.size(); i += channels_) values[i] = values_[c][pixels[i]];
}

std::vector<float> PixelValues::of(std::span<const std::uint8_t> pixels) const {
  std::vector<float> values(pixels.size());
  convert(pixels, values);
  return values;
}

}  // namespace mudra::graph
