#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/data_commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/data/folders.hpp"

namespace mudra::cli {
namespace {

struct PrepareOptions {
  std::string in, out, layout, size = "96x96";
  bool color = false;
  double unreadable_percent = 1;
  int threads = 0;
  bool json = false;
};

void print_unreadable(const data::FolderReport& report) {
  constexpr std::size_t kMostNamed = 20;
  for (std::size_t i = 0; i < std::min(kMostNamed, report.unreadable.size()); ++i)
    print_err("unreadable: {}: {}\n", report.unreadable[i].path, report.unreadable[i].reason);
  if (report.unreadable.size() > kMostNamed)
    print_err("unreadable: {} more\n", report.unreadable.size() - kMostNamed);
}

// "2 subjects: anna, ben"
std::string subjects_text(const data::Dataset& set) {
  constexpr std::size_t kMostNamed = 8;
  const auto& names = set.subject_names;
  return fmt::format("{} subjects{}{}", names.size(), names.size() > kMostNamed ? "" : ": ",
                     names.size() > kMostNamed ? "" : fmt::format("{}", fmt::join(names, ", ")));
}

void print_summary(const PrepareOptions& options, const data::FolderContents& contents) {
  const auto& [set, report] = contents;
  print_out("{}: {} pictures as {}\n", options.in, set.size(), report.layout);
  if (set.shape != data::PictureShape{}) print_out("  each {}\n", data::text_of(set.shape));
  const auto counts = data::class_counts(set);
  for (std::size_t label = 0; label < counts.size(); ++label)
    print_out("  {:<12} {:>6}\n", set.class_names[label], counts[label]);
  if (set.knows_subjects()) print_out("  {}\n", subjects_text(set));
  if (set.states_split()) print_out("  split as given: {}\n", data::parts_text(set));
  if (report.left_out > 0) print_out("  left out: {} pictures of *_moved classes\n", report.left_out);
  if (!report.unreadable.empty()) print_out("  left out: {} unreadable pictures\n", report.unreadable.size());
  if (report.misplaced > 0)
    print_out("  left out: {} of {} pictures, which do not lie as {}, such as {}\n", report.misplaced,
              report.found, report.layout, report.first_misplaced);
  if (report.without_end > 0)
    print_out("  read nevertheless: {} JPEGs without their end marker\n", report.without_end);
  if (report.ignored_files > 0) print_out("  ignored: {} files that are no pictures\n", report.ignored_files);
  for (const std::string& folder : report.empty_folders) print_out("  empty folder: {}\n", folder);
  print_out("wrote {}\n", options.out);
  flush_stdout();
}

nlohmann::ordered_json to_json(const PrepareOptions& options, const data::FolderContents& contents) {
  const auto& [set, report] = contents;
  nlohmann::ordered_json document = {{"out", options.out},
                                     {"images", set.size()},
                                     {"shape", json_of_shape(set.shape)},
                                     {"layout", report.layout}};
  document["classes"] = nlohmann::ordered_json::array();
  const auto counts = data::class_counts(set);
  for (std::size_t label = 0; label < counts.size(); ++label)
    document["classes"].push_back({{"name", set.class_names[label]}, {"images", counts[label]}});
  document["subjects"] = set.subject_names;
  if (set.states_split()) document["split"] = parts_json(set);
  document["moved_left_out"] = report.left_out;
  document["misplaced"] = report.misplaced;
  document["ignored_files"] = report.ignored_files;
  document["without_end"] = report.without_end;
  document["empty_folders"] = report.empty_folders;
  document["unreadable"] = nlohmann::ordered_json::array();
  for (const data::UnreadableImage& image : report.unreadable)
    document["unreadable"].push_back({{"path", image.path}, {"reason", image.reason}});
  return document;
}

// "128x96", width x height.
data::PictureShape shape_of(const PrepareOptions& options) {
  data::PictureShape shape{.channels = options.color ? 3 : 1};
  const char* end = options.size.data() + options.size.size();
  const auto [by, first] = std::from_chars(options.size.data(), end, shape.width);
  const bool has_height = first == std::errc() && by != end && *by == 'x';
  const auto [rest, second] = std::from_chars(has_height ? by + 1 : end, end, shape.height);
  if (!has_height || second != std::errc() || rest != end || !is_picture(shape))
    fail("--size '{}': give WIDTHxHEIGHT, such as 96x96, with sides of {} to {}", options.size,
         device::kMinPictureSide, device::kMaxPictureSide);
  return shape;
}

void run(const PrepareOptions& options) {
  set_threads(options.threads);
  const data::PictureShape shape = shape_of(options);
  const auto contents = data::read_folder(
      options.in,
      {.unreadable_limit = options.unreadable_percent / 100, .layout = options.layout, .shape = shape});
  data::write_dataset(options.out, contents.dataset);
  print_unreadable(contents.report);
  if (options.json)
    print_json(to_json(options, contents));
  else
    print_summary(options, contents);
}

}  // namespace

void add_data_prepare(CLI::App& data) {
  auto options = std::make_shared<PrepareOptions>();
  CLI::App* command = data.add_subcommand(
      "prepare", "Read a folder of pictures into a .npz of equal pictures with labels and subjects");
  command->footer(
      "IN holds SUBJECT/CLASS/* (a LeapGestRecog tree for example) or CLASS/*, as PNG, JPEG, WebP or BMP.\n"
      "Folders train, valid (val, validation) and test on any level are a split, which the .npz keeps.\n"
      "LeapGestRecog's *_moved classes are left out.\n\n"
      "Example: mudra data prepare leapGestRecog --out leap.npz\n"
      "         mudra data prepare photos --size 128x128 --color --out photos.npz");
  command->add_option("IN", options->in, "Folder of pictures, or a .zip of one")->required();
  add_layout(*command, options->layout);
  command
      ->add_option("--size", options->size, "Of the pictures, to which they are stretched: sides of 8 to 512")
      ->type_name("WIDTHxHEIGHT")
      ->capture_default_str();
  command->add_flag("--color", options->color, "Keep red, green and blue; gray otherwise");
  command->add_option("--out", options->out, "The .npz to write")
      ->required()
      ->check([](const std::string& path) {
        return path.ends_with(".npz") ? std::string() : "'" + path + "' does not end in .npz";
      });
  command
      ->add_option("--unreadable", options->unreadable_percent,
                   "Percent of the pictures that may be unreadable before the command fails")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; 0: one per core")->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document");
  command->callback([options] { run(*options); });
}

}  // namespace mudra::cli
