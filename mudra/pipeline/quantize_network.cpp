#include "mudra/pipeline/quantize_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/share.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/decision_rule.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/pipeline/espdl_predictor.hpp"
#include "mudra/pipeline/float_network.hpp"
#include "mudra/pipeline/sets.hpp"
#include "mudra/pipeline/train_network.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/quantize.hpp"
#include "mudra/report/evaluation.hpp"
#include "mudra/sim/integer_run.hpp"
#include "mudra/sim/packed_model.hpp"
#include "mudra/sim/trace.hpp"

namespace mudra::pipeline {
namespace {

constexpr std::size_t kJudged = 128;  // calibration pictures that the printed error is of

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
void check_recipe(const Recipe& recipe) {
  const bool mixed = recipe.name == "mixed";
  if (!mixed && (!recipe.bits.empty() || !recipe.budget.empty()))
    fail("--bits and --budget belong to --recipe mixed");
  if (mixed && recipe.bits.empty() == recipe.budget.empty())
    fail("--recipe mixed needs either --bits NODE=16 or --budget bytes=N, macs=P% or us=N");
  if (recipe.name == "best" && recipe.calibration != "search")
    fail("--recipe best searches its exponents; leave --calibration out");
}

Made make_equalized(const graph::Graph& network, const Recipe& recipe, const quant::Pictures& pictures,
                    const quant::IntegerRun& run) {
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
  const quant::Equalized result = quant::equalized(unbounded, recipe.equalization);
  made.notes.push_back(fmt::format("{} pairs of layers equalized", result.pairs.size()));
  made.quantized = quant::quantize(result.network, quant::node_bits(result.network, {}), pictures,
                                   quant::calibration_named(recipe.calibration), run);
  return made;
}

Made make(const graph::Graph& network, const Recipe& recipe, const quant::Pictures& pictures,
          const quant::IntegerRun& run) {
  const auto calibration = quant::calibration_named(recipe.calibration);
  if (recipe.name == "best") return {quant::quantize_best(network, pictures, run), {}, {}, 0};
  if (recipe.name == "equalized") return make_equalized(network, recipe, pictures, run);
  if (!recipe.budget.empty()) {
    auto mixed = quant::quantize_mixed(network, pictures, calibration, quant::budget_named(recipe.budget),
                                       run, sim::picture_time());
    return {std::move(mixed.quantized), {}, std::move(mixed.curve), mixed.chosen};
  }
  std::vector<quant::BitsRule> rules;
  std::ranges::transform(recipe.bits, std::back_inserter(rules), bits_rule);
  return {quant::quantize(network, quant::node_bits(network, rules), pictures, calibration, run), {}, {}, 0};
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

}  // namespace

QuantizedNetwork quantize_network(const graph::Graph& source, const quant::Pictures& pictures,
                                  const Recipe& recipe) {
  check_recipe(recipe);
  graph::Graph folded = fold_pixel_normalization(source);
  const bool is_folded = folded.metadata != source.metadata;
  const auto picture = device::picture_shape(folded.tensor(folded.input).shape);
  if (picture && is_folded) state_preprocessing(folded, *picture);
  const graph::Graph network = quant::lowered(folded);
  quant::check_engine_limits(network);
  const quant::IntegerRun run = sim::integer_run();
  Made made = make(network, recipe, pictures, run);
  quant::check_chip_rules(made.quantized.network, made.quantized.scheme);

  QuantizedNetwork result;
  result.file.graph = std::move(made.quantized.integer);
  result.file.producer_version = MUDRA_VERSION;
  sim::TestVectors vectors =
      sim::test_vectors(result.file.graph, pictures, static_cast<std::size_t>(recipe.tests));
  quant::check_sums(vectors.sums);
  result.sums = std::move(vectors.sums);
  result.file.tests = std::move(vectors.tests);
  sim::add_traces(result.file);
  result.judged = std::min(kJudged, pictures.size());
  result.error = quant::Judge(network, pictures, kJudged, run)(result.file.graph);
  check_useful(result.error, network);
  result.bytes = format::write_espdl(result.file);
  result.notes = std::move(made.notes);
  if (is_folded)
    result.notes.push_back(
        fmt::format("the first layer took the normalization of pixels, {}, into its weights",
                    graph::text_of(normalization_of(source))));
  result.curve = std::move(made.curve);
  result.chosen = made.chosen;
  return result;
}

namespace {

constexpr const char* kMaxWrong = "5%";  // rendered hands, which mostly validate, are harder than real ones

// Labelled pictures to choose a rule of decision on, and what to call them; of none the set is empty.
struct Labelled {
  data::Dataset set;
  std::string name;
};

// The pictures of the part, or all, as the network's classes; if they are many, some all over them. Empty
// where they have no labels or others.
data::Dataset labelled_part(const data::Dataset& set, std::optional<data::Part> part, const Model& model) {
  constexpr std::size_t kMost = 4000;
  const auto is_known = [&](const std::string& name) { return data::index_of(model.class_names, name) >= 0; };
  if (!set.knows_labels() || set.shape != model.picture || !std::ranges::all_of(set.class_names, is_known))
    return {};
  std::vector<std::uint32_t> all, some;
  for (std::uint32_t i = 0; i < set.size(); ++i)
    if (!part || (set.states_split() && set.parts[i] == *part)) all.push_back(i);
  const std::size_t count = std::min(all.size(), kMost);
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
  return data::with_classes(data::subset(set, some), model.class_names);
}

// Those that chose the weights of the RUN that the model lies in; else of the set the part that validates, or
// all of it.
Labelled labelled_pictures(const QuantizeSettings& settings, const Model& model, const data::Dataset& set) {
  if (const auto validation = validation_pictures(model_file(settings.model).parent_path())) {
    data::Dataset labelled = labelled_part(*validation, {}, model);
    if (labelled.size() > 0)
      return {labelled, fmt::format("{} validation pictures of {}", labelled.size(), settings.model)};
  }
  data::Dataset labelled = labelled_part(set, data::Part::kValidation, model);
  if (labelled.size() > 0)
    return {labelled, fmt::format("{} validation pictures of {}", labelled.size(), set.name)};
  labelled = labelled_part(set, {}, model);
  return {labelled, fmt::format("{} calibration pictures of {}", labelled.size(), set.name)};
}

// A class is left at this share of the probability that it is entered at, as in the default rule.
constexpr double kLeave = 0.75;

// States in the network's file from which probability on it shows a class, so that at most `most_wrong` of
// the pictures are shown wrongly.
ChosenRule choose_rule(double most_wrong, const Labelled& labelled, QuantizedNetwork& network) {
  const report::Predictor predictor = espdl_predictor(network.file, network.bytes).predictor;
  std::vector<std::uint32_t> all(labelled.set.size());
  std::iota(all.begin(), all.end(), 0u);
  const auto judged = report::judge(predictor, labelled.set, all);
  const auto none = data::none_in(predictor.class_names);
  const double threshold = report::threshold_for(most_wrong, judged, none);
  const auto probability = [](double share) {
    return device::probability_of(static_cast<int>(std::lround(10000 * share)));
  };
  ChosenRule chosen{{.enter = probability(threshold), .leave = probability(kLeave * threshold)},
                    labelled.name,
                    report::decided_at(threshold, judged, none)};
  if (chosen.decided.wrong > most_wrong)
    print_err("warning: at any threshold more than {:.2f} % of {} are shown wrongly\n", 100 * most_wrong,
              labelled.name);
  graph::state_decision_rule(network.file.graph.metadata, chosen.rule);
  network.bytes = format::write_espdl(network.file);
  return chosen;
}

}  // namespace

WrittenNetwork quantize_network(const QuantizeSettings& settings) {
  quant::check_target(settings.target);
  check_recipe(settings.recipe);
  const double most_wrong = with_context("--max-wrong", [&] {
    return share_named(settings.max_wrong.empty() ? kMaxWrong : settings.max_wrong);
  });
  set_threads(settings.threads);
  const Model model = load_model(settings.model, listed_names(settings.classes), settings.normalize);
  tell_notes(model, settings.model);
  const graph::Graph loaded = float_network(model, settings.model);
  with_context(settings.model, [&] { quant::check_engine_limits(quant::lowered(loaded)); });
  data::Dataset known = load_known_sets(settings.sets, model);
  const Labelled labelled = labelled_pictures(settings, model, known);
  if (labelled.set.size() == 0 && !settings.max_wrong.empty())
    fail("--max-wrong needs pictures that are labelled with the network's classes, and {} has none",
         known.name);
  const data::Dataset set = calibration_part(std::move(known));
  WrittenNetwork written{
      .network = with_context(settings.model,
                              [&] { return quantize_network(loaded, pictures_of(set), settings.recipe); }),
      .decision = {},
      .set = set.name,
      .pictures = set.size()};
  if (labelled.set.size() > 0)
    written.decision = choose_rule(most_wrong, labelled, written.network);
  else if (const auto stated = graph::stated_decision_rule(loaded.metadata))
    written.decision.rule = *stated;
  const std::vector<std::uint8_t>& bytes = written.network.bytes;
  if (!settings.packed) {
    write_file(settings.out, bytes);
    return written;
  }
  const auto packed = sim::with_packed_weights(bytes);
  written.packed_bytes = packed.size() - bytes.size();
  write_file(settings.out, packed);
  return written;
}

}  // namespace mudra::pipeline
