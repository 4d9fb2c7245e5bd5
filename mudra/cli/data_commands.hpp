// The four commands below `mudra data`.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "mudra/data/dataset.hpp"

namespace mudra::cli {

void add_data_prepare(CLI::App& data);
void add_data_info(CLI::App& data);
void add_data_synth(CLI::App& data);
void add_data_split(CLI::App& data);

// --layout, what the folders of a set say.
void add_layout(CLI::App& command, std::string& layout);

// {"width": 96, "height": 96, "channels": 1}
nlohmann::ordered_json json_of_shape(const data::PictureShape& shape);

// {"train": 24, "valid": 8, "test": 8}
nlohmann::ordered_json parts_json(const data::Dataset& set);

}  // namespace mudra::cli
