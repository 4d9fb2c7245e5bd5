#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/data_commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/data/augment.hpp"
#include "mudra/data/contact_sheet.hpp"
#include "mudra/data/leakage.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::cli {
namespace {

using nlohmann::ordered_json;

struct InfoOptions {
  std::string set, layout, sheet, augment;
  bool sheet_by_subject = false;
  int columns = 12;
  int threads = 0;
  bool json = false;
};

// A leak with the split it was measured on; none when the set cannot be split so.
struct NamedLeakage {
  std::string split;
  data::Leakage leakage;
};

struct Findings {
  std::vector<std::vector<std::size_t>> counts;  // [class][subject], the last subject: unknown
  data::Duplicates duplicates;
  std::optional<NamedLeakage> random, by_subject, given;
};

// None when the set states none, or one that cannot be used, which is said.
std::optional<data::Split> given_split(const data::Dataset& set) {
  if (!set.knows_labels() || !data::can_split_as_given(set)) return std::nullopt;
  try {
    return data::split_as_given(set);
  } catch (const Error& error) {
    print_err("{}\n", error.text);
    return std::nullopt;
  }
}

Findings examine(const data::Dataset& set) {
  Findings findings;
  findings.counts.assign(set.class_names.size(), std::vector<std::size_t>(set.subject_names.size() + 1));
  for (std::size_t i = 0; i < set.size() && set.knows_labels(); ++i) {
    auto& of_class = findings.counts[static_cast<std::size_t>(set.labels[i])];
    ++of_class[set.subjects[i] < 0 ? set.subject_names.size() : static_cast<std::size_t>(set.subjects[i])];
  }
  findings.duplicates = data::find_duplicates(set);
  const auto classes = data::class_counts(set);
  if (set.knows_labels() && std::ranges::all_of(classes, [](std::size_t n) { return n == 0 || n >= 3; })) {
    const data::Split split = data::split_random(set, {}, 1);
    findings.random = {split.name, data::measure_leakage(set, split)};
  }
  if (data::can_split_by_subject(set))
    findings.by_subject = {"by subject: each against all others", data::leakage_between_subjects(set)};
  if (const auto split = given_split(set)) findings.given = {split->name, data::measure_leakage(set, *split)};
  return findings;
}

std::size_t total(const std::vector<std::size_t>& counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

void print_counts(const data::Dataset& set, const Findings& findings) {
  constexpr std::size_t kMostColumns = 12;
  const std::size_t subjects = set.subject_names.size();
  const bool columns = set.knows_subjects() && subjects <= kMostColumns;
  std::size_t name_width = 5, width = 6;
  for (const std::string& name : set.class_names) name_width = std::max(name_width, name.size());
  for (const std::string& name : set.subject_names)
    if (columns) width = std::max(width, name.size());
  const auto print_row = [&](const std::string& title, const auto& cell, const auto& sum) {
    print_out("{:<{}}", title, name_width);
    for (std::size_t s = 0; s < (columns ? subjects : 0); ++s) print_out("  {:>{}}", cell(s), width);
    print_out("  {:>{}}\n", sum, width);
  };
  print_row(
      "class", [&](std::size_t s) { return set.subject_names[s]; }, std::string("all"));
  for (std::size_t label = 0; label < set.class_names.size(); ++label)
    print_row(
        set.class_names[label], [&](std::size_t s) { return findings.counts[label][s]; },
        total(findings.counts[label]));
  const auto of_subject = data::subject_counts(set);
  print_row(
      "all", [&](std::size_t s) { return of_subject[s]; }, set.size());
  if (set.knows_subjects() && !columns) {
    const auto [least, most] = std::ranges::minmax(of_subject);
    print_out("{} subjects with {} to {} pictures each\n", subjects, least, most);
  }
}

void print_findings(const data::Dataset& set, const Findings& findings) {
  print_out("{}: {} pictures", set.name, set.size());
  if (set.shape != data::PictureShape{}) print_out(", {}", data::text_of(set.shape));
  if (set.knows_labels()) {
    print_out(", {} classes\n\n", set.class_names.size());
    print_counts(set, findings);
  } else {
    print_out(" without labels\n");
  }
  if (set.states_split()) print_out("split as given: {}\n", data::parts_text(set));
  const data::Duplicates& duplicates = findings.duplicates;
  print_out("\nexact copies: {} pictures equal an earlier one", duplicates.copies);
  if (duplicates.conflicting > 0) print_out(", {} of them in another class", duplicates.conflicting);
  print_out("\n");
  if (findings.random || findings.by_subject || findings.given)
    print_out("test pictures with a near-copy in training (within {:g} gray levels on average):\n",
              data::kNearDuplicateLevels);
  for (const auto& found : {findings.random, findings.by_subject, findings.given})
    if (found)
      print_out("  {:5.1f} % of {} when split {}\n", 100 * found->leakage.share(), found->leakage.tested,
                found->split);
  flush_stdout();
}

ordered_json to_json(const std::optional<NamedLeakage>& found) {
  if (!found) return nullptr;
  return {{"split", found->split},
          {"tested", found->leakage.tested},
          {"leaked", found->leakage.leaked},
          {"share", found->leakage.share()}};
}

ordered_json to_json(const data::Dataset& set, const Findings& findings) {
  ordered_json document = {{"set", set.name}, {"images", set.size()}, {"shape", json_of_shape(set.shape)}};
  document["classes"] = ordered_json::array();
  for (std::size_t label = 0; label < set.class_names.size(); ++label) {
    ordered_json by_subject = ordered_json::object();
    for (std::size_t s = 0; s < set.subject_names.size(); ++s)
      by_subject[set.subject_names[s]] = findings.counts[label][s];
    document["classes"].push_back({{"name", set.class_names[label]},
                                   {"images", total(findings.counts[label])},
                                   {"subjects", by_subject}});
  }
  document["subjects"] = ordered_json::array();
  const auto of_subject = data::subject_counts(set);
  for (std::size_t s = 0; s < of_subject.size(); ++s)
    document["subjects"].push_back({{"subject", set.subject_names[s]}, {"images", of_subject[s]}});
  if (set.states_split()) document["split"] = parts_json(set);
  document["duplicates"] = {{"copies", findings.duplicates.copies},
                            {"originals", findings.duplicates.originals},
                            {"conflicting", findings.duplicates.conflicting}};
  document["leakage"] = {{"gray_levels", data::kNearDuplicateLevels},
                         {"random", to_json(findings.random)},
                         {"by_subject", to_json(findings.by_subject)}};
  if (findings.given) document["leakage"]["given"] = to_json(findings.given);
  return document;
}

void write_sheet(const InfoOptions& options, data::Dataset set) {
  if (!options.augment.empty()) {
    const data::Augmentation augmentation = data::augmentation_preset(options.augment);
    for_each_parallel("augmenting", set.size(), [&](std::size_t i) {
      data::augment(augmentation, std::as_const(set).image(i), Random(1, i), set.image(i), set.shape);
    });
  }
  const data::SheetConfig config{
      .columns = options.columns,
      .rows = options.sheet_by_subject ? data::SheetRows::kClassesOfEachSubject : data::SheetRows::kClasses};
  write_file(options.sheet, data::encode_png(data::contact_sheet(set, config)));
}

void run(const InfoOptions& options) {
  set_threads(options.threads);
  const data::Dataset set = pipeline::load_set(options.set, options.layout);
  const Findings findings = examine(set);
  const ordered_json document = options.json ? to_json(set, findings) : ordered_json();
  if (!options.sheet.empty()) write_sheet(options, set);
  if (options.json)
    print_json(document);
  else
    print_findings(set, findings);
}

}  // namespace

void add_data_info(CLI::App& data) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = data.add_subcommand(
      "info", "Count a set by class and subject, find copies and near-copies, draw a contact sheet");
  command->footer(
      "SET is a .npz of `mudra data prepare`, a folder of pictures or a .zip of one, a .npy of pictures, or\n"
      "synthetic[:N].\n\n"
      "Example: mudra data info leap.npz --sheet leap.png --augment mild");
  command->add_option("SET", options->set, "The set")->required();
  add_layout(*command, options->layout);
  CLI::Option* sheet = command->add_option("--sheet", options->sheet, "Write a contact sheet to this PNG");
  command
      ->add_option("--augment", options->augment, "Show the sheet's pictures as training would change them")
      ->needs(sheet)
      ->check(CLI::IsMember(data::augmentation_preset_names()));
  command
      ->add_flag("--by-subject", options->sheet_by_subject, "A row of the sheet for each class and subject")
      ->needs(sheet);
  command->add_option("--columns", options->columns, "Pictures in a row of the sheet")
      ->needs(sheet)
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; 0: one per core")->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document");
  command->callback([options] { run(*options); });
}

}  // namespace mudra::cli
