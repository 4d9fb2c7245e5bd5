#include <fmt/format.h>

#include "mudra/cli/data_commands.hpp"
#include "mudra/cli/step_commands.hpp"

namespace mudra::cli {

void add_options(OptionTable& command, pipeline::RenderSettings& settings) {
  command.add_option("--out", settings.out, "Folder to write; must be new or empty")->required();
  command.add_option("--per-class", settings.per_class, "Pictures of each gesture and person")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--people", settings.people, "People")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--seed", settings.seed, "Which pictures")->capture_default_str();
  add_rendering_options(command, settings.hands, settings.without_none);
  command
      .add_option("--light", settings.light,
                  "Of a near-infrared flash, visible, or three quarters and a quarter of the people")
      ->check(CLI::IsMember({"infrared", "visible", "both"}))
      ->capture_default_str();
  command.add_option("--none", settings.none, "The share of pictures that show no gesture, the class none")
      ->type_name("PERCENT")
      ->capture_default_str();
  command.add_option("--threads", settings.threads, "Threads; 0: one per core")->capture_default_str();
}

Answer run(const pipeline::RenderSettings& settings) {
  pipeline::render_people(settings);
  const data::SyntheticConfig hands = settings.config();
  return {.text = {},
          .json = {{"out", settings.out},
                   {"images", hands.images()},
                   {"people", hands.people},
                   {"per_class", hands.images_per_class},
                   {"seed", hands.seed}},
          .remark = printed("{}: {} pictures, {} of each gesture of {} people\n", settings.out,
                            hands.images(), hands.images_per_class, hands.people)};
}

void add_data_synth(CLI::App& data) {
  CLI::App& command = add_command<pipeline::RenderSettings>(
      data, "synth", "Render hands as an infrared or an ordinary camera sees them, as PNG files");
  command.footer(
      "Writes DIR/SUBJECT/CLASS/*.png. The same seed gives the same pictures.\n\n"
      "Example: mudra data synth --out hands --per-class 20 --people 10 --seed 1");
}

}  // namespace mudra::cli
