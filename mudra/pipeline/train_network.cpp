#include "mudra/pipeline/train_network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/base/file_name.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/folder_lock.hpp"
#include "mudra/base/hash.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/random.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/data/split.hpp"
#include "mudra/data/synthetic_set.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/seen_pictures.hpp"
#include "mudra/pipeline/sets.hpp"
#include "mudra/train/checkpoint.hpp"
#include "mudra/train/train_step.hpp"

namespace mudra::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kHeldOutStream = 0x68656c64;
constexpr int kHeldOutPeople = 200;  // rendered; half of them validate, half test, one picture a gesture

// What there is to learn from.
struct Material {
  data::Dataset pictures;  // empty when only rendered hands are trained on
  std::vector<data::SyntheticSet> rendered;
  data::PictureShape shape;  // of both
  std::vector<std::string> class_names;
  std::vector<std::string> known;                  // those of the network that training goes on from
  std::vector<std::int32_t> rendered_labels = {};  // in class_names, by gesture
  std::vector<std::string> notes = {};             // to be said before training
};

// One network to train and where it goes; several for leave-one-subject-out.
struct Fold {
  fs::path folder;
  const data::Dataset* judged = nullptr;  // that the split's validation and test parts index
  data::Split split;
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return data::index_of(names, name) >= 0;
}

// Adds to `names` what it lacks of `others`.
void unite(std::vector<std::string>& names, const std::vector<std::string>& others) {
  for (const std::string& name : others)
    if (!has(names, name)) names.push_back(name);
}

// Those of all rendered sets, none with the last of them.
std::vector<std::string> rendered_classes(const Material& material) {
  std::vector<std::string> names;
  for (const data::SyntheticSet& hands : material.rendered) unite(names, class_names(hands.rendering));
  return names;
}

// The classes that are shown, those of the network `from` first; notes where they are others.
void take_known_classes(Material& material, const std::string& from) {
  const std::vector<std::string>& known = material.known;
  const std::vector<std::string>& shown = material.class_names;
  std::vector<std::string> kept = known, dropped, added = shown;
  std::erase_if(kept, [&](const std::string& name) { return !has(shown, name); });
  std::ranges::copy_if(known, std::back_inserter(dropped),
                       [&](const auto& name) { return !has(shown, name); });
  std::erase_if(added, [&](const std::string& name) { return has(known, name); });
  if (!known.empty() && !added.empty())
    material.notes.push_back(fmt::format("{}: new classes: {}", from, fmt::join(added, ", ")));
  if (!dropped.empty())
    material.notes.push_back(
        fmt::format("{}: dropped, as no set shows them: {}", from, fmt::join(dropped, ", ")));
  unite(kept, added);
  material.class_names = kept;
}

Material load_material(const TrainOptions& options, const std::optional<data::PictureShape>& wanted) {
  Material material;
  material.shape = wanted.value_or(data::PictureShape{});
  material.known = known_classes(options);
  std::vector<std::string> pictures;
  for (const std::string& set : options.data) {
    if (const auto hands = data::synthetic_set(set))
      material.rendered.push_back(*hands);
    else
      pictures.push_back(set);
  }
  if (!pictures.empty()) {
    material.pictures = told(data::load_sets(pictures, wanted));
    material.shape = material.pictures.shape;
    data::require_labels(material.pictures);
    const bool knows_hands =
        std::ranges::all_of(data::kGestureNames, [&](const char* name) { return has(material.known, name); });
    if (knows_hands && material.rendered.empty() && !options.without_rendered) {
      data::SyntheticSet hands{.hands = std::max(2 * kFewPictures, (material.pictures.size() + 7) / 8 * 8)};
      if (!has(material.known, data::kNoneName)) hands.rendering.none = 0;
      material.rendered.push_back(hands);
      material.notes.push_back(
          fmt::format("{}: rendered hands are mixed in, so that it forgets nothing; "
                      "--without-rendered leaves them out",
                      options.from));
    }
  }
  const std::vector<std::string> rendered = rendered_classes(material);
  material.class_names = rendered;
  if (!options.from.empty()) {
    unite(material.class_names, material.pictures.class_names);
    take_known_classes(material, options.from);
  } else if (rendered.empty()) {
    material.class_names = material.pictures.class_names;
  } else if (has(material.pictures.class_names, data::kNoneName)) {
    unite(material.class_names, {data::kNoneName});
  }
  material.pictures = data::with_classes(std::move(material.pictures), material.class_names);
  for (const std::string& name : rendered)
    material.rendered_labels.push_back(data::index_of(material.class_names, name));
  return material;
}

