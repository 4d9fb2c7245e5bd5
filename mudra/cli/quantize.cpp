#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/decision_rule.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

// "8 of 20 bits" of sums that cannot be proved safe, over the test pictures.
std::string text_of(const std::vector<quant::SumUse>& uses) {
  if (uses.empty()) return "proved to fit their accumulators for any picture";
  std::int64_t channels = 0;
  double largest = 0;
  for (const quant::SumUse& use : uses) {
    channels += use.unproven;
    largest = std::max(largest, use.largest);
  }
  return fmt::format(
      "{} channels of {} layers are not proved to fit for any picture; on the test pictures "
      "they use {:.0f} % of their accumulators",
      channels, uses.size(), 100 * largest);
}

Json exponents_of(const graph::Graph& integer) {
  Json exponents = Json::object();
  for (const graph::Tensor& tensor : integer.tensors) exponents[tensor.name] = *tensor.exponent;
  return exponents;
}

std::vector<std::string> wide_nodes(const graph::Graph& integer) {
  std::vector<std::string> names;
  for (const graph::Node& node : integer.nodes)
    if (graph::has_weights(node) && integer.tensor(node.output).type == graph::Type::kInt16)
      names.push_back(node.name);
  return names;
}

std::string text_of_curve(const pipeline::QuantizedNetwork& made) {
  std::string text =
      fmt::format("\n{:<40}  {:>11}  {:>12}  {:>11}  {:>10}{}\n", "16 bits also for", "extra bytes",
                  "16-bit MACs", "logit noise", "same class", made.curve.front().us ? "  us, estimated" : "");
  for (std::size_t i = 0; i < made.curve.size(); ++i) {
    const quant::TradeOff& point = made.curve[i];
    text +=
        printed("{:<40}  {:>11}  {:>10.1f} %  {:>9.3f} %  {:>8.2f} %{}{}\n",
                point.node.empty() ? "(none)" : point.node, point.extra_bytes, 100 * point.wide_share,
                100 * point.error.noise, 100 * point.error.agreement,
                point.us ? fmt::format("  {:>13.0f}", *point.us) : "", i == made.chosen ? "  <- chosen" : "");
  }
  return text;
}

Json curve_json(const pipeline::QuantizedNetwork& made) {
  Json curve = Json::array();
  for (const quant::TradeOff& point : made.curve)
    curve.push_back({{"node", point.node},
                     {"extra_bytes", point.extra_bytes},
                     {"wide_share", point.wide_share},
                     {"logits_noise", point.error.noise},
                     {"agreement", point.error.agreement},
                     {"us", point.us ? Json(*point.us) : Json(nullptr)}});
  return curve;
}

std::string text_of(const pipeline::ChosenRule& decision) {
  const auto& [rule, pictures, decided] = decision;
  if (pictures.empty())
    return fmt::format("shown {}; no labelled pictures to choose that on\n", graph::text_of(rule));
  return printed("shown {}, chosen on {}: right {:.2f} %, unknown {:.2f} %, wrong {:.2f} %\n",
                 graph::text_of(rule), pictures, 100 * decided.right, 100 * decided.unknown,
                 100 * decided.wrong);
}

Json json_of(const pipeline::ChosenRule& decision) {
  const auto& [rule, pictures, decided] = decision;
  Json json = {{"pictures", rule.pictures},
               {"enter", graph::threshold_of(rule)},
               {"leave", device::hundredths_of_percent(rule.leave) / 10000.0},
               {"chosen_on", pictures}};
  if (!pictures.empty())
    json.update({{"right", decided.right}, {"unknown", decided.unknown}, {"wrong", decided.wrong}});
  return json;
}

std::string text_of(const pipeline::QuantizeSettings& settings, const pipeline::WrittenNetwork& written,
                    const std::vector<std::string>& wide, double cpu_seconds) {
  const pipeline::QuantizedNetwork& made = written.network;
  std::string text = printed("{}: {}, {} bytes, calibrated on {} pictures of {}\n", settings.out,
                             settings.recipe.name, made.bytes.size(), written.pictures, written.set);
  for (const std::string& note : made.notes) text += printed("{}\n", note);
  if (!wide.empty()) text += printed("in 16 bits: {}\n", fmt::format("{}", fmt::join(wide, ", ")));
  text += fmt::format(
      "against the float network, on {} of these pictures: logit noise {:.3f} %, same class {:.2f} %\n",
      made.judged, 100 * made.error.noise, 100 * made.error.agreement);
  text += fmt::format("sums: {}\n", text_of(made.sums));
  text += fmt::format("test vectors: {}, {} of the bytes; the simulator and the chip's engine agree\n",
                      made.file.tests.size(), format::test_vector_bytes(made.file));
  text += text_of(written.decision);
  if (written.packed_bytes > 0)
    text += fmt::format("packed weights: {} bytes behind the model\n", written.packed_bytes);
  text += fmt::format("{:.2f} CPU seconds\n", cpu_seconds);
  return made.curve.empty() ? text : text + text_of_curve(made);
}

}  // namespace

