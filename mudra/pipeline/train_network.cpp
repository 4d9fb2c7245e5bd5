#include "mudra/pipeline/train_network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/folder_lock.hpp"
#include "mudra/base/hash.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/data/split.hpp"
#include "mudra/data/synthetic_set.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/seen_pictures.hpp"
#include "mudra/pipeline/train_material.hpp"
#include "mudra/train/checkpoint.hpp"
#include "mudra/train/train_step.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// RUN/config.json: what a resumed training must agree with.
Json config_document(const TrainRequest& request, const Material& material) {
  const auto labels = std::span(reinterpret_cast<const std::uint8_t*>(material.pictures.labels.data()),
                                material.pictures.labels.size() * sizeof(std::int32_t));
  const std::string network = network_file(request.options);
  return {{"mudra", MUDRA_VERSION},
          {"options", to_json(request.options)},
          {"classes", material.class_names},
          {"pictures", material.pictures.size()},
          {"pictures_fingerprint",
           fmt::format("{:016x}", fingerprint(material.pictures.images) ^ fingerprint(labels))},
          {"network_fingerprint",
           network.empty() ? "" : fmt::format("{:016x}", fingerprint(read_file(network)))}};
}

std::string text_of(const Json& config) { return config.dump(2, ' ', false, Json::error_handler_t::replace); }

