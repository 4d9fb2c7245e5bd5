// The commands of the program: each adds itself, its options and its callback to the parser.
#pragma once

#include <CLI/CLI.hpp>

namespace mudra::cli {

void add_data(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_predict(CLI::App& app);
void add_export(CLI::App& app);
void add_inspect(CLI::App& app);
void add_test(CLI::App& app);
void add_replay(CLI::App& app);
void add_quantize(CLI::App& app);
void add_analyze(CLI::App& app);
void add_profile(CLI::App& app);
void add_deploy(CLI::App& app);
void add_monitor(CLI::App& app);
void add_send(CLI::App& app);
void add_studio(CLI::App& app);
void add_reproduce(CLI::App& app);
void add_help(CLI::App& app);
void add_completion(CLI::App& app);

}  // namespace mudra::cli
