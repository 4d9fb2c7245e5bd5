#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "mudra/base/shell.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

template <typename Items, typename Name>
int width_of(const Items& items, Name name) {
  std::size_t width = 6;
  for (const auto& item : items) width = std::max(width, std::invoke(name, item).size());
  return static_cast<int>(width);
}

std::string text_of(const std::vector<quant::LayerNoise>& layers) {
  const int width = width_of(layers, &quant::LayerNoise::node);
  double most = 0;
  for (const quant::LayerNoise& layer : layers) most = std::max(most, layer.graphwise);
  std::string text = printed("{:<{}}  {:>10}  {:>10}  graphwise\n", "layer", width, "layerwise", "graphwise");
  for (const quant::LayerNoise& layer : layers)
    text += printed("{:<{}}  {:>8.3f} %  {:>8.3f} %  {}\n", layer.node, width, 100 * layer.layerwise,
                    100 * layer.graphwise, bar(layer.graphwise, most));
  return text;
}

std::string text_of(const std::vector<quant::TensorUse>& tensors) {
  const int width = width_of(tensors, &quant::TensorUse::tensor);
  std::string text = printed("{:<{}}  {:>4}  {:>8}  {:>10}  {:>10}  {}\n", "tensor", width, "bits",
                             "exponent", "cut off", "range used", "would like");
  for (const quant::TensorUse& use : tensors)
    text += printed("{:<{}}  {:>4}  {:>8}  {:>8.3f} %  {:>8.0f} %  {:>10}  {}\n", use.tensor, width, use.bits,
                    use.exponent, 100 * use.saturated, 100 * use.used,
                    use.liked == use.exponent ? "" : fmt::to_string(use.liked), bar(use.saturated, 1));
  return text;
}

// Whether the ranges of the file suit the pictures it was looked at with.
std::string verdict_on_ranges(const pipeline::AnalyzeSettings& settings,
                              const std::vector<quant::TensorUse>& tensors) {
  const auto narrow = std::ranges::count_if(tensors, &quant::TensorUse::is_too_narrow);
  const quant::TensorUse& most = *std::ranges::max_element(tensors, {}, &quant::TensorUse::saturated);
  if (narrow == 0)
    return printed("ranges: they suit these pictures; at most {:.2f} % of a tensor's values are cut off\n",
                   100 * most.saturated);
  return printed(
      "ranges: too narrow for these pictures in {} of {} tensors, up to {:.1f} % of the values cut off "
      "('{}'); quantize "
      "again with such pictures: mudra quantize {} --data {} --out {}\n",
      narrow, tensors.size(), 100 * most.saturated, most.tensor, shell_word(settings.model),
      shell_word(settings.sets.front()), shell_word(settings.espdl));
}

Json json_of(const pipeline::Analyzed& analyzed) {
  const auto& [analysis, error, set, pictures] = analyzed;
  Json graphwise = Json::object(), layerwise = Json::object(), saturation = Json::object(),
       used = Json::object(), exponents = Json::object(), liked = Json::object(), narrow = Json::array();
  for (const quant::LayerNoise& layer : analysis.layers) {
    graphwise[layer.node] = layer.graphwise;
    layerwise[layer.node] = layer.layerwise;
  }
  for (const quant::TensorUse& use : analysis.tensors) {
    saturation[use.tensor] = use.saturated;
    used[use.tensor] = use.used;
    exponents[use.tensor] = use.exponent;
    liked[use.tensor] = use.liked;
    if (use.is_too_narrow()) narrow.push_back(use.tensor);
  }
  return {{"images", pictures},
          {"analyzed_images", std::min(pictures, quant::kAnalyzedPictures)},
          {"graphwise", std::move(graphwise)},
          {"layerwise", std::move(layerwise)},
          {"logits_noise", error.noise},
          {"agreement", error.agreement},
          {"saturation", std::move(saturation)},
          {"range_used", std::move(used)},
          {"exponents", std::move(exponents)},
          {"liked_exponents", std::move(liked)},
          {"quantize_again", !narrow.empty()},
          {"too_narrow", std::move(narrow)}};
}

}  // namespace

void add_options(OptionTable& command, pipeline::AnalyzeSettings& settings) {
  command.add_option("FLOAT", settings.model, "The float network: .pth, .onnx, .tflite, or a RUN folder")
      ->required();
  command.add_option("X.espdl", settings.espdl, "What was made of it")->required();
  command
      .add_option("--data", settings.sets,
                  "Pictures, best others than it was calibrated with; labels not needed: a .npz, a .npy, a "
                  "folder, or synthetic[:N]")
      ->type_name("SET")
      ->required();
  add_normalize_option(command, settings.normalize);
  add_threads_option(command, settings.threads);
}

Answer run(const pipeline::AnalyzeSettings& settings) {
  const auto analyzed = pipeline::analyze_network(settings);
  const auto& [analysis, error, set, pictures] = analyzed;
  return {
      .text = printed("{} beside {}, on {}: {} pictures, of which the tables look at {}\n", settings.espdl,
                      settings.model, set, pictures, std::min(pictures, quant::kAnalyzedPictures)) +
              fmt::format("logit noise {:.3f} %, same class {:.2f} %\n\n", 100 * error.noise,
                          100 * error.agreement) +
              text_of(analysis.layers) + "\n" + text_of(analysis.tensors) + "\n" +
              verdict_on_ranges(settings, analysis.tensors),
      .json = json_of(analyzed)};
}

void add_analyze(CLI::App& app) {
  add_command<pipeline::AnalyzeSettings>(app, "analyze",
                                         "Show layer by layer what quantizing cost, beside the float network")
      .footer("\nExample:\n  mudra analyze run run/best.espdl --data other_people.npz");
}

}  // namespace mudra::cli