// Rendered people that no training ever shows, as many of every kind that is trained on.
data::Dataset held_out_people(std::uint64_t seed, const Material& material) {
  std::vector<data::Dataset> kinds;
  for (const data::SyntheticSet& hands : material.rendered) {
    kinds.push_back(
        data::with_classes(data::render_dataset({.people = kHeldOutPeople,
                                                 .images_per_class = 1,
                                                 .seed = Random(seed, kHeldOutStream, kinds.size()).bits(),
                                                 .rendering = hands.rendering}),
                           material.class_names));
  }
  data::Dataset people = merge(std::move(kinds));
  if (people.shape != material.shape) resize_pictures(people, material.shape);
  return people;
}

// All pictures train; rendered people validate and test.
data::Split rendered_split(const data::Dataset& pictures, const data::Dataset& people) {
  data::Split split{.name = "rendered people never trained on", .train = {}, .validation = {}, .test = {}};
  for (std::uint32_t i = 0; i < pictures.size(); ++i) split.train.push_back(i);
  for (std::uint32_t i = 0; i < people.size(); ++i)
    (people.subjects[i] < kHeldOutPeople / 2 ? split.validation : split.test).push_back(i);
  return split;
}

// What judges where rendered hands are learned from and no people can be put aside; else empty.
data::Dataset people_to_judge(const TrainOptions& options, const Material& material) {
  const bool needed = !material.rendered.empty() && options.split == "subject" &&
                      !data::can_split_by_subject(material.pictures);
  return needed ? held_out_people(options.seed, material) : data::Dataset{};
}

SeenPictures seen_before(const TrainOptions& options) {
  return options.from.empty() ? SeenPictures{} : read_seen(options.from).value_or(SeenPictures{});
}

std::vector<Fold> plan_folds(const TrainRequest& request, const Material& material,
                             const data::Dataset& people) {
  const TrainOptions& options = request.options;
  const data::Dataset& pictures = material.pictures;
  if (people.size() > 0) return {{request.out, &people, rendered_split(pictures, people)}};
  if (pictures.size() == 0)
    fail("--split {} splits pictures, and --data names rendered hands only; leave --split out",
         options.split);
  if (options.split == "random") {
    const bool wide = options.shares == "70/15/15";
    const data::RandomShares shares{.validation_percent = wide ? 15 : 10, .test_percent = wide ? 15 : 10};
    return {{request.out, &pictures, data::split_random(pictures, shares, options.seed)}};
  }
  if (options.split == "given") return {{request.out, &pictures, data::split_as_given(pictures)}};
  if (options.split == "subject")
    return {{request.out, &pictures,
             data::split_by_subject(pictures, options.seed, are_seen(seen_before(options), pictures))}};
  std::vector<Fold> folds;
  for (data::Split& split : data::leave_one_subject_out(pictures, options.seed)) {
    const std::string name = "without_" + safe_file_name(split.left_out, "the subject");
    folds.push_back({fs::path(request.out) / name, &pictures, std::move(split)});
  }
  return folds;
}

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
  const std::vector<Fold> folds = plan_folds(request, material, people);
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
    const std::vector<Fold> folds = plan_folds(request, material, people);
    if (folds.size() > 1) return std::nullopt;
    return data::subset(*folds.front().judged, folds.front().split.validation);
  } catch (const Error& error) {
    if (error.kind == ErrorKind::kInterrupted) throw;
    print_err("the pictures that validated {} are not to be had: {}\n", run.string(), error.text);
    return std::nullopt;
  }
}

}  // namespace mudra::pipeline
