// What a board said, as text for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mudra/deploy/board.hpp"
#include "mudra/report/evaluation.hpp"

namespace mudra::cli {

using Json = nlohmann::ordered_json;

// The scores of one engine, on the board or on this PC.
struct EngineScores {
  std::string engine;
  std::vector<int> integers;     // by class, as the network gives them
  std::vector<double> percents;  // with two decimals
  std::uint32_t us = 0;          // 0: not measured

  std::size_t best() const;  // the first of the largest
};

// One picture, judged by every engine of the board and, where the model is at hand, by the PC.
struct BoardPrediction {
  std::string image;
  std::vector<std::string> labels;
  std::vector<EngineScores> board;
  std::optional<EngineScores> pc;

  bool is_equal() const;  // the board's integers are the PC's; true without the PC
};

// What a picture was expected to take on an engine, estimated on this PC for an ESP32-S3.
struct ExpectedTime {
  std::string engine;
  double us = 0, low = 0, high = 0;
};

// Throws Error when lines are missing.
std::vector<EngineScores> scores_in(const deploy::Answer& answer, std::size_t classes);

// To `info`, `mem`, `bench` and what this PC needs for the same, `selftest`.
std::string text_of_info(const deploy::Answer& answer);
std::string text_of_memory(const deploy::Answer& answer);
std::string text_of_latency(const deploy::Answer& answer, const std::vector<ExpectedTime>& expected);
std::string text_of_pc(const report::Latency& latency);
std::string text_of_tests(const deploy::Answer& answer);
std::string text_of(const BoardPrediction& prediction);

Json json_of_info(const deploy::Answer& answer);
Json json_of_memory(const deploy::Answer& answer);
Json json_of_latency(const deploy::Answer& answer, const std::vector<ExpectedTime>& expected);
Json json_of_pc(const report::Latency& latency);
Json json_of_tests(const deploy::Answer& answer);
Json json_of_frame(const device::Frame& frame);
Json json_of_prediction(const BoardPrediction& prediction);

}  // namespace mudra::cli
