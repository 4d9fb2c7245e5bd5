#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/cli/data_commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/synthetic_hands.hpp"

namespace mudra::cli {
namespace {

namespace fs = std::filesystem;

struct SynthOptions {
  std::string out;
  int per_class = 20;
  int people = 10;
  std::uint64_t seed = 1;
  int threads = 0;
  bool json = false;

  std::size_t images() const {
    return static_cast<std::size_t>(people) * data::kGestures * static_cast<std::size_t>(per_class);
  }
};

void check_missing_or_empty(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty()) fail("an empty path names no folder");
  if (fs::exists(folder, ignored) && !fs::is_directory(folder, ignored))
    fail("{}: is no folder", folder.string());
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
    fail("{}: is not empty", folder.string());
}

fs::path class_folder(int person, int gesture) {
  return fs::path(fmt::format("s{:03}", person)) / data::kGestureNames[gesture];
}

// "DIR/" names the folder DIR.
fs::path without_slash(const std::string& text) {
  const fs::path path(text);
  return path.has_filename() ? path : path.parent_path();
}

void run(const SynthOptions& options) {
  set_threads(options.threads);
  if (options.images() > data::max_images())
    fail("{} pictures are more than the {} a set may have", options.images(), data::max_images());
  const fs::path target = without_slash(options.out);
  check_missing_or_empty(target);
  PendingFolder folder(target);
  for (int person = 0; person < options.people; ++person)
    for (int gesture = 0; gesture < data::kGestures; ++gesture)
      make_folder(folder.path() / class_folder(person, gesture));
  const auto per_class = static_cast<std::size_t>(options.per_class);
  for_each_parallel("rendering", options.images(), [&](std::size_t i) {
    const data::HandId id{.seed = options.seed,
                          .person = i / per_class / data::kGestures,
                          .gesture = static_cast<int>(i / per_class % data::kGestures),
                          .frame = i % per_class};
    std::array<std::uint8_t, data::kImagePixels> picture;
    data::render_hand(id, picture);
    const fs::path file =
        class_folder(static_cast<int>(id.person), id.gesture) / fmt::format("{:04}.png", id.frame);
    write_file(folder.path() / file, data::encode_png(picture, {}));
  });
  folder.commit();
  if (options.json)
    print_json({{"out", options.out},
                {"images", options.images()},
                {"people", options.people},
                {"per_class", options.per_class},
                {"seed", options.seed}});
  else
    print_err("{}: {} pictures, {} of each gesture of {} people\n", options.out, options.images(),
              options.per_class, options.people);
}

}  // namespace

void add_data_synth(CLI::App& data) {
  auto options = std::make_shared<SynthOptions>();
  CLI::App* command =
      data.add_subcommand("synth", "Render hands as a near-infrared camera sees them, as PNG files");
  command->footer(
      "Writes DIR/SUBJECT/CLASS/*.png. The same seed gives the same pictures.\n\n"
      "Example: mudra data synth --out hands --per-class 20 --people 10 --seed 1");
  command->add_option("--out", options->out, "Folder to write; must be new or empty")->required();
  command->add_option("--per-class", options->per_class, "Pictures of each gesture and person")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--people", options->people, "People")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Which pictures")->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; 0: one per core")->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document");
  command->callback([options] { run(*options); });
}

}  // namespace mudra::cli
