#include "mudra/report/comparison.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/share.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/option_table.hpp"
#include "mudra/data/split.hpp"
#include "mudra/pipeline/model.hpp"
#include "mudra/pipeline/profile_model.hpp"
#include "mudra/pipeline/seen_pictures.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::cli {
namespace {

struct EvaluateOptions {
  std::vector<std::string> models;
  std::vector<std::string> sets;
  std::string split = "all", classes, normalize, threshold;
  std::uint64_t seed = 1;
  int threads = 0;
  bool json = false, pictures = false;
};

// What the trainings of the models have seen, where their RUNs say so.
struct SeenBefore {
  std::vector<std::optional<pipeline::SeenPictures>> by_model;
  std::set<std::string> runs;

  explicit SeenBefore(const std::vector<std::string>& models) {
    for (const std::string& model : models)
      if (by_model.push_back(pipeline::read_seen(model)); by_model.back())
        runs.insert(pipeline::run_of(model).string());
  }
  bool is_known() const { return !runs.empty(); }

  // Whether any of them has seen each picture.
  std::vector<bool> any(const data::Dataset& set) const {
    std::vector<bool> seen(set.size());
    for (const auto& of_model : by_model) {
      if (!of_model) continue;
      const std::vector<bool> are = pipeline::are_seen(*of_model, set);
      for (std::size_t i = 0; i < set.size(); ++i) seen[i] = seen[i] || are[i];
    }
    return seen;
  }
  std::string text() const { return fmt::format("{}", fmt::join(runs, ", ")); }
};

std::vector<std::uint32_t> all_indices(const data::Dataset& set) {
  std::vector<std::uint32_t> indices(set.size());
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

// The test part of one split of the whole set.
report::Judged test_part(const std::string& name, const data::Dataset& set, const data::Split& split,
                         std::uint64_t seed) {
  return {.split = name,
          .description = fmt::format(
              "the {} test images of {}, {}, seed {}; not seen in training only if the network was trained "
              "with the same sets, split and seed",
              split.test.size(), set.name, split.name, seed),
          .indices = split.test};
}

// Those that no training of the models has seen.
report::Judged unseen_part(const data::Dataset& set, const SeenBefore& before) {
  if (!before.is_known())
    fail("--split unseen: no MODEL is a RUN of mudra train, or lies in one, that tells what it has seen");
  const std::vector<bool> seen = before.any(set);
  report::Judged judged{.split = "unseen", .description = {}, .indices = all_indices(set)};
  std::erase_if(judged.indices, [&](std::uint32_t i) { return seen[i]; });
  if (judged.indices.empty())
    fail("{}: all {} pictures were seen in the training of {}, so none is left to judge it by; --split all",
         set.name, set.size(), before.text());
  judged.description = fmt::format("the {} of {} images of {} that the training of {} has not seen",
                                   judged.indices.size(), set.size(), set.name, before.text());
  return judged;
}

report::Judged whole_set(const data::Dataset& set, const SeenBefore& before) {
  report::Judged judged{.split = "all", .description = {}, .indices = all_indices(set)};
  if (before.is_known())
    judged.description =
        fmt::format("all {} images of {}, {} of which the training of {} has seen", set.size(), set.name,
                    std::ranges::count(before.any(set), true), before.text());
  else if (data::part_counts(set)[0] > 0)
    judged.description = fmt::format(
        "all {} images of {}, its training part too ({}); --split given judges its test part alone",
        set.size(), set.name, data::parts_text(set));
  else
    judged.description =
        fmt::format("all {} images of {}; whether the network has seen these people is not known from here",
                    set.size(), set.name);
  return judged;
}

// What to judge, and how to say it.
report::Judged choose_images(const EvaluateOptions& options, const data::Dataset& set,
                             const SeenBefore& before) {
  if (options.split == "unseen") return unseen_part(set, before);
  if (options.split == "subject")
    return test_part("subject", set, data::split_by_subject(set, options.seed), options.seed);
  if (options.split == "given") {
    data::Split split = data::split_as_given(set);
    return {.split = "given",
            .description =
                fmt::format("the {} test images of {}, {}; not seen in training only if the network was "
                            "trained with the same split",
                            split.test.size(), set.name, split.name),
            .indices = std::move(split.test)};
  }
  if (options.split == "random")
    return test_part("random", set, data::split_random(set, {}, options.seed), options.seed);
  if (options.split == "loso") {
    report::Judged judged{.split = "loso", .description = {}, .indices = {}};
    for (const data::Split& split : data::leave_one_subject_out(set, options.seed))
      judged.indices.insert(judged.indices.end(), split.test.begin(), split.test.end());
    judged.description = fmt::format(
        "the {} images of {}, one subject after the other, all by this network; about unseen people only if "
        "it "
        "was trained on none of them",
        judged.indices.size(), set.name);
    return judged;
  }
  return whole_set(set, before);
}

// Gives a network without names the set's, in its order, and says so.
void take_names_of(const data::Dataset& set, const std::string& path, pipeline::LoadedPredictor& model) {
  std::vector<std::string>& names = model.predictor.class_names;
  if (set.class_names.size() != names.size())
    fail("{}: it tells {} classes apart without naming them, {} has {}; name them with --classes A,B,...",
         path, names.size(), set.name, set.class_names.size());
  names = set.class_names;
  model.names_are = pipeline::ClassNames::kKnown;
  model.notes.push_back(fmt::format("it does not name its classes; taken to be those of {}, in its order: {}",
                                    set.name, fmt::join(names, ", ")));
}

// The model at this place of the list.
report::ComparedModel judge(const EvaluateOptions& options, std::size_t place,
                            pipeline::LoadedPredictor& model, const data::Dataset& set,
                            const SeenBefore& before) {
  const std::string& path = options.models[place];
  if (model.names_are == pipeline::ClassNames::kUnknown) take_names_of(set, path, model);
  const data::Dataset named =
      with_context(path, [&] { return data::with_classes(set, model.predictor.class_names); });
  pipeline::tell_notes(model, path);
  const report::Judged judged = choose_images(options, set, before);
  report::Evaluation evaluation = report::evaluate(model.predictor, named, judged);
  if (const auto& seen = before.by_model[place]) {
    const std::vector<bool> are = pipeline::are_seen(*seen, set);
    for (const std::uint32_t i : judged.indices) evaluation.seen.push_back(are[i]);
  }
  if (options.pictures)
    for (const std::uint32_t i : judged.indices) evaluation.files.push_back(set.paths[i]);
  return {path,
          model.predictor.format,
          std::move(evaluation),
          model.predictor.arena_bytes,
          model.predictor.multiply_adds,
          options.models.size() > 1 ? pipeline::chip_time(path) : std::nullopt};
}

void run_evaluate(const EvaluateOptions& options) {
  set_threads(options.threads);
  std::optional<double> threshold;
  if (!options.threshold.empty())
    threshold = with_context("--threshold", [&] { return share_named(options.threshold); });
  const SeenBefore before(options.models);
  std::vector<pipeline::LoadedPredictor> loaded;  // all, before minutes are spent on one
  for (const std::string& path : options.models) {
    loaded.push_back(
        pipeline::load_predictor(path, pipeline::listed_names(options.classes), options.normalize));
    report::Predictor& predictor = loaded.back().predictor;
    predictor.threshold = threshold.value_or(predictor.threshold);
  }
  data::Dataset set;
  std::vector<report::ComparedModel> models;
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const data::PictureShape& shape = loaded[i].predictor.picture;
    if (set.size() == 0 || set.shape != shape) {
      set = pipeline::load_sets(options.sets, shape, loaded[i].predictor.class_names);
      data::require_labels(set);
      for (const pipeline::LoadedPredictor& model : loaded)  // the same pictures for all
        set = pipeline::known_to(model.predictor.class_names, model.names_are, std::move(set));
    }
    models.push_back(judge(options, i, loaded[i], set, before));
  }
  const report::Evaluation& first = models.front().evaluation;
  if (options.json)
    print_out((models.size() > 1 ? report::json_of(models) : report::json_of(first)) + "\n");
  else
    print_out(models.size() > 1 ? report::text_of(models) : report::text_of(first));
}

}  // namespace

