#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/data_commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/data/dataset_io.hpp"
#include "mudra/data/split.hpp"
#include "mudra/pipeline/sets.hpp"

namespace mudra::cli {
namespace {

struct SplitOptions {
  std::vector<std::string> sets;
  std::string out, split;
  std::uint64_t seed = 1;
  bool json = false;
};

void run(const SplitOptions& options) {
  data::Dataset set = pipeline::told(data::load_sets(options.sets));
  data::require_labels(set);
  const std::string kind = options.split.empty() ? data::default_split(set) : options.split;
  const data::Split split = kind == "given"    ? data::split_as_given(set)
                            : kind == "random" ? data::split_random(set, {}, options.seed)
                                               : data::split_by_subject(set, options.seed);
  if (kind != "given") set.parts.clear();  // another split than this one
  std::vector<std::uint32_t> seen = split.train;
  seen.insert(seen.end(), split.validation.begin(), split.validation.end());
  std::ranges::sort(seen);
  const std::filesystem::path folder(options.out);
  make_folder(folder);
  data::write_dataset(folder / "seen.npz", data::subset(set, seen));
  data::write_dataset(folder / "unseen.npz", data::subset(set, split.test));
  if (options.json)
    print_json({{"split", split.name}, {"seen", seen.size()}, {"unseen", split.test.size()}});
  else
    print_out("{}: seen.npz with {} pictures to learn from, unseen.npz with {} to judge by; {}\n",
              options.out, seen.size(), split.test.size(), split.name);
  flush_stdout();
}

}  // namespace

void add_data_split(CLI::App& data) {
  const auto options = std::make_shared<SplitOptions>();
  CLI::App* command =
      data.add_subcommand("split", "Put the people to judge by aside: DIR/seen.npz and DIR/unseen.npz");
  command->footer(
      "What is in unseen.npz cannot get into a training or a calibration with seen.npz. A split as given\n"
      "stays written in both.\n\n"
      "Example: mudra data split leapGestRecog --out run");
  command->add_option("SET", options->sets, "The sets, put together")->required();
  command->add_option("--out", options->out, "The folder to write to")->type_name("DIR")->required();
  command
      ->add_option(
          "--split", options->split,
          "What is put aside: the set's own test part, people, or frames at random; unless given, the first "
          "of these that the set has")
      ->check(CLI::IsMember({"given", "subject", "random"}));
  command->add_option("--seed", options->seed, "Which ones")->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON document");
  command->callback([options] { run(*options); });
}

}  // namespace mudra::cli
