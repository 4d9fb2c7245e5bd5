// What every command that talks to a board has in common: how long it waits, and the line's rate.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "mudra/deploy/board.hpp"

namespace mudra::cli {

inline constexpr double kPatienceSeconds = 5;  // unless --patience says otherwise

// --patience, in seconds, of a board.
void add_patience(CLI::App& command, double& patience_s);

// A board that may be silent so long, at the fastest rate that its line does; messages go to `tell`.
deploy::Board::Config board_config(double patience_s, std::function<void(const std::string&)> tell);

}  // namespace mudra::cli
