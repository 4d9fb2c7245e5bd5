#include "mudra/quant/quantize.hpp"
#include "mudra/graph/operations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/option_table.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/pipeline/float_network.hpp"
#include "mudra/pipeline/sets.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/equalize.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/mixed.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/sim/integer_run.hpp"
#include "mudra/sim/trace.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kJudged = 128;  // calibration pictures that the printed error is of

struct QuantizeOptions {
  std::string model, out, classes, recipe = "int8", calibration = "search", budget, target = "esp32s3";
  std::vector<std::string> sets, bits;
  quant::Equalization equalization;
  int tests = 8, threads = 0;
  bool json = false;
};

// What a recipe made, and what is to be told about it.
struct Made {
  quant::Quantized quantized;
  std::vector<std::string> notes;
  std::vector<quant::TradeOff> curve;
  std::size_t chosen = 0;
};

quant::BitsRule bits_rule(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  const std::string bits = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (bits != "8" && bits != "16") fail("--bits '{}': give NODE=8 or NODE=16", text);
  return {text.substr(0, equals), bits == "8" ? 8 : 16};
}

// Options that another recipe than the chosen one takes are mistakes.
void check_recipe(const QuantizeOptions& options) {
  const bool mixed = options.recipe == "mixed";
  if (!mixed && (!options.bits.empty() || !options.budget.empty()))
    fail("--bits and --budget belong to --recipe mixed");
  if (mixed && options.bits.empty() == options.budget.empty())
    fail("--recipe mixed needs either --bits NODE=16 or --budget bytes=N or macs=P%");
  if (options.recipe == "best" && options.calibration != "search")
    fail("--recipe best searches its exponents; leave --calibration out");
}

Made make_equalized(const graph::Graph& network, const QuantizeOptions& options,
                    const quant::Pictures& pictures, const quant::IntegerRun& run) {
  Made made;
  graph::Graph unbounded = quant::lowered(quant::with_relu_for_relu6(network));
  if (unbounded != network) {
    constexpr std::size_t kCompared = 256;
    const quant::PictureCopy copy(pictures, kCompared);
    const quant::Pictures some = copy.pictures();
    const auto expected = quant::float_outputs(network, some);
    const auto change =
        quant::compare(expected, quant::float_outputs(unbounded, some), expected.size() / some.size());
    made.notes.push_back(fmt::format(
        "ReLU6 became ReLU, another function: logit noise {:.2f} %, same class for {:.2f} % of {} "
        "pictures, before quantizing; train with --activation relu to change nothing",
        100 * change.noise, 100 * change.agreement, some.size()));
    print_err("{}\n", made.notes.back());
  }
  const quant::Equalized result = quant::equalized(unbounded, options.equalization);
  made.notes.push_back(fmt::format("{} pairs of layers equalized", result.pairs.size()));
  made.quantized = quant::quantize(result.network, quant::node_bits(result.network, {}), pictures,
                                   quant::calibration_named(options.calibration), run);
  return made;
}

Made make(const graph::Graph& network, const QuantizeOptions& options, const quant::Pictures& pictures,
          const quant::IntegerRun& run) {
  const auto calibration = quant::calibration_named(options.calibration);
  if (options.recipe == "best") return {quant::quantize_best(network, pictures, run), {}, {}, 0};
  if (options.recipe == "equalized") return make_equalized(network, options, pictures, run);
  if (!options.budget.empty()) {
    auto mixed =
        quant::quantize_mixed(network, pictures, calibration, quant::budget_named(options.budget), run);
    return {std::move(mixed.quantized), {}, std::move(mixed.curve), mixed.chosen};
  }
  std::vector<quant::BitsRule> rules;
  std::ranges::transform(options.bits, std::back_inserter(rules), bits_rule);
  return {quant::quantize(network, quant::node_bits(network, rules), pictures, calibration, run), {}, {}, 0};
}

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

void print_curve(const Made& made) {
  print_out("\n{:<40}  {:>11}  {:>12}  {:>11}  {:>10}\n", "16 bits also for", "extra bytes", "16-bit MACs",
            "logit noise", "same class");
  for (std::size_t i = 0; i < made.curve.size(); ++i) {
    const quant::TradeOff& point = made.curve[i];
    print_out("{:<40}  {:>11}  {:>10.1f} %  {:>9.3f} %  {:>8.2f} %{}\n",
              point.node.empty() ? "(none)" : point.node, point.extra_bytes, 100 * point.wide_share,
              100 * point.error.noise, 100 * point.error.agreement, i == made.chosen ? "  <- chosen" : "");
  }
}

Json curve_json(const Made& made) {
  Json curve = Json::array();
  for (const quant::TradeOff& point : made.curve)
    curve.push_back({{"node", point.node},
                     {"extra_bytes", point.extra_bytes},
                     {"wide_share", point.wide_share},
                     {"logits_noise", point.error.noise},
                     {"agreement", point.error.agreement}});
  return curve;
}

// Integers that know the float network's class no better than by guessing are an Error.
void check_useful(const quant::OutputError& error, const graph::Graph& network) {
  constexpr double kLeast = 0.1;  // of the way from guessing to always the same class
  const double guessed = 1 / static_cast<double>(network.tensor(network.output).shape.back());
  if (guessed >= 1 || error.agreement - guessed > kLeast * (1 - guessed)) return;
  const graph::Tensor* suspect = nullptr;
  float largest = 0;
  for (const graph::Tensor& tensor : network.tensors) {
    if (!tensor.values || tensor.type != graph::Type::kFloat32) continue;
    for (const float value : graph::float_values(tensor)) {
      if (std::abs(value) <= largest) continue;
      largest = std::abs(value);
      suspect = &tensor;
    }
  }
  fail(
      "its integers give the float network's class for {:.2f} % of the pictures, no better than guessing, so "
      "nothing is written; its largest weight is {:g}, in '{}'; if that is as it should be, calibrate with "
      "pictures like those it was trained on, or take another --recipe",
      100 * error.agreement, largest, suspect == nullptr ? "" : suspect->name);
}

