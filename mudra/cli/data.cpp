#include "mudra/cli/commands.hpp"
#include "mudra/cli/data_commands.hpp"

namespace mudra::cli {

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Make, prepare and look at sets of hand pictures");
  data->require_subcommand(1);
  add_data_prepare(*data);
  add_data_info(*data);
  add_data_synth(*data);
  add_data_split(*data);
}

}  // namespace mudra::cli
