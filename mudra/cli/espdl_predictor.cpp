#include "mudra/cli/espdl_predictor.hpp"

#include <fmt/ranges.h>

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/device/image.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/simulator.hpp"

namespace mudra::cli {
namespace {

using Picture = std::span<const std::uint8_t, data::kImagePixels>;

template <typename Integer>
graph::Values input_of(Picture picture, int exponent) {
  std::vector<Integer> values(picture.size());
  const auto status = device::to_model_input(picture, exponent, device::InputRule::kRounded,
                                             std::span<Integer, data::kImagePixels>(values));
  if (status != device::Status::kOk) fail("{}", device::describe(status));
  return values;
}

graph::Values input_of(Picture picture, const graph::Tensor& input) {
  return input.type == graph::Type::kInt8 ? input_of<std::int8_t>(picture, *input.exponent)
                                          : input_of<std::int16_t>(picture, *input.exponent);
}

void check_form(const graph::Graph& graph) {
  const graph::Tensor &input = graph.tensor(graph.input), &output = graph.tensor(graph.output);
  if (input.shape != graph::Shape{1, data::kImageSide, data::kImageSide, 1})
    fail("it takes [{}], not one gray picture of {}x{}", fmt::join(input.shape, ", "), data::kImageSide,
         data::kImageSide);
  if (graph::element_count(output.shape) != output.shape.back())
    fail("it gives [{}], not one score per class", fmt::join(output.shape, ", "));
  // Refuses an exponent that pictures cannot be converted to.
  const std::vector<std::uint8_t> black(data::kImagePixels);
  input_of(Picture(black), input);
}

void score_one(const sim::Simulator& simulator, Picture picture, std::span<float> logits) {
  const graph::Graph& graph = simulator.graph();
  thread_local sim::Activations activations;
  simulator.run(input_of(picture, graph.tensor(graph.input)), activations);
  const int exponent = *graph.tensor(graph.output).exponent;
  std::visit(
      [&](const auto& integers) {
        for (std::size_t c = 0; c < logits.size(); ++c)
          logits[c] = std::ldexp(static_cast<float>(integers[c]), exponent);
      },
      activations[static_cast<std::size_t>(graph.output)]);
}

}  // namespace

LoadedPredictor load_espdl_predictor(const std::filesystem::path& path) {
  constexpr std::size_t kBatch = 64;
  auto file = format::load_espdl(path);
  return with_context(path.string(), [&] {
    check_form(file.graph);
    const graph::Tensor& output = file.graph.tensor(file.graph.output);
    LoadedPredictor loaded;
    loaded.names_are = file.graph.class_names.empty() ? ClassNames::kAssumed : ClassNames::kStored;
    report::Predictor& predictor = loaded.predictor;
    predictor.format = "espdl";
    predictor.class_names = loaded.names_are == ClassNames::kStored
                                ? file.graph.class_names
                                : assumed_class_names(static_cast<int>(output.shape.back()));
    predictor.bytes = std::filesystem::file_size(path);
    predictor.max_batch = kBatch;
    predictor.exponent = output.exponent;
    const auto simulator = std::make_shared<const sim::Simulator>(std::move(file.graph));
    predictor.score = [simulator](std::span<const std::uint8_t> images, std::span<float> logits) {
      const std::size_t count = images.size() / data::kImagePixels, classes = logits.size() / count;
#pragma omp parallel for schedule(static)
      for (std::size_t i = 0; i < count; ++i)
        score_one(*simulator, Picture(images.subspan(i * data::kImagePixels, data::kImagePixels)),
                  logits.subspan(i * classes, classes));
    };
    return loaded;
  });
}

}  // namespace mudra::cli