void run_quantize(const QuantizeOptions& options) {
  quant::check_target(options.target);
  check_recipe(options);
  set_threads(options.threads);
  const pipeline::Model model = pipeline::load_model(options.model, pipeline::listed_names(options.classes));
  pipeline::tell_notes(model, options.model);
  const graph::Graph loaded = pipeline::float_network(model, options.model);
  const graph::Graph network = with_context(options.model, [&] { return quant::lowered(loaded); });
  with_context(options.model, [&] { quant::check_engine_limits(network); });
  const data::Dataset set = pipeline::load_calibration_sets(options.sets, model.picture);
  const quant::Pictures pictures = pipeline::pictures_of(set);
  const quant::IntegerRun run = sim::integer_run();
  const Made made = make(network, options, pictures, run);
  quant::check_chip_rules(made.quantized.network, made.quantized.scheme);

  format::EspdlFile file;
  file.graph = made.quantized.integer;
  file.producer_version = MUDRA_VERSION;
  const sim::TestVectors vectors =
      sim::test_vectors(file.graph, pictures, static_cast<std::size_t>(options.tests));
  quant::check_sums(vectors.sums);
  file.tests = vectors.tests;
  sim::add_traces(file);
  const auto error = quant::Judge(network, pictures, kJudged, run)(made.quantized.integer);
  with_context(options.model, [&] { check_useful(error, network); });
  const auto bytes = format::write_espdl(file);
  write_file(options.out, bytes);

  const double cpu_seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  const std::vector<std::string> wide = wide_nodes(file.graph);
  if (options.json) {
    print_json({{"recipe", options.recipe},
                {"calibration", options.calibration},
                {"bytes", bytes.size()},
                {"test_vector_bytes", format::test_vector_bytes(file)},
                {"calibration_images", pictures.size()},
                {"logits_noise", error.noise},
                {"agreement", error.agreement},
                {"test_vectors", file.tests.size()},
                {"wide_nodes", wide},
                {"notes", made.notes},
                {"curve", curve_json(made)},
                {"exponents", exponents_of(file.graph)},
                {"cpu_seconds", cpu_seconds}});
    return;
  }
  print_out("{}: {}, {} bytes, calibrated on {} pictures of {}\n", options.out, options.recipe, bytes.size(),
            pictures.size(), set.name);
  for (const std::string& note : made.notes) print_out("{}\n", note);
  if (!wide.empty()) print_out("in 16 bits: {}\n", fmt::format("{}", fmt::join(wide, ", ")));
  print_out("against the float network, on {} of these pictures: logit noise {:.3f} %, same class {:.2f} %\n",
            std::min(kJudged, pictures.size()), 100 * error.noise, 100 * error.agreement);
  print_out("sums: {}\n", text_of(vectors.sums));
  print_out("test vectors: {}, {} of the bytes; the simulator and the chip's engine agree\n",
            file.tests.size(), format::test_vector_bytes(file));
  print_out("{:.2f} CPU seconds\n", cpu_seconds);
  if (!made.curve.empty()) print_curve(made);
}

}  // namespace

void add_quantize(CLI::App& app) {
  const auto options = std::make_shared<QuantizeOptions>();
  CLI::App* command =
      app.add_subcommand("quantize", "Make an integer .espdl for the ESP32-S3 of a float network");
  command->add_option("MODEL", options->model, "A .pth, .onnx or float .tflite file, or a RUN folder")
      ->required();
  command
      ->add_option(
          "--data", options->sets,
          "Pictures to calibrate with, labels not needed: a .npz, a .npy, a folder, or synthetic[:N]")
      ->type_name("SET")
      ->required();
  command->add_option("--out", options->out, "The file to write")->type_name("X.espdl")->required();
  command
      ->add_option("--recipe", options->recipe,
                   "int8: 8 bits throughout; mixed: some layers in 16; equalized: with cross-layer "
                   "equalization; best: int8 with all that lessens the error")
      ->check(CLI::IsMember({"int8", "mixed", "equalized", "best"}))
      ->capture_default_str();
  command->add_option("--calibration", options->calibration, "How exponents of activations are chosen")
      ->check(CLI::IsMember({"minmax", "percentile", "mse", "kl", "search"}))
      ->capture_default_str();
  command->add_option("--bits", options->bits, "mixed: bits of a node; * stands for any characters")
      ->type_name("NODE=16");
  command
      ->add_option("--budget", options->budget,
                   "mixed: choose the nodes, within N extra bytes or P % of the multiply-adds in 16 bits")
      ->type_name("bytes=N|macs=P%");
  command->add_option("--iterations", options->equalization.iterations, "equalized: how often")
      ->capture_default_str();
  command
      ->add_option("--threshold", options->equalization.threshold,
                   "equalized: channels with smaller weights stay")
      ->capture_default_str();
  command
      ->add_option("--level", options->equalization.level,
                   "equalized: 1 joins layers through Relu and pooling, 2 also through Add, 3 also Flatten")
      ->check(CLI::Range(1, 3))
      ->capture_default_str();
  command->add_option("--target", options->target, "The chip")->capture_default_str();
  command->add_option("--tests", options->tests, "Test vectors in the file")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  add_classes_option(*command, options->classes);
  command->add_option("--threads", options->threads, "0: as many as there are cores")->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document");
  command->footer("\nExample:\n  mudra quantize run --data leap.npz --out run/best.espdl --recipe best");
  command->callback([options] { run_quantize(*options); });
}

}  // namespace mudra::cli
