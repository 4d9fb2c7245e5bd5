#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/pipeline/float_network.hpp"
#include "mudra/pipeline/sets.hpp"
#include "mudra/quant/analysis.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/sim/integer_run.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct AnalyzeOptions {
  std::string model, espdl;
  std::vector<std::string> sets;
  int threads = 0;
  bool json = false;
};

// A bar for a share of the widest one.
std::string bar(double value, double most) {
  constexpr double kWidth = 30;
  return std::string(static_cast<std::size_t>(std::lround(most > 0 ? kWidth * value / most : 0)), '#');
}

template <typename Items, typename Name>
int width_of(const Items& items, Name name) {
  std::size_t width = 6;
  for (const auto& item : items) width = std::max(width, std::invoke(name, item).size());
  return static_cast<int>(width);
}

void print_layers(const std::vector<quant::LayerNoise>& layers) {
  const int width = width_of(layers, &quant::LayerNoise::node);
  double most = 0;
  for (const quant::LayerNoise& layer : layers) most = std::max(most, layer.graphwise);
  print_out("{:<{}}  {:>10}  {:>10}  graphwise\n", "layer", width, "layerwise", "graphwise");
  for (const quant::LayerNoise& layer : layers)
    print_out("{:<{}}  {:>8.3f} %  {:>8.3f} %  {}\n", layer.node, width, 100 * layer.layerwise,
              100 * layer.graphwise, bar(layer.graphwise, most));
}

void print_tensors(const std::vector<quant::TensorUse>& tensors) {
  const int width = width_of(tensors, &quant::TensorUse::tensor);
  print_out("{:<{}}  {:>4}  {:>8}  {:>10}  {:>10}  {}\n", "tensor", width, "bits", "exponent", "cut off",
            "range used", "would like");
  for (const quant::TensorUse& use : tensors)
    print_out("{:<{}}  {:>4}  {:>8}  {:>8.3f} %  {:>8.0f} %  {:>10}  {}\n", use.tensor, width, use.bits,
              use.exponent, 100 * use.saturated, 100 * use.used,
              use.liked == use.exponent ? "" : fmt::to_string(use.liked), bar(use.saturated, 1));
}

Json json_of(const quant::Analysis& analysis, const quant::OutputError& error, std::size_t pictures) {
  Json graphwise = Json::object(), layerwise = Json::object(), saturation = Json::object(),
       used = Json::object(), exponents = Json::object(), liked = Json::object();
  for (const quant::LayerNoise& layer : analysis.layers) {
    graphwise[layer.node] = layer.graphwise;
    layerwise[layer.node] = layer.layerwise;
  }
  for (const quant::TensorUse& use : analysis.tensors) {
    saturation[use.tensor] = use.saturated;
    used[use.tensor] = use.used;
    exponents[use.tensor] = use.exponent;
    liked[use.tensor] = use.liked;
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
          {"liked_exponents", std::move(liked)}};
}

void run_analyze(const AnalyzeOptions& options) {
  set_threads(options.threads);
  const pipeline::Model model = pipeline::load_model(options.model);
  const graph::Graph loaded = pipeline::float_network(model, options.model);
  const graph::Graph network = with_context(options.model, [&] { return quant::lowered(loaded); });
  const format::EspdlFile file = format::load_espdl(options.espdl);
  const data::Dataset set = pipeline::load_other_sets(options.sets, model.picture);
  const quant::Pictures pictures = pipeline::pictures_of(set);
  const quant::Analysis analysis =
      with_context(options.espdl, [&] { return quant::analyze(network, file.graph, pictures); });
  const quant::OutputError error = with_context(options.espdl, [&] {
    return quant::Judge(network, pictures, pictures.size(), sim::integer_run())(file.graph);
  });
  if (options.json) {
    print_json(json_of(analysis, error, pictures.size()));
    return;
  }
  print_out("{} beside {}, on {}: {} pictures, of which the tables look at {}\n", options.espdl,
            options.model, set.name, pictures.size(), std::min(pictures.size(), quant::kAnalyzedPictures));
  print_out("logit noise {:.3f} %, same class {:.2f} %\n\n", 100 * error.noise, 100 * error.agreement);
  print_layers(analysis.layers);
  print_out("\n");
  print_tensors(analysis.tensors);
}

}  // namespace

void add_analyze(CLI::App& app) {
  const auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command =
      app.add_subcommand("analyze", "Show layer by layer what quantizing cost, beside the float network");
  command->add_option("FLOAT", options->model, "The float network: .pth, .onnx, .tflite, or a RUN folder")
      ->required();
  command->add_option("X.espdl", options->espdl, "What was made of it")->required();
  command
      ->add_option("--data", options->sets,
                   "Pictures, best others than it was calibrated with; labels not needed: a .npz, a .npy, a "
                   "folder, or synthetic[:N]")
      ->type_name("SET")
      ->required();
  command->add_option("--threads", options->threads, "0: as many as there are cores")->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document");
  command->footer("\nExample:\n  mudra analyze run run/best.espdl --data other_people.npz");
  command->callback([options] { run_analyze(*options); });
}

}  // namespace mudra::cli
