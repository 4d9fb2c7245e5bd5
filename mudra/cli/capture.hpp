// The command `mudra capture`, which collects pictures of gestures.
#pragma once

#include <CLI/CLI.hpp>

namespace mudra::cli {

void add_capture(CLI::App& app);

}  // namespace mudra::cli
