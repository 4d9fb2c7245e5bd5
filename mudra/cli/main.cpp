#include <fmt/format.h>

#include <exception>
#include <new>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/cli/commands.hpp"

namespace {

constexpr int kFailed = 1, kWrongUsage = 2;

// "data prepare" of the subcommands that were parsed, and the innermost of them.
std::string command_path(const CLI::App& app, const CLI::App** innermost) {
  std::string path;
  *innermost = &app;
  for (auto used = app.get_subcommands(); !used.empty(); used = (*innermost)->get_subcommands()) {
    *innermost = used.front();
    path += (path.empty() ? "" : " ") + (*innermost)->get_name();
  }
  return path;
}

int report_failure(const std::string& command, const std::string& text) {
  fmt::print(stderr, "mudra: {}{}{}\n", command, command.empty() ? "" : ": ", text);
  return kFailed;
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

  const CLI::App* innermost = &app;
  std::string command;
  mudra::catch_interrupts();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    command = command_path(app, &innermost);
    fmt::print(
        stderr, "mudra: {}{}{}\n\n{}", command, command.empty() ? "" : ": ", error.what(),
        innermost->help(command.empty() ? "mudra"
                                        : "mudra " + command.substr(0, command.rfind(' ') == std::string::npos
                                                                           ? 0
                                                                           : command.rfind(' '))));
    return kWrongUsage;
  } catch (const mudra::Error& error) {
    return report_failure(command_path(app, &innermost), error.text);
  } catch (const std::bad_alloc&) {
    return report_failure(command_path(app, &innermost), "not enough memory");
  } catch (const std::exception& error) {
    return report_failure(command_path(app, &innermost), error.what());
  }
  return 0;
}
