#include "mudra/base/error.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/data_commands.hpp"
#include "mudra/data/layout.hpp"

namespace mudra::cli {

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Make, prepare and look at sets of hand pictures");
  data->require_subcommand(1);
  add_data_prepare(*data);
  add_data_info(*data);
  add_data_synth(*data);
  add_data_split(*data);
}

void add_layout(CLI::App& command, std::string& layout) {
  command
      .add_option(
          "--layout", layout,
          "What the folders of a set say, from the outermost: split, person, class, or - for nothing; "
          "guessed unless given")
      ->type_name("person/class")
      ->check([](const std::string& text) {
        try {
          data::parse_layout(text);
          return std::string();
        } catch (const Error& error) {
          return error.text;
        }
      });
}

nlohmann::ordered_json json_of_shape(const data::PictureShape& shape) {
  return {{"width", shape.width}, {"height", shape.height}, {"channels", shape.channels}};
}

nlohmann::ordered_json parts_json(const data::Dataset& set) {
  const auto [train, valid, test] = data::part_counts(set);
  return {{"train", train}, {"valid", valid}, {"test", test}};
}

}  // namespace mudra::cli
