#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/cli/commands.hpp"

namespace {

constexpr int kFailed = 1, kWrongUsage = 2;

// "mudra: data prepare: ", with the commands that were given so far.
std::string message_start(const CLI::App& app) {
  std::string commands;
  for (auto given = app.get_subcommands(); !given.empty(); given = given.front()->get_subcommands())
    commands += " " + given.front()->get_name();
  return commands.empty() ? "mudra: " : "mudra:" + commands + ": ";
}

int report_failure(const CLI::App& app, std::string_view text) {
  fmt::print(stderr, "{}{}\n", message_start(app), text);
  return kFailed;
}

// Parsing runs the command that is named.
int run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}{}\n\n{}", message_start(app), error.what(), app.help());
    return kWrongUsage;
  } catch (const mudra::Error& error) {
    return report_failure(app, error.text);
  } catch (const std::bad_alloc&) {
    return report_failure(app, "not enough memory");
  } catch (const std::exception& error) {
    return report_failure(app, error.what());
  }
  if (std::fflush(stdout) != 0) return report_failure(app, fmt::format("stdout: {}", std::strerror(errno)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("From pictures of hands to a gesture recogniser on an ESP32-S3.", "mudra");
  app.set_version_flag("--version", "mudra " MUDRA_VERSION);
  app.require_subcommand(1);
  mudra::cli::add_data(app);
  mudra::cli::add_train(app);
  mudra::cli::add_evaluate(app);
  mudra::cli::add_predict(app);
  mudra::cli::add_replay(app);
  mudra::catch_interrupts();
  return run(app, argc, argv);
}