// Of all that a fold's training depends on.
std::uint64_t fingerprint_of(const Json& config, const data::Split& split) {
  std::string text = text_of(config);
  for (const auto* part : {&split.train, &split.validation, &split.test})
    text += fmt::format("\n{}", fmt::join(*part, " "));
  return fingerprint({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Json read_config(const fs::path& path) {
  const std::string text = read_text(path);
  return with_context(path.string(), [&] {
    Json config = Json::parse(text, nullptr, false);
    if (!config.is_object() || !config.contains("options")) fail("not the config of a training");
    return config;
  });
}

// The first entry in which a resumed training would differ.
void require_equal(const Json& config, const Json& wanted, const fs::path& path) {
  const Json before = config.flatten(), now = wanted.flatten();
  for (const auto& [key, value] : now.items())
    if (!before.contains(key) || before.at(key) != value)
      fail("{}: cannot resume: {} was {}, now it is {}", path.string(), key,
           before.contains(key) ? before.at(key).dump() : "absent", value.dump());
  if (before.size() != now.size()) fail("{}: cannot resume: the options are not the same", path.string());
}

fs::path config_of(const TrainRequest& request) { return fs::path(request.out) / "config.json"; }

void require_no_other_training(const TrainRequest& request) {
  if (!request.resume && fs::exists(config_of(request)))
    fail("{} already holds a training; add --resume to go on with it, or choose another --out", request.out);
}

// Settles the options: the given ones, or those of the run that is resumed.
void settle_options(TrainRequest& request) {
  require_no_other_training(request);
  const fs::path config = config_of(request);
  for (std::string& set : request.options.data) {
    if (!data::synthetic_set(set)) continue;
    if (!request.hands.empty()) set += ",hands=" + request.hands;
    if (request.without_none) set += ",none=0";
  }
  if (!request.options.data.empty()) return;
  if (!request.resume) fail("--data is missing: what is there to learn from?");
  if (!fs::exists(config)) fail("{} holds no training to resume; give --data to start one", request.out);
  const Json document = read_config(config);
  request.options = with_context(config.string(), [&] { return options_from_json(document.at("options")); });
}

void write_metrics(const fs::path& path, const train::TrainingState& state) {
  std::string lines;
  for (const train::EpochMetrics& metrics : state.history) lines += train::to_json_line(metrics) + "\n";
  write_text(path, lines);
}

void print_epoch(const train::TrainingConfig& config, const train::EpochMetrics& metrics) {
  print_err(
      "epoch {:>3}/{}  training loss {:.3f} accuracy {:5.1f} %  validation loss {:.3f} accuracy "
      "{:5.1f} %\n",
      metrics.epoch, config.epochs, metrics.train_loss, 100 * metrics.train_accuracy, metrics.validation_loss,
      100 * metrics.validation_accuracy);
}

// The accuracy of always naming the commonest class.
double chance_of(const train::ValidationSet& validation) {
  std::map<std::int32_t, std::size_t> counts;
  std::size_t most = 0;
  for (const std::uint32_t i : validation.chosen)
    most = std::max(most, ++counts[validation.pictures->labels[i]]);
  return static_cast<double>(most) / static_cast<double>(validation.chosen.size());
}

// The one line on what came of it.
void print_verdict(const train::TrainingConfig& config, const std::vector<train::EpochMetrics>& history,
                   const train::TrainedNetwork& trained, double chance) {
  train::EpochMetrics kept = history.back();
  kept.validation_accuracy = trained.validation_accuracy;
  if (train::stays_at_chance(history, kept.validation_accuracy, chance))
    print_err(
        "WARNING: this network guesses: validation accuracy {:.1f} % where naming one class gives {:.1f} "
        "%, though training reached {:.1f} %. Do the validation pictures show what the training ones do? "
        "See mudra data info; then more pictures, or another --seed\n",
        100 * kept.validation_accuracy, 100 * chance,
        100 * std::ranges::max(history, {}, &train::EpochMetrics::train_accuracy).train_accuracy);
  else
    print_err("accuracies: {}\n", train::verdict(kept, config.targets));
}

// Makes the folders of folds and locks them: of RUN itself the lock is held already.
std::vector<FolderLock> lock_folds(const std::vector<Fold>& folds, const fs::path& run) {
  std::vector<FolderLock> locks;
  for (const Fold& fold : folds) {
    if (fold.folder == run) continue;
    if (fs::exists(fold.folder / "config.json"))
      fail("{} holds a training of its own; choose another --out", fold.folder.string());
    make_folder(fold.folder);
    locks.emplace_back(fold.folder);
  }
  return locks;
}

// TrainingSet::drawn: where training goes on from a network, few pictures are repeated until they are half as
// many as the rendered hands.
std::size_t pictures_drawn(const TrainOptions& options, const Material& material, const Fold& fold) {
  const std::size_t pictures = fold.split.train.size();
  return options.from.empty() || pictures == 0
             ? 0
             : std::max({pictures, train::rendered_images(material.rendered) / 2, kFewPictures});
}

// RUN/seen.json: what trains and what chooses the weights, and what the network had seen before.
void write_seen_by(const TrainOptions& options, const Material& material, const Fold& fold) {
  SeenPictures seen = seen_before(options);
  add_seen(seen, material.pictures, fold.split.train);
  if (fold.judged == &material.pictures) add_seen(seen, material.pictures, fold.split.validation);
  write_seen(fold.folder, seen);
}

TrainedFold run_fold(const TrainRequest& request, const Material& material, const Json& document,
                     const Fold& fold) {
  const train::TrainingConfig config = training_config(request.options, material.class_names, material.shape);
  const train::TrainingSet set{.shape = material.shape,
                               .pictures = &material.pictures,
                               .chosen = fold.split.train,
                               .drawn = pictures_drawn(request.options, material, fold),
                               .augmentation = data::augmentation_preset(request.options.augment),
                               .rendered = material.rendered,
                               .rendered_labels = material.rendered_labels,
                               .seed = config.seed};
  const train::ValidationSet validation{.pictures = fold.judged, .chosen = fold.split.validation};
  remove_abandoned_files(fold.folder);
  write_seen_by(request.options, material, fold);
  const fs::path checkpoint = fold.folder / "checkpoint.npz";
  const std::uint64_t configuration = fingerprint_of(document, fold.split);
  train::TrainingState state = request.resume && fs::exists(checkpoint)
                                   ? train::read_checkpoint(checkpoint, config, configuration)
                                   : train::begin_training(config);
  const std::string drawn = set.drawn > 0 ? fmt::format(", drawn {} times,", set.drawn) : "";
  print_err("{}: {} pictures{} and {} fresh rendered hands an epoch; split: {}\n", fold.folder.string(),
            set.chosen.size(), drawn, train::rendered_images(set.rendered), fold.split.name);
  train::TrainingEvents events;
  events.save = [&](const train::TrainingState& current) {
    train::write_checkpoint(checkpoint, current, configuration);
    write_metrics(fold.folder / "metrics.jsonl", current);
  };
  events.epoch_done = [&](const train::EpochMetrics& metrics) { print_epoch(config, metrics); };
  train::TrainedNetwork trained = train::train(config, set, validation, state, events);
  if (state.epoch < config.epochs)
    print_err("stopped early: no lower validation loss in {} epochs\n", config.early_stopping.patience);
  print_verdict(config, state.history, trained, chance_of(validation));
  write_metrics(fold.folder / "metrics.jsonl", state);
  const fs::path file = save_trained(fold.folder, trained.network, material.class_names);
  const report::Judged judged{.split = request.options.split,
                              .description = "the test part: " + fold.split.name,
                              .indices = {fold.split.test.begin(), fold.split.test.end()}};
  report::Evaluation test = report::evaluate(predictor_of(load_model(file)), *fold.judged, judged);
  return {fold.folder, file, std::move(trained), std::move(test)};
}

// The examples of an epoch, of the fold with the fewest.
std::size_t fewest_examples(const TrainOptions& options, const Material& material,
                            const std::vector<Fold>& folds) {
  const auto of_fold = [&](const Fold& fold) {
    return std::max(fold.split.train.size(), pictures_drawn(options, material, fold));
  };
  return train::rendered_images(material.rendered) + of_fold(*std::ranges::min_element(folds, {}, of_fold));
}

}  // namespace

std::vector<TrainedFold> train_network(TrainRequest request) {
  set_threads(request.threads);
  FolderLock lock;
  if (fs::is_directory(request.out)) lock = FolderLock(request.out);
  settle_options(request);
  // Options that do not make a network are refused before anything is read or written.
  const auto wanted = wanted_pictures(request.options);
  if (!wanted) {
    TrainOptions options = request.options;
    options.normalize.clear();  // how many channels the pictures have is not known yet
    (void)training_config(options, std::vector<std::string>(data::kGestures, "class"), {});
  }
  const Material material = load_material(request.options, wanted);
  format::check_class_names(material.class_names, std::ssize(material.class_names));
  if (request.options.split.empty()) request.options.split = data::default_split(material.pictures);
  const data::Dataset people = people_to_judge(request.options, material);
  train::TrainingConfig training = training_config(request.options, material.class_names, material.shape);
  with_context(wanted ? network_file(request.options) : request.options.network,
               [&] { (void)train::TrainStep(training.network, 2); });
  const std::vector<Fold> folds = plan_folds(request.options, request.out, material, people);
  const std::size_t examples = fewest_examples(request.options, material, folds);
  choose_by_size(request.options, examples);
  train::check_batch(request.options.batch, examples);

  const Json config = config_document(request, material);
  const fs::path config_path = config_of(request);
  if (fs::exists(config_path)) require_equal(read_config(config_path), config, config_path);
  make_folder(request.out);
  if (!lock) {
    lock = FolderLock(request.out);
    require_no_other_training(request);  // that has begun meanwhile
  }
  const std::vector<FolderLock> locks = lock_folds(folds, request.out);
  remove_abandoned_files(request.out);
  write_text(config_path, text_of(config) + "\n");

  for (const std::string& note : material.notes) print_err("{}\n", note);
  std::vector<TrainedFold> results;
  for (const Fold& fold : folds) results.push_back(run_fold(request, material, config, fold));
  return results;
}

std::optional<data::Dataset> validation_pictures(const fs::path& run) {
  const fs::path config = run / "config.json";
  if (!fs::exists(config)) return std::nullopt;
  const Json document = Json::parse(read_text(config), nullptr, false);
  constexpr const char* kFingerprint = "pictures_fingerprint";
  if (!document.is_object() || !document.contains("options") || !document.contains(kFingerprint))
    return std::nullopt;  // another program's
  try {
    const TrainRequest request{.options = options_from_json(document.at("options")), .out = run.string()};
    const Material material = load_material(request.options, wanted_pictures(request.options));
    if (config_document(request, material).at(kFingerprint) != document.at(kFingerprint))
      fail("its sets hold other pictures by now");
    const data::Dataset people = people_to_judge(request.options, material);
    const std::vector<Fold> folds = plan_folds(request.options, request.out, material, people);
    if (folds.size() > 1) return std::nullopt;
    return data::subset(*folds.front().judged, folds.front().split.validation);
  } catch (const Error& error) {
    if (error.kind == ErrorKind::kInterrupted) throw;
    print_err("the pictures that validated {} are not to be had: {}\n", run.string(), error.text);
    return std::nullopt;
  }
}

}  // namespace mudra::pipeline
