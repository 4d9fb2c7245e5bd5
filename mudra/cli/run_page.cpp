#include "mudra/cli/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/markup.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/leakage.hpp"
#include "mudra/data/synthetic_set.hpp"
#include "mudra/deploy/deployment.hpp"
#include "mudra/deploy/memory_picture.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/profile_model.hpp"
#include "mudra/train/monitor.hpp"

namespace mudra::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kBest = "best.espdl";
constexpr std::size_t kMostMistakes = 4;  // among the sample pictures

std::vector<std::uint32_t> all_of(const data::Dataset& set) {
  std::vector<std::uint32_t> indices(set.size());
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

Json read_json(const fs::path& path) {
  const std::string text = read_text(path);
  return with_context(path.string(), [&] {
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) fail("not the JSON that belongs there");
    return json;
  });
}

// One picture of each class, each of another person where there are several, then a few of those that a
// network takes for something else, spread over them. The evaluations are of the whole set, in its order.
std::vector<report::PageSample> samples_of(const report::Evaluation& float_said,
                                           const report::Evaluation& integer_said, const data::Dataset& set) {
  std::vector<std::vector<std::size_t>> right(set.class_names.size());
  std::vector<std::size_t> chosen, mistaken;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const auto actual = static_cast<std::size_t>(set.labels[i]);
    if (float_said.pictures[i].said != actual || integer_said.pictures[i].said != actual)
      mistaken.push_back(i);
    else
      right[actual].push_back(i);
  }
  for (std::size_t c = 0; c < right.size(); ++c)
    if (!right[c].empty()) chosen.push_back(right[c][(2 * c + 1) * right[c].size() / (2 * right.size())]);
  const std::size_t mistakes = std::min(mistaken.size(), kMostMistakes);
  for (std::size_t k = 0; k < mistakes; ++k)
    chosen.push_back(mistaken[(2 * k + 1) * mistaken.size() / (2 * mistakes)]);

  std::vector<report::PageSample> samples;
  for (const std::size_t i : chosen) {
    const report::JudgedPicture &by_float = float_said.pictures[i], &by_integer = integer_said.pictures[i];
    samples.push_back({.png = data::encode_png(set.image(i), set.shape),
                       .actual = set.class_names[static_cast<std::size_t>(set.labels[i])],
                       .by_float = set.class_names[by_float.said],
                       .by_integer = set.class_names[by_integer.said],
                       .float_confidence = by_float.probability,
                       .integer_confidence = by_integer.probability});
  }
  return samples;
}

std::vector<report::PageEpoch> epochs_of(const fs::path& metrics) {
  std::vector<report::PageEpoch> epochs;
  std::istringstream lines(read_text(metrics));
  for (std::string line; std::getline(lines, line);) {
    const train::EpochMetrics epoch = train::metrics_from_json_line(line);
    epochs.push_back({epoch.epoch, epoch.train_loss, epoch.train_accuracy, epoch.validation_loss,
                      epoch.validation_accuracy});
  }
  return epochs;
}

report::RandomSplit random_split_of(const fs::path& folder, std::uint64_t seed, const data::Dataset& unseen,
                                    const report::Judged& judged) {
  const report::Predictor predictor = pipeline::load_predictor(folder / "random_split").predictor;
  const data::Dataset seen =
      data::with_classes(data::load_set((folder / "seen.npz").string()), predictor.class_names);
  // As the training split the set.
  const data::Split split = data::split_random(seen, {}, seed);
  const report::Evaluation own = report::evaluate(predictor, seen, {"random", split.name, split.test});
  return {.own_accuracy = accuracy_of(own),
          .own_images = split.test.size(),
          .leaked = data::measure_leakage(seen, split).leaked,
          .unseen = report::evaluate(predictor, data::with_classes(unseen, predictor.class_names), judged)};
}

