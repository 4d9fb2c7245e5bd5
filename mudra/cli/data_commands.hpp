// The four commands below `mudra data`.
#pragma once

#include <CLI/CLI.hpp>

namespace mudra::cli {

void add_data_prepare(CLI::App& data);
void add_data_info(CLI::App& data);
void add_data_synth(CLI::App& data);
void add_data_split(CLI::App& data);

}  // namespace mudra::cli
