#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <sstream>
#include <string>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/base/instruction_set.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/capture.hpp"
#include "mudra/cli/commands.hpp"

namespace {

using mudra::flush_stdout, mudra::print_err, mudra::print_out;

constexpr int kFailed = 1, kWrongUsage = 2;

// "mudra: data prepare: ", with the commands that were given so far.
std::string message_start(const CLI::App& app) {
  std::string commands;
  for (auto given = app.get_subcommands(); !given.empty(); given = given.front()->get_subcommands())
    commands += " " + given.front()->get_name();
  return commands.empty() ? "mudra: " : "mudra:" + commands + ": ";
}

// Why an option of CLI11's TYPE cannot have the value, where CLI11 would take it; empty: it can.
std::string problem_of(const std::string& type, const std::string& value) {
  if (value.empty()) return "an empty value says nothing";
  if (type.starts_with("FLOAT") && !std::isfinite(std::strtod(value.c_str(), nullptr)))
    return value + " is not a number";
  errno = 0;
  if (type.starts_with("UINT") && std::strtoull(value.c_str(), nullptr, 0) > 0 && errno == ERANGE)
    return value + " is too large";
  return "";
}

// What no option means anything by is refused before it is made a path or a number.
void check_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    if (option->get_items_expected_max() == 0) continue;  // a flag
    const std::string type = option->get_type_name();
    option->transform(CLI::Validator([type](std::string& value) { return problem_of(type, value); }, ""));
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) check_values(*command);
}

// Nothing is said where there is nobody to tell.
int report_failure(const CLI::App& app, std::string_view text) {
  if (!text.empty()) print_err("{}{}\n", message_start(app), text);
  return kFailed;
}

// Threads that wait for work sleep instead of spinning, which on a machine with other work costs many times
// what it saves. OpenMP's library reads this before main, so the program starts itself once more.
void sleep_while_waiting(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || setenv("OMP_WAIT_POLICY", "passive", 0) != 0) return;
  execv("/proc/self/exe", argv);  // where that fails, all still works
}

// Parsing runs the command that is named.
void run(CLI::App& app, int argc, char** argv) {
  try {
    mudra::limit_instruction_set();
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    print_out("{}\n", version.what());
  } catch (const CLI::Success& help) {
    std::ostringstream text;
    app.exit(help, text, text);
    print_out(text.str());
  }
  flush_stdout();
}

int exit_code_of(CLI::App& app, int argc, char** argv) {
  try {
    run(app, argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    const bool unknown = app.get_subcommands().empty() && !app.remaining().empty();
    print_err("{}{}\n\n", message_start(app),
              unknown ? fmt::format("there is no command '{}'", app.remaining().front()) : error.what());
    print_err(app.help());
    return kWrongUsage;
  } catch (const mudra::Error& error) {
    return report_failure(app, error.text);
  } catch (const std::bad_alloc&) {
    return report_failure(app, "not enough memory");
  } catch (const std::filesystem::filesystem_error& error) {
    return report_failure(app, fmt::format("{}: {}", error.path1().string(), error.code().message()));
  } catch (const std::exception& error) {
    return report_failure(app, error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  mudra::occupy_closed_streams();
  sleep_while_waiting(argv);
  CLI::App app("From pictures of hands to a gesture recogniser on an ESP32-S3.", "mudra");
  app.set_version_flag("--version", "mudra " MUDRA_VERSION);
  app.require_subcommand(1);
  mudra::cli::add_data(app);
  mudra::cli::add_train(app);
  mudra::cli::add_evaluate(app);
  mudra::cli::add_predict(app);
  mudra::cli::add_export(app);
  mudra::cli::add_inspect(app);
  mudra::cli::add_quantize(app);
  mudra::cli::add_analyze(app);
  mudra::cli::add_test(app);
  mudra::cli::add_replay(app);
  mudra::cli::add_profile(app);
  mudra::cli::add_deploy(app);
  mudra::cli::add_monitor(app);
  mudra::cli::add_send(app);
  mudra::cli::add_capture(app);
  mudra::cli::add_studio(app);
  mudra::cli::add_reproduce(app);
  mudra::cli::add_help(app);
  mudra::cli::add_completion(app);
  check_values(app);
  mudra::catch_interrupts();
  return exit_code_of(app, argc, argv);
}