std::vector<report::PageRecipe> recipes_of(const fs::path& folder, const report::Evaluation& by_float,
                                           const data::Dataset& unseen, const report::Judged& judged) {
  std::vector<report::PageRecipe> recipes = {{.name = "float",
                                              .file = "model.pth",
                                              .bytes = by_float.bytes,
                                              .test_vector_bytes = 0,
                                              .arena_bytes = {},
                                              .accuracy = accuracy_of(by_float),
                                              .agreement = 1,
                                              .noise = 0}};
  for (const char* name : {"int8", "mixed", "equalized", "best"}) {
    const fs::path file = folder / fmt::format("{}.espdl", name);
    const Json noise = read_json(folder / fmt::format("{}.noise.json", name));
    const report::Predictor predictor = pipeline::load_predictor(file).predictor;
    const auto evaluation = report::evaluate(predictor, unseen, judged);
    recipes.push_back({.name = name,
                       .file = file.filename().string(),
                       .bytes = evaluation.bytes,
                       .test_vector_bytes = evaluation.test_vector_bytes,
                       .arena_bytes = predictor.arena_bytes,
                       .accuracy = accuracy_of(evaluation),
                       .agreement = noise.at("agreement"),
                       .noise = noise.at("logits_noise")});
  }
  return recipes;
}

std::vector<report::PageLayer> layers_of(const Json& noise) {
  std::vector<report::PageLayer> layers;
  for (const auto& [node, ratio] : noise.at("graphwise").items())
    layers.push_back({node, ratio, noise.at("layerwise").at(node)});
  return layers;
}

report::PageMemory memory_of(const deploy::ArenaPlan& plan) {
  report::PageMemory memory{
      .svg = deploy::arena_svg(plan, "memory over time"), .steps = {}, .arena_bytes = plan.arena_bytes};
  for (const deploy::ArenaStep& step : plan.steps)
    memory.steps.push_back({step.makes, step.bytes, step.multiply_adds});
  return memory;
}

report::PageCost cost_of(const fs::path& model) {
  const sim::Profile profile = pipeline::profile_model({.model = model.string()});
  report::PageCost cost{.time = {profile.time.estimate, profile.time.low, profile.time.high},
                        .half_rate_us = profile.half_rate,
                        .instructions = profile.instructions(),
                        .nodes = {}};
  for (const sim::NodeProfile& node : profile.nodes)
    cost.nodes.push_back(
        {node.node, node.kernel, node.why, node.instructions(), node.multiply_adds, node.time.estimate});
  return cost;
}

std::vector<report::PageProof> proofs_of(const fs::path& folder, const deploy::DeployModel& best,
                                         const deploy::Deployment& plan) {
  std::vector<report::PageProof> proofs;
  const Json exported = read_json(folder / "export.json");
  for (const Json& file : exported.at("files"))
    proofs.push_back(
        {fmt::format("{} ({}), read back and run on {} pictures",
                     fs::path(file.at("file").get<std::string>()).filename().string(),
                     file.at("format").get<std::string>(), exported.at("images").get<int>()),
         fmt::format("largest logit difference {:.2g}, same class {:.2f} %",
                     file.at("largest_difference").get<double>(), 100 * file.at("agreement").get<double>())});
  for (const Json& file : exported.at("left_out"))
    proofs.push_back({fmt::format("{} ({}), which the chip does not need, was left out",
                                  fs::path(file.at("file").get<std::string>()).filename().string(),
                                  file.at("format").get<std::string>()),
                      file.at("reason").get<std::string>()});
  proofs.push_back(
      {"the simulator and the chip's engine on the test vectors in " + std::string(kBest),
       fmt::format("{} of {} equal, bit for bit", best.file.tests.size(), best.file.tests.size())});
  proofs.push_back(
      {"the firmware fits a board with " + fmt::format("{} MB of flash", plan.config.flash_bytes >> 20),
       fmt::format("{} bytes of flash, {} bytes of RAM", grouped(plan.flash_bytes),
                   grouped(plan.ram_bytes))});
  if (fs::exists(folder / "replay.json")) {
    const Json replay = read_json(folder / "replay.json");
    const auto known = std::ranges::count_if(
        replay.at("runs"), [](const Json& recorded) { return !recorded.at("model").is_null(); });
    proofs.push_back(
        {"recorded runs of a real ESP32-S3, computed again",
         fmt::format("{} of {} of known model and picture equal, {} percentages",
                     replay.at("equal_runs").get<int>(), known, replay.at("equal_percentages").get<int>())});
  }
  return proofs;
}

report::PutAside put_aside_of(const std::string& split) {
  return split == "subject"  ? report::PutAside::kPeople
         : split == "random" ? report::PutAside::kFrames
                             : report::PutAside::kGiven;
}

