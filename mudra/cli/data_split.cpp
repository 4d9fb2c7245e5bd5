#include <fmt/format.h>

#include "mudra/cli/data_commands.hpp"
#include "mudra/cli/step_commands.hpp"

namespace mudra::cli {

void add_options(OptionTable& command, pipeline::SplitSettings& settings) {
  command.add_option("SET", settings.sets, "The sets, put together")->required();
  command.add_option("--out", settings.out, "The folder to write to")->type_name("DIR")->required();
  command
      .add_option(
          "--split", settings.split,
          "What is put aside: the set's own test part, people, or frames at random; unless given, the first "
          "of these that the set has")
      ->check(CLI::IsMember({"given", "subject", "random"}));
  command.add_option("--seed", settings.seed, "Which ones")->capture_default_str();
}

Answer run(const pipeline::SplitSettings& settings) {
  const auto [split, seen, unseen] = pipeline::split_set(settings);
  return {.text = printed("{}: seen.npz with {} pictures to learn from, unseen.npz with {} to judge by; {}\n",
                          settings.out, seen, unseen, split),
          .json = {{"split", split}, {"seen", seen}, {"unseen", unseen}}};
}

void add_data_split(CLI::App& data) {
  CLI::App& command = add_command<pipeline::SplitSettings>(
      data, "split", "Put the people to judge by aside: DIR/seen.npz and DIR/unseen.npz");
  command.footer(
      "What is in unseen.npz cannot get into a training or a calibration with seen.npz. A split as given\n"
      "stays written in both.\n\n"
      "Example: mudra data split leapGestRecog --out run");
}

}  // namespace mudra::cli
