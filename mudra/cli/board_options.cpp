#include "mudra/cli/board_options.hpp"

#include <chrono>
#include <utility>

namespace mudra::cli {

void add_patience(CLI::App& command, double& patience_s) {
  command.add_option("--patience", patience_s, "Seconds without a sign of life of the board before an error")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
}

deploy::Board::Config board_config(double patience_s, std::function<void(const std::string&)> tell) {
  deploy::Board::Config config;
  config.silence = std::chrono::milliseconds(static_cast<int>(patience_s * 1000));
  config.rate = deploy::kFastRate;
  config.tell = std::move(tell);
  return config;
}

}  // namespace mudra::cli
