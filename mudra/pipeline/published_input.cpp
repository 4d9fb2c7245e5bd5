#include "mudra/pipeline/published_input.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/image.hpp"
#include "mudra/device/arithmetic.hpp"
#include "mudra/device/image.hpp"

namespace mudra::pipeline {
namespace {

constexpr int kExponent = -7;  // of what the firmware prepares
using ModelPixels = std::array<std::int8_t, data::kImagePixels>;

// The numbers between the first pair of braces.
ModelPixels array_in(const std::string& source) {
  const std::size_t open = source.find('{'), close = source.find('}', open);
  if (open == std::string::npos || close == std::string::npos) fail("holds no array in braces");
  ModelPixels pixels{};
  std::size_t count = 0;
  const char *at = source.data() + open + 1, *end = source.data() + close;
  while (at != end) {
    if (*at == ',' || *at == ' ' || *at == '\n' || *at == '\r' || *at == '\t') {
      ++at;
      continue;
    }
    int value = 0;
    const auto [rest, error] = std::from_chars(at, end, value);
    const bool fits = error == std::errc() && value >= std::numeric_limits<std::int8_t>::min() &&
                      value <= std::numeric_limits<std::int8_t>::max();
    if (!fits) fail("holds something else than int8 numbers in its array");
    if (count < pixels.size()) pixels[count] = static_cast<std::int8_t>(value);
    ++count;
    at = rest;
  }
  if (count != pixels.size()) fail("holds {} numbers, not {}", count, pixels.size());
  return pixels;
}

ModelPixels prepared(const std::vector<std::uint8_t>& file) {
  std::array<std::uint8_t, data::kImagePixels> gray{};
  data::prepare(data::decode_image(file), {}, gray);
  ModelPixels pixels{};
  const auto status = device::to_model_input(gray, kExponent, device::InputRule::kPublished, pixels);
  if (status != device::Status::kOk) fail("{}", device::describe(status));
  return pixels;
}

template <device::TensorInteger Integer>
graph::Values converted(const ModelPixels& pixels, int exponent) {
  std::vector<Integer> values(pixels.size());
  std::ranges::transform(pixels, values.begin(), [&](std::int8_t pixel) {
    return device::convert<Integer>(pixel, exponent - kExponent);
  });
  return values;
}

}  // namespace

graph::Values published_input(const std::filesystem::path& path, const graph::Graph& graph) {
  const bool is_array = path.extension() == ".hpp" || path.extension() == ".h";
  const auto file = read_file(path);
  const ModelPixels pixels = with_context(path.string(), [&] {
    return is_array ? array_in(std::string(file.begin(), file.end())) : prepared(file);
  });
  const graph::Tensor& input = graph.tensor(graph.input);
  if (device::picture_shape(input.shape) != data::PictureShape{})
    fail("{}: the published firmware's pictures are {}, and the model takes [{}]", path.string(),
         data::text_of(data::PictureShape{}), fmt::join(input.shape, ", "));
  return input.type == graph::Type::kInt8 ? converted<std::int8_t>(pixels, *input.exponent)
                                          : converted<std::int16_t>(pixels, *input.exponent);
}

}  // namespace mudra::pipeline
