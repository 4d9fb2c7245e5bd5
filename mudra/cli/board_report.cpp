#include "mudra/cli/board_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>

#include "mudra/base/error.hpp"

namespace mudra::cli {
namespace {

// A reply's fields under their names on the line.
struct JsonFields {
  Json& json;

  void operator()(std::string_view key, std::string_view value) { json[std::string(key)] = value; }
  void operator()(std::string_view key, bool value) { json[std::string(key)] = value; }
  void operator()(std::string_view key, device::Hundredths share) {
    json[std::string(key)] = share.value / 100.0;
  }
  void operator()(std::string_view key, device::Checksum checksum) {
    json[std::string(key)] = fmt::format("{:08x}", checksum.value);
  }
  void operator()(std::string_view key, std::integral auto value) { json[std::string(key)] = value; }
};

template <typename Reply>
Json json_of_reply(const Reply& reply) {
  Json json = Json::object();
  Reply::fields(reply, JsonFields{json});
  return json;
}

template <typename Reply>
Json json_of_all(const deploy::Answer& answer) {
  Json list = Json::array();
  for (const Reply& reply : answer.all<Reply>()) list.push_back(json_of_reply(reply));
  return list;
}

double milliseconds(std::uint32_t us) { return us / 1000.0; }

// Null: nothing was expected of this engine.
const ExpectedTime* expected_of(const device::Latency& latency, const std::vector<ExpectedTime>& expected) {
  const auto found = std::ranges::find(expected, latency.engine, &ExpectedTime::engine);
  return found == expected.end() ? nullptr : &*found;
}

Json json_of(const EngineScores& scores, const std::vector<std::string>& labels) {
  Json by_label = Json::object();
  for (std::size_t c = 0; c < labels.size(); ++c) by_label[labels[c]] = scores.percents[c];
  Json json = {{"engine", scores.engine},
               {"class", labels[scores.best()]},
               {"percent", std::move(by_label)},
               {"integer", scores.integers}};
  if (scores.us > 0) json["us"] = scores.us;
  return json;
}

}  // namespace

std::size_t EngineScores::best() const {
  return static_cast<std::size_t>(std::ranges::max_element(integers) - integers.begin());
}

bool BoardPrediction::is_equal() const {
  return !pc || std::ranges::all_of(
                    board, [&](const EngineScores& scores) { return scores.integers == pc->integers; });
}

std::vector<EngineScores> scores_in(const deploy::Answer& answer, std::size_t classes) {
  std::vector<EngineScores> engines;
  for (const device::Result& result : answer.all<device::Result>()) {
    EngineScores& scores = engines.emplace_back();
    scores.engine = result.engine;
    scores.us = result.us;
    for (const device::Score& score : answer.all<device::Score>()) {
      if (score.engine != result.engine) continue;
      scores.integers.push_back(score.value);
      scores.percents.push_back(score.percent.value / 100.0);
    }
    if (scores.integers.size() != classes)
      fail("the board gave {} scores of {}", scores.integers.size(), classes);
  }
  if (engines.empty()) fail("the board gave no result");
  return engines;
}

std::string text_of_info(const deploy::Answer& answer) {
  const auto board = answer.one<device::Board>();
  const auto model = answer.one<device::Model>();
  std::string text =
      fmt::format("board    {} {}, {} cores at {} MHz, {} MB of flash, {} MB of PSRAM\n", board.chip,
                  board.revision, board.cores, board.mhz, board.flash_bytes >> 20, board.psram_bytes >> 20);
  if (!board.problem.empty()) text += fmt::format("         {}\n", board.problem);
  text += fmt::format("firmware {} on ESP-IDF {}\n", board.firmware, board.idf);
  if (model.bytes == 0)
    text += fmt::format("model    none, in a partition of {} bytes\n", model.partition_bytes);
  else
    text += fmt::format(
        "model    {} bytes of {} in its partition, CRC-32 {:08x}\n         {}x{}x{} int{} at 2^{} to {} "
        "classes "
        "int{} at 2^{}, {} recorded inputs\n",
        model.bytes, model.partition_bytes, model.crc32.value, model.height, model.width, model.channels,
        model.input_bits, model.input_exponent, model.classes, model.output_bits, model.output_exponent,
        model.tests);
  std::string labels;
  for (const auto& label : answer.all<device::Label>())
    labels += fmt::format("{}{}", labels.empty() ? "" : ", ", label.name);
  if (!labels.empty())
    text +=
        fmt::format("classes  {}{}\n", labels,
                    model.named ? "" : " (the model names none, or has longer names than the board keeps)");
  for (const auto& rule : answer.all<device::Decision>())
    text += fmt::format("shown    from {:.2f} % on, until below {:.2f} %, over {} pictures\n",
                        rule.enter.value / 100.0, rule.leave.value / 100.0, rule.pictures);
  for (const auto& engine : answer.all<device::EngineState>()) {
    text += fmt::format("engine   {}: ", engine.name);
    if (!engine.ready) text += "not ready: ";
    if (engine.ready) text += fmt::format("arena of {} bytes in {} RAM", engine.arena_bytes, engine.memory);
    if (engine.ready && !engine.kernels.empty()) text += fmt::format(", {} kernels", engine.kernels);
    if (engine.ready && !engine.weights.empty()) text += fmt::format(", weights in {}", engine.weights);
    if (engine.ready && !engine.problem.empty()) text += ": ";
    text += fmt::format("{}\n", engine.problem);
  }
  for (const auto& camera : answer.all<device::Camera>())
    text += fmt::format("camera   {}\n", camera.present ? camera.sensor : "none");
  return text;
}

std::string text_of_memory(const deploy::Answer& answer) {
  std::string text =
      fmt::format("{:<18}{:>15}{:>12}{:>12}{:>12}{:>12}{:>12}\n", "memory, bytes", "internal free",
                  "least ever", "one piece", "PSRAM free", "least ever", "one piece");
  for (const auto& memory : answer.all<device::Memory>())
    text += fmt::format("  {:<16}{:>15}{:>12}{:>12}{:>12}{:>12}{:>12}\n", memory.when, memory.internal_free,
                        memory.internal_least, memory.internal_largest, memory.psram_free, memory.psram_least,
                        memory.psram_largest);
  for (const auto& stack : answer.all<device::StackState>())
    text += fmt::format("stack of task {}: {} of {} bytes never used\n", stack.task, stack.least_free,
                        stack.bytes);
  return text;
}

std::string text_of_latency(const deploy::Answer& answer, const std::vector<ExpectedTime>& expected) {
  std::string text = fmt::format("{:<14}{:>8}{:>10}{:>10}{:>10}{:>10}{:>10}", "latency, ms", "runs", "least",
                                 "median", "99 %", "most", "mean");
  text += expected.empty() ? "\n" : "   estimated for an ESP32-S3\n";
  for (const auto& latency : answer.all<device::Latency>()) {
    text += fmt::format("  {:<12}{:>8}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}{:>10.3f}", latency.engine,
                        latency.runs, milliseconds(latency.least_us), milliseconds(latency.median_us),
                        milliseconds(latency.p99_us), milliseconds(latency.most_us),
                        milliseconds(latency.mean_us));
    if (const ExpectedTime* time = expected_of(latency, expected))
      text += fmt::format("   {:.3f}, from {:.3f} to {:.3f}", time->us / 1000, time->low / 1000,
                          time->high / 1000);
    text += "\n";
  }
  return text;
}

std::string text_of_pc(const report::Latency& latency) {
  constexpr double kMillisecond = 1000;
  return fmt::format("the same on this PC: {:.3f} ms, {:.3f} to {:.3f}, {} runs\n\n",
                     latency.median_us / kMillisecond, latency.low_us / kMillisecond,
                     latency.high_us / kMillisecond, latency.runs);
}

std::string text_of_tests(const deploy::Answer& answer) {
  std::string text;
  for (const auto& test : answer.all<device::TestOutcome>()) {
    text += fmt::format("self-test {} of {}: {}\n", test.index + 1, test.engine,
                        test.passed ? "equal" : "DIFFERS");
    if (test.passed) continue;
    text += fmt::format("  output {} is {}, recorded {}", test.element, test.got, test.want);
    text += test.node.empty() ? "\n" : fmt::format("; the first node that differs is '{}'\n", test.node);
  }
  return text.empty() ? "self-test: the model has no recorded inputs\n" : text;
}

std::string text_of(const BoardPrediction& prediction) {
  std::size_t width = 0;
  for (const std::string& label : prediction.labels) width = std::max(width, label.size());
  std::string text;
  for (const EngineScores& scores : prediction.board) {
    text += fmt::format("{}: {} ({}, {:.1f} ms)\n", prediction.image, prediction.labels[scores.best()],
                        scores.engine, milliseconds(scores.us));
    for (std::size_t c = 0; c < prediction.labels.size(); ++c) {
      text += fmt::format("  {:<{}} {:7.2f} % {:>6}", prediction.labels[c], width, scores.percents[c],
                          scores.integers[c]);
      if (prediction.pc)
        text += fmt::format("   PC {:7.2f} % {:>6}{}", prediction.pc->percents[c], prediction.pc->integers[c],
                            prediction.pc->integers[c] == scores.integers[c] ? "" : "  DIFFERS");
      text += "\n";
    }
  }
  return text;
}

Json json_of_info(const deploy::Answer& answer) {
  Json labels = Json::array();
  for (const auto& label : answer.all<device::Label>()) labels.push_back(label.name);
  return {{"board", json_of_reply(answer.one<device::Board>())},
          {"model", json_of_reply(answer.one<device::Model>())},
          {"decision", json_of_all<device::Decision>(answer)},
          {"labels", std::move(labels)},
          {"engines", json_of_all<device::EngineState>(answer)},
          {"camera", json_of_reply(answer.one<device::Camera>())}};
}

Json json_of_memory(const deploy::Answer& answer) {
  return {{"memory", json_of_all<device::Memory>(answer)},
          {"stacks", json_of_all<device::StackState>(answer)}};
}

Json json_of_latency(const deploy::Answer& answer, const std::vector<ExpectedTime>& expected) {
  Json list = Json::array();
  for (const auto& latency : answer.all<device::Latency>()) {
    Json& entry = list.emplace_back(json_of_reply(latency));
    if (const ExpectedTime* time = expected_of(latency, expected))
      entry["estimate"] = {{"us", time->us}, {"us_low", time->low}, {"us_high", time->high}};
  }
  return list;
}

Json json_of_pc(const report::Latency& latency) {
  return {{"runs", latency.runs},
          {"median_us", latency.median_us},
          {"us_low", latency.low_us},
          {"us_high", latency.high_us}};
}

Json json_of_tests(const deploy::Answer& answer) { return json_of_all<device::TestOutcome>(answer); }

Json json_of_frame(const device::Frame& frame) { return json_of_reply(frame); }

Json json_of_prediction(const BoardPrediction& prediction) {
  Json engines = Json::array();
  for (const EngineScores& scores : prediction.board) engines.push_back(json_of(scores, prediction.labels));
  Json json = {{"image", prediction.image}, {"board", std::move(engines)}};
  if (prediction.pc) {
    json["pc"] = json_of(*prediction.pc, prediction.labels);
    json["equal"] = prediction.is_equal();
  }
  return json;
}

}  // namespace mudra::cli