report::People people_of(const std::vector<std::string>& sets) {
  const auto rendered = std::ranges::count_if(
      sets, [](const std::string& set) { return data::synthetic_set(set).has_value(); });
  return rendered == std::ssize(sets) ? report::People::kRendered
         : rendered > 0               ? report::People::kBoth
                                      : report::People::kReal;
}

// What the set calls the pictures it says to judge by.
const char* given_part(const data::Dataset& unseen) {
  return std::ranges::find(unseen.parts, data::Part::kValidation) == unseen.parts.end() ? "test" : "valid";
}

std::string description_of(report::PutAside put_aside, report::People people, const data::Dataset& unseen) {
  const char* rendered = people == report::People::kRendered ? "rendered " : "";
  switch (put_aside) {
    case report::PutAside::kPeople:
      return fmt::format(
          "{} pictures of {} {}people never seen before", unseen.size(),
          std::ranges::count_if(data::subject_counts(unseen), [](std::size_t n) { return n > 0; }), rendered);
    case report::PutAside::kFrames:
      return fmt::format("{} frames put aside at random; their {}people may have been seen", unseen.size(),
                         rendered);
    case report::PutAside::kGiven:
      return fmt::format("{} pictures of the set's own {} part", unseen.size(), given_part(unseen));
  }
  return "";
}

// A set without the folders it lies in, which are another reader's: "leap.npz" of "/home/me/leap.npz".
std::string name_of(const std::string& path) {
  if (data::synthetic_set(path)) return path;
  const fs::path whole(path);
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

std::string shown_command(const Reproduction& run, const pipeline::Step& step) {
  std::vector<std::string> words = step.command;
  for (std::string& word : words)
    if (word == run.recorded || std::ranges::find(run.data, word) != run.data.end()) word = name_of(word);
  return pipeline::command_line(words) + (step.answer.empty() ? "" : " >" + step.answer);
}

// "AMD EPYC", as Linux calls it.
std::string processor() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "an unnamed processor";
}

}  // namespace

report::Page page_of_run(const Reproduction& run, const pipeline::Record& record,
                         const std::vector<pipeline::Step>& steps) {
  const fs::path folder(run.out);
  const report::Predictor by_float = pipeline::load_predictor(folder / "model.pth").predictor;
  const report::Predictor by_integer = pipeline::load_predictor(folder / kBest).predictor;
  const data::Dataset unseen =
      data::with_classes(data::load_set((folder / "unseen.npz").string()), by_float.class_names);

  const report::PutAside put_aside = put_aside_of(run.split);
  const report::People people = people_of(record.data);
  const report::Judged judged{.split = run.split,
                              .description = description_of(put_aside, people, unseen),
                              .indices = all_of(unseen)};

  report::Page page{.version = record.version,
                    .data = {},
                    .seed = record.seed,
                    .put_aside = put_aside,
                    .given_part = given_part(unseen),
                    .people = people,
                    .samples = {},
                    .epochs = epochs_of(folder / "metrics.jsonl"),
                    .by_float = report::evaluate(by_float, unseen, judged),
                    .by_integer = report::evaluate(by_integer, unseen, judged),
                    .integer_name = kBest,
                    .random_split = {},
                    .recipes = {},
                    .layers = layers_of(read_json(folder / "best.noise.json")),
                    .memory = {},
                    .proofs = {},
                    .commands = {},
                    .files = {},
                    .processor = processor()};
  std::ranges::transform(record.data, std::back_inserter(page.data), name_of);
  if (put_aside == report::PutAside::kPeople)
    page.random_split = random_split_of(folder, record.seed, unseen, judged);
  page.samples = samples_of(page.by_float, page.by_integer, unseen);
  page.recipes = recipes_of(folder, page.by_float, unseen, judged);
  const deploy::DeployModel best = deploy::load_deploy_model(folder / kBest);
  const deploy::Deployment plan = deploy::plan_deployment(best, {.weights = device::PackedWeights::kInPlace});
  page.memory = memory_of(plan.arena);
  page.cost = cost_of(folder / kBest);
  page.proofs = proofs_of(folder, best, plan);
  for (const pipeline::Step& step : steps) page.commands.push_back(shown_command(run, step));
  for (const pipeline::Artefact& artefact : record.artefacts)
    page.files.push_back({artefact.file.path, artefact.file.sha256, artefact.bytes});
  return page;
}

}  // namespace mudra::cli
