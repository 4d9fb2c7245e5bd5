// The commands that mudra reproduce is made of, each a function of mudra/pipeline: what may be typed of its
// settings, and what it answers.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "mudra/cli/answer.hpp"
#include "mudra/cli/option_table.hpp"
#include "mudra/pipeline/analyze_network.hpp"
#include "mudra/pipeline/deploy_model.hpp"
#include "mudra/pipeline/export_network.hpp"
#include "mudra/pipeline/profile_model.hpp"
#include "mudra/pipeline/quantize_network.hpp"
#include "mudra/pipeline/render_people.hpp"
#include "mudra/pipeline/replay_runs.hpp"
#include "mudra/pipeline/split_set.hpp"
#include "mudra/pipeline/train_network.hpp"

namespace mudra::cli {

void add_options(OptionTable& command, pipeline::RenderSettings& settings);
void add_options(OptionTable& command, pipeline::SplitSettings& settings);
void add_options(OptionTable& command, pipeline::TrainRequest& request);
void add_options(OptionTable& command, pipeline::ExportSettings& settings);
void add_options(OptionTable& command, pipeline::QuantizeSettings& settings);
void add_options(OptionTable& command, pipeline::AnalyzeSettings& settings);
void add_options(OptionTable& command, pipeline::ProfileSettings& settings);
void add_options(OptionTable& command, pipeline::DeploySettings& settings);
void add_options(OptionTable& command, pipeline::ReplaySettings& settings);

Answer run(const pipeline::RenderSettings& settings);
Answer run(const pipeline::SplitSettings& settings);
Answer run(const pipeline::TrainRequest& request);
Answer run(const pipeline::ExportSettings& settings);
Answer run(const pipeline::QuantizeSettings& settings);
Answer run(const pipeline::AnalyzeSettings& settings);
Answer run(const pipeline::ProfileSettings& settings);
Answer run(const pipeline::DeploySettings& settings);
Answer run(const pipeline::ReplaySettings& settings);

// Adds to `app` one of these commands, with --json.
template <typename Settings>
CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description) {
  struct Typed {
    Settings settings;
    bool json = false;
  };
  const auto typed = std::make_shared<Typed>();
  CLI::App& command = *app.add_subcommand(name, description);
  OptionTable table(command);
  add_options(table, typed->settings);
  command.add_flag("--json", typed->json, "Print one JSON document");
  command.callback([typed] { say(run(typed->settings), typed->json); });
  return command;
}

// What one would type behind the command's name for these settings.
template <typename Settings>
std::vector<std::string> words_of(Settings settings) {
  Settings defaults;
  CLI::App app, other;
  OptionTable table(app), as_given(other);
  add_options(table, defaults);
  add_options(as_given, settings);
  return as_given.words(table);
}

}  // namespace mudra::cli