void add_evaluate(CLI::App& app) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command =
      app.add_subcommand("evaluate", "Judge a network, or several side by side, on labelled pictures");
  command
      ->add_option(
          "MODEL", options->models,
          "A .pth, .onnx, .tflite or .espdl file, or a RUN folder of mudra train; of several a table is "
          "printed")
      ->required();
  command
      ->add_option("--data", options->sets,
                   "A .npz of mudra data prepare, a folder of pictures, or synthetic[:N]")
      ->type_name("SET")
      ->required();
  command
      ->add_option(
          "--split", options->split,
          "Judge only the test part of a split, given: of the one that the set states; unseen: what the "
          "training of a RUN has not seen; loso judges each subject in turn; all judges every image")
      ->check(CLI::IsMember({"given", "subject", "random", "loso", "unseen", "all"}))
      ->capture_default_str();
  add_classes_option(*command, options->classes);
  add_normalize_option(*command, options->normalize);
  command
      ->add_option("--threshold", options->threshold,
                   "The probability from which a class counts as shown; unless given, the model's own: an "
                   ".espdl's, else 0%")
      ->type_name("P%");
  command->add_option("--seed", options->seed, "Of the split, as it was for training")->capture_default_str();
  command->add_option("--threads", options->threads, "0: as many as there are cores")->capture_default_str();
  CLI::Option* json = command->add_flag("--json", options->json, "Print one JSON document");
  command->add_flag("--pictures", options->pictures, "In it, what is said of each picture that is a file")
      ->needs(json);
  command->footer("\nExample:\n  mudra evaluate run --data leap.npz --split subject");
  command->callback([options] { run_evaluate(*options); });
}

}  // namespace mudra::cli