void add_options(OptionTable& command, pipeline::QuantizeSettings& settings) {
  pipeline::Recipe& recipe = settings.recipe;
  command.add_option("MODEL", settings.model, "A .pth, .onnx or float .tflite file, or a RUN folder")
      ->required();
  command
      .add_option("--data", settings.sets,
                  "Pictures to calibrate with, labels not needed: a .npz, a .npy, a folder, or synthetic[:N]")
      ->type_name("SET")
      ->required();
  command.add_option("--out", settings.out, "The file to write")->type_name("X.espdl")->required();
  command
      .add_option("--recipe", recipe.name,
                  "int8: 8 bits throughout; mixed: some layers in 16; equalized: with cross-layer "
                  "equalization; best: int8 with all that lessens the error")
      ->check(CLI::IsMember({"int8", "mixed", "equalized", "best"}))
      ->capture_default_str();
  command.add_option("--calibration", recipe.calibration, "How exponents of activations are chosen")
      ->check(CLI::IsMember({"minmax", "percentile", "mse", "kl", "search"}))
      ->capture_default_str();
  command.add_option("--bits", recipe.bits, "mixed: bits of a node; * stands for any characters")
      ->type_name("NODE=16");
  command
      .add_option(
          "--budget", recipe.budget,
          "mixed: choose the nodes, within N extra bytes, P % of the multiply-adds in 16 bits or N us of a "
          "picture on the chip, estimated, not measured")
      ->type_name("bytes=N|macs=P%|us=N");
  command.add_option("--iterations", recipe.equalization.iterations, "equalized: how often")
      ->capture_default_str();
  command
      .add_option("--threshold", recipe.equalization.threshold,
                  "equalized: channels with smaller weights stay")
      ->capture_default_str();
  command
      .add_option("--level", recipe.equalization.level,
                  "equalized: 1 joins layers through Relu and pooling, 2 also through Add, 3 also Flatten")
      ->check(CLI::Range(1, 3))
      ->capture_default_str();
  command
      .add_option("--max-wrong", settings.max_wrong,
                  "Show a class from the least probability on, of at least 60 %, at which at most so many "
                  "pictures are shown wrongly: validation pictures of the RUN or SET, else calibration "
                  "pictures; 5% unless given")
      ->type_name("P%");
  command.add_option("--target", settings.target, "The chip")->capture_default_str();
  command.add_option("--tests", recipe.tests, "Test vectors in the file")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_flag(
      "--packed", settings.packed,
      "Append the weights as the chip's vector kernels want them, so that the engine uses them where "
      "they lie");
  add_classes_option(command, settings.classes);
  add_normalize_option(command, settings.normalize);
  add_threads_option(command, settings.threads);
}

Answer run(const pipeline::QuantizeSettings& settings) {
  const std::clock_t began = std::clock();
  const pipeline::WrittenNetwork written = pipeline::quantize_network(settings);
  const double cpu_seconds = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  const pipeline::QuantizedNetwork& made = written.network;
  const std::vector<std::string> wide = wide_nodes(made.file.graph);
  return {.text = text_of(settings, written, wide, cpu_seconds),
          .json = {{"recipe", settings.recipe.name},
                   {"calibration", settings.recipe.calibration},
                   {"bytes", made.bytes.size()},
                   {"test_vector_bytes", format::test_vector_bytes(made.file)},
                   {"packed_bytes", written.packed_bytes},
                   {"calibration_images", written.pictures},
                   {"logits_noise", made.error.noise},
                   {"agreement", made.error.agreement},
                   {"test_vectors", made.file.tests.size()},
                   {"decision", json_of(written.decision)},
                   {"wide_nodes", wide},
                   {"notes", made.notes},
                   {"curve", curve_json(made)},
                   {"exponents", exponents_of(made.file.graph)},
                   {"cpu_seconds", cpu_seconds}}};
}

void add_quantize(CLI::App& app) {
  add_command<pipeline::QuantizeSettings>(app, "quantize",
                                          "Make an integer .espdl for the ESP32-S3 of a float network")
      .footer("\nExample:\n  mudra quantize run --data leap.npz --out run/best.espdl --recipe best");
}

}  // namespace mudra::cli
