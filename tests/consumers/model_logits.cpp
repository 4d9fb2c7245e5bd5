// model_logits MODEL SET COUNT FOLDER: what our own run makes of COUNT pictures spread over SET, for
// comparison with other runtimes. Writes FOLDER/images.u8 (uint8 [COUNT, 96, 96]) and FOLDER/logits.f32
// (float [COUNT, classes]).
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/tflite_int8.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/pixel_values.hpp"

namespace mudra {
namespace {

std::vector<std::uint8_t> pictures(const std::string& set_name, std::size_t count) {
  const data::Dataset set = data::load_set(set_name);
  if (set.size() < count) fail("{} has {} pictures", set_name, set.size());
  std::vector<std::uint8_t> images;
  for (std::size_t i = 0; i < count; ++i) {
    const auto image = set.image(i * set.size() / count);
    images.insert(images.end(), image.begin(), image.end());
  }
  return images;
}

template <typename Runner>
std::vector<float> logits_with(Runner runner, const graph::Normalization& normalization,
                               const std::vector<std::uint8_t>& images) {
  const graph::PixelValues values(normalization);
  std::vector<float> logits(images.size() / data::kImagePixels * runner.output_size());
  std::vector<float> image(data::kImagePixels);
  for (std::size_t i = 0; i * data::kImagePixels < images.size(); ++i) {
    values.convert(std::span(images).subspan(i * data::kImagePixels, data::kImagePixels), image);
    runner.run(image, std::span(logits).subspan(i * runner.output_size(), runner.output_size()));
  }
  return logits;
}

std::vector<float> logits_of(const std::filesystem::path& file, const std::vector<std::uint8_t>& images) {
  if (file.extension() == ".onnx") {
    const graph::Graph graph = format::load_onnx(file);
    return logits_with(graph::FloatRunner(fold_batch_normalization(graph)), normalization_of(graph), images);
  }
  const format::TfliteModel model = format::load_tflite(file);
  const graph::Normalization normalization = graph::normalization_of(model.metadata);
  if (model.is_int8()) return logits_with(format::TfliteInt8Runner(model), normalization, images);
  return logits_with(graph::FloatRunner(graph_of(model)), normalization, images);
}

void run(const std::string& model, const std::string& set, std::size_t count,
         const std::filesystem::path& folder) {
  const std::vector<std::uint8_t> images = pictures(set, count);
  const std::vector<float> logits = logits_of(model, images);
  std::vector<std::uint8_t> bytes(logits.size() * sizeof(float));
  std::memcpy(bytes.data(), logits.data(), bytes.size());
  make_folder(folder);
  write_file(folder / "images.u8", images);
  write_file(folder / "logits.f32", bytes);
}

}  // namespace
}  // namespace mudra

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    mudra::run(argv[1], argv[2], std::stoul(argv[3]), argv[4]);
  } catch (const mudra::Error& error) {
    fmt::print(stderr, "model_logits: {}\n", error.text);
    return 1;
  }
}
