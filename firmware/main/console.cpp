#include "console.hpp"

#include <algorithm>
#include <cstring>

#include "board.hpp"
#include "esp_timer.h"
#include "idle.hpp"
#include "self_test.hpp"

namespace mudra::firmware {
namespace {

using device::Command;
using device::Refusal;
using device::Verb;

// While a command takes its time: often enough for kMaxSilenceMs even if one inference takes half of it.
constexpr std::int64_t kProgressUs = device::kMaxSilenceMs * 1000 / 2;

// Bytes of the picture that the model takes; 0: it takes none.
std::uint32_t picture_pixels(const device::ModelInfo& info) {
  return info.takes_pictures() ? static_cast<std::uint32_t>(info.picture().bytes()) : 0;
}

device::CommandReader::ImageSizes image_sizes(const device::ModelInfo& info, std::size_t room) {
  if (room < Console::picture_bytes(info)) return {};
  const std::uint32_t bytes = picture_pixels(info);
  return {.gray = info.picture().is_color() ? 0 : bytes,
          .rgb = info.picture().is_color() ? bytes : 0,
          .input = static_cast<std::uint32_t>(info.input_bytes())};
}

}  // namespace

std::size_t Console::picture_bytes(const device::ModelInfo& info) {
  return std::max(info.input_bytes(), std::size_t{picture_pixels(info)});
}

Console::Console(const Parts& parts, std::span<std::byte> pictures)
    : parts_(parts),
      pictures_(pictures),
      reader_({reinterpret_cast<std::uint8_t*>(pictures.data()), pictures.size()},
              parts.has_model ? image_sizes(parts.partition.info(), pictures.size())
                              : device::CommandReader::ImageSizes{}) {}

template <typename Reply>
void Console::send(const Reply& reply, std::uint16_t tag) {
  parts_.port.write(device::line_of(reply).end(tag));
}

void Console::send_done(const Command& command) {
  send(device::Done{.command = name_of(command.verb)}, command.tag);
}

void Console::send_failure(std::string_view command, Refusal refusal, std::string_view detail,
                           std::uint16_t tag) {
  Text text(describe(refusal));
  if (!detail.empty()) text << ": " << detail;
  send(device::Failure{.command = command, .code = name_of(refusal), .text = text.view()}, tag);
}

void Console::fail(const Command& command, Refusal refusal, std::string_view detail) {
  send_failure(name_of(command.verb), refusal, detail, command.tag);
}

Console::Event Console::next_event(int patience_ms) {
  if (received_used_ == received_size_) {
    received_used_ = 0;
    received_size_ = parts_.port.read(received_, patience_ms);
    const std::int64_t now = esp_timer_get_time();
    if (received_size_ > 0) last_byte_us_ = now;
    if (reader_.receiving() && now - last_byte_us_ > std::int64_t{device::kTransferTimeoutMs} * 1000)
      return reader_.give_up();
  }
  while (received_used_ < received_size_) {
    const Event event = reader_.push(received_[received_used_++]);
    if (event != Event::kNone) return event;
  }
  return Event::kNone;
}

void Console::step(int patience_ms) {
  Event event = next_event(streaming_ ? 0 : patience_ms);
  while (event != Event::kNone) event = handle(event);
  if (streaming_) stream_picture();
}

Console::Event Console::handle(Event event) {
  const Command command = reader_.command();
  switch (event) {
    case Event::kNone:
      break;
    case Event::kReady:
      streaming_ = false;
      picture_ = Picture::kNone;
      send(device::Ready{.bytes = command.bytes}, command.tag);
      break;
    case Event::kCommand:
      streaming_ = false;
      return do_command(command);
    case Event::kRefused:
      if (reader_.refusal() == Refusal::kImageSize && !parts_.has_model)
        fail(command, Refusal::kNoModel, parts_.partition.problem());
      else
        send_failure(reader_.refused(), reader_.refusal(), reader_.detail(), command.tag);
      break;
  }
  return Event::kNone;
}

Console::Event Console::do_command(const Command& command) {
  switch (command.verb) {
    case Verb::kHelp:
      help(command);
      break;
    case Verb::kInfo:
      info(command);
      break;
    case Verb::kMem:
      memory(command);
      break;
    case Verb::kRun:
      run(command);
      break;
    case Verb::kImage:
      picture_ = command.image == device::ImageKind::kInput ? Picture::kInput : Picture::kPixels;
      classify(command);
      break;
    case Verb::kBench:
      return bench(command);
    case Verb::kSelftest:
      self_test(command);
      break;
    case Verb::kStream:
      stream(command);
      break;
  }
  return Event::kNone;
}

void Console::help(const Command& command) {
  for (int i = 0; i < device::kVerbs; ++i) {
    const auto verb = static_cast<Verb>(i);
    send(device::Usage{.command = name_of(verb), .arguments = arguments_of(verb), .does = describe(verb)},
         command.tag);
  }
  send_done(command);
}

device::Model Console::describe_model() const {
  device::Model model;
  model.partition_bytes = static_cast<std::uint32_t>(parts_.partition.partition_bytes());
  if (!parts_.has_model) return model;
  const device::ModelInfo& info = parts_.partition.info();
  model.bytes = static_cast<std::uint32_t>(parts_.partition.model().size());
  model.crc32 = {device::crc32(parts_.partition.model())};
  model.height = info.input.height;
  model.width = info.input.width;
  model.channels = info.input.channels;
  model.input_bits = 8 * static_cast<std::int32_t>(bytes_of(info.input.type));
  model.input_exponent = info.input.exponent;
  model.classes = info.output.channels;
  model.output_bits = 8 * static_cast<std::int32_t>(bytes_of(info.output.type));
  model.output_exponent = info.output.exponent;
  model.tests = info.tests;
  model.named = info.named;
  return model;
}

void Console::send_engines(std::uint16_t tag) {
  for (const InferenceEngine* engine : parts_.engines)
    send(device::EngineState{.name = engine->name(),
                             .ready = engine->is_ready(),
                             .arena_bytes = static_cast<std::uint32_t>(engine->arena_bytes()),
                             .memory = name_of(engine->place()),
                             .kernels = engine->kernels(),
                             .weights = engine->weights(),
                             .problem = parts_.has_model ? engine->problem() : parts_.partition.problem()},
         tag);
}

void Console::info(const Command& command) {
  send(describe_board(), command.tag);
  send(describe_model(), command.tag);
  send(device::Camera{.present = parts_.camera.is_open(), .sensor = parts_.camera.sensor()}, command.tag);
  if (parts_.has_model) {
    const device::SmoothingRule& rule = parts_.smoothing;
    send(device::Decision{.pictures = rule.pictures,
                          .enter = {device::hundredths_of_percent(rule.enter)},
                          .leave = {device::hundredths_of_percent(rule.leave)}},
         command.tag);
    const device::ClassNames& classes = parts_.partition.info().classes;
    for (int i = 0; i < classes.size(); ++i) send(device::Label{.index = i, .name = classes[i]}, command.tag);
  }
  send_engines(command.tag);
  send_done(command);
}

void Console::memory(const Command& command) {
  for (const device::Memory& moment : {parts_.moments.boot, parts_.moments.loaded,
                                       parts_.moments.before_inference, parts_.moments.after_inference})
    if (!moment.when.empty()) send(moment, command.tag);
  send(measure_memory("now"), command.tag);
  send(measure_stack(), command.tag);
  send_done(command);
}

InferenceEngine* Console::first_ready_engine() const {
  for (InferenceEngine* engine : parts_.engines)
    if (engine->is_ready()) return engine;
  return nullptr;
}

bool Console::has_ready_engine(const Command& command) {
  if (first_ready_engine() != nullptr) return true;
  if (!parts_.has_model) {
    fail(command, Refusal::kNoModel, parts_.partition.problem());
    return false;
  }
  const InferenceEngine& engine = *parts_.engines.front();
  fail(command, engine.lacks_memory() ? Refusal::kNoMemory : Refusal::kNoModel, engine.problem());
  return false;
}

bool Console::grab_picture() {
  const std::size_t bytes = picture_pixels(parts_.partition.info());
  if (bytes == 0 || pictures_.size() < bytes) return false;
  const std::span pixels(reinterpret_cast<std::uint8_t*>(pictures_.data()), bytes);
  picture_ = parts_.camera.grab(pixels) ? Picture::kPixels : Picture::kNone;
  return picture_ == Picture::kPixels;
}

void Console::run(const Command& command) {
  if (!has_ready_engine(command)) return;
  if (parts_.camera.is_open() && !grab_picture())
    return fail(command, Refusal::kNoPicture, "the camera gave none");
  if (picture_ == Picture::kNone) return fail(command, Refusal::kNoPicture);
  classify(command);
}

bool Console::run_on_picture(InferenceEngine& engine, std::uint32_t& us) {
  const device::ModelInfo& info = parts_.partition.info();
  const std::span<std::byte> input = engine.input().first(info.input_bytes());
  if (picture_ == Picture::kInput) {
    std::memcpy(input.data(), pictures_.data(), input.size());
  } else {
    const std::span pixels(reinterpret_cast<const std::uint8_t*>(pictures_.data()), picture_pixels(info));
    if (device::prepare(pixels, info.input, info.rule, input) != device::Status::kOk) return false;
  }
  parts_.moments.before_inference = measure_memory("before_inference");
  const std::int64_t start = esp_timer_get_time();
  const bool good = engine.run();
  us = static_cast<std::uint32_t>(esp_timer_get_time() - start);
  parts_.moments.after_inference = measure_memory("after_inference");
  return good;
}

int Console::best_class(const InferenceEngine& engine) {
  const device::TensorInfo& output = parts_.partition.info().output;
  const auto classes = static_cast<std::size_t>(output.channels);
  const std::span<device::Probability> all(probabilities_, classes);
  if (device::probabilities(engine.output(), output.type, output.exponent, all) != device::Status::kOk)
    return 0;
  int best = 0;
  for (int i = 1; i < output.channels; ++i)
    if (score_of(engine.output(), output.type, i) > score_of(engine.output(), output.type, best)) best = i;
  return best;
}

int Console::send_scores(InferenceEngine& engine, std::uint16_t tag) {
  const device::ModelInfo& info = parts_.partition.info();
  const int best = best_class(engine);
  for (int i = 0; i < info.output.channels; ++i)
    send(device::Score{.engine = engine.name(),
                       .index = i,
                       .value = score_of(engine.output(), info.output.type, i),
                       .percent = {device::hundredths_of_percent(probabilities_[i])},
                       .label = info.classes[i]},
         tag);
  return best;
}

void Console::classify(const Command& command) {
  if (!has_ready_engine(command)) return;
  const InferenceEngine* first = nullptr;
  Text difference;
  for (InferenceEngine* engine : parts_.engines) {
    if (!engine->is_ready()) continue;
    std::uint32_t us = 0;
    if (!run_on_picture(*engine, us)) return fail(command, Refusal::kEngine, engine->name());
    const int best = send_scores(*engine, command.tag);
    send(device::Result{.engine = engine->name(),
                        .index = best,
                        .percent = {device::hundredths_of_percent(probabilities_[best])},
                        .us = us,
                        .label = parts_.partition.info().classes[best]},
         command.tag);
    if (first == nullptr)
      first = engine;
    else if (!std::ranges::equal(first->output(), engine->output()))
      difference << first->name() << " and " << engine->name() << " give different scores";
  }
  if (difference.empty()) return send_done(command);
  fail(command, Refusal::kEngine, difference.view());
}

Console::Event Console::bench(const Command& command) {
  if (!has_ready_engine(command)) return Event::kNone;
  if (picture_ == Picture::kNone && !(parts_.camera.is_open() && grab_picture())) {
    fail(command, Refusal::kNoPicture);
    return Event::kNone;
  }
  for (InferenceEngine* engine : parts_.engines) {
    if (!engine->is_ready()) continue;
    const Event event = bench_engine(*engine, command);
    if (event != Event::kNone) return event;
  }
  send_done(command);
  return Event::kNone;
}

Console::Event Console::bench_engine(InferenceEngine& engine, const Command& command) {
  latencies_.clear();
  std::int64_t reported = esp_timer_get_time();
  for (std::uint32_t done = 0; done < command.runs; ++done) {
    std::uint32_t us = 0;
    if (!run_on_picture(engine, us)) {
      fail(command, Refusal::kEngine, engine.name());
      return Event::kNone;
    }
    latencies_.add(us);
    const std::int64_t now = esp_timer_get_time();
    const bool due = now - reported >= kProgressUs;
    if (due) {
      send(device::Progress{.done = done + 1, .total = command.runs}, command.tag);
      reported = now;
      let_idle_task_run();
    }
    const Event event = next_event(0);
    if (event == Event::kRefused) handle(event);
    if (event == Event::kReady || event == Event::kCommand) {
      fail(command, Refusal::kInterrupted);
      return event;
    }
  }
  send(device::Latency{.engine = engine.name(),
                       .runs = latencies_.count(),
                       .least_us = latencies_.least(),
                       .median_us = latencies_.percentile(50),
                       .p99_us = latencies_.percentile(99),
                       .most_us = latencies_.most(),
                       .mean_us = latencies_.mean()},
       command.tag);
  return Event::kNone;
}

bool Console::run_tests(std::uint16_t tag) {
  bool passed = true;
  for (InferenceEngine* engine : parts_.engines) {
    if (!engine->is_ready()) continue;
    for (int i = 0; i < parts_.partition.info().tests; ++i) {
      const device::TestOutcome test = run_test(*engine, parts_.partition, i);
      send(test, tag);
      passed = passed && test.passed;
      let_idle_task_run();
    }
  }
  return passed;
}

void Console::self_test(const Command& command) {
  if (!has_ready_engine(command)) return;
  if (run_tests(command.tag)) return send_done(command);
  fail(command, Refusal::kSelftest);
}

bool Console::report_start() {
  send(parts_.moments.boot, 0);
  send(parts_.moments.loaded, 0);
  send_engines(0);
  if (!parts_.camera.problem().empty())
    send_failure("camera", Refusal::kNoCamera, parts_.camera.problem(), 0);
  if (!parts_.has_model) return false;
  if (run_tests(0)) return true;
  send_failure(name_of(Verb::kSelftest), Refusal::kSelftest, {}, 0);
  return false;
}

void Console::stream(const Command& command) {
  if (!command.on) return send_done(command);
  if (!has_ready_engine(command)) return;
  if (!parts_.camera.is_open()) return fail(command, Refusal::kNoCamera, parts_.camera.problem());
  const device::ModelInfo& info = parts_.partition.info();
  if (!info.takes_pictures()) return fail(command, Refusal::kNoModel, "it takes no pictures");
  streaming_ = true;
  stream_command_ = command;
  frame_ = 0;
  smoothing_.begin(parts_.smoothing, info.output.channels, info.classes.none());
  send_done(command);
}

void Console::stream_picture() {
  let_idle_task_run();
  InferenceEngine& engine = *first_ready_engine();
  std::uint32_t us = 0;
  if (!grab_picture() || !run_on_picture(engine, us)) {
    streaming_ = false;
    return fail(stream_command_, Refusal::kNoPicture, "the camera or the engine gave up");
  }
  const device::ModelInfo& info = parts_.partition.info();
  const int best = best_class(engine);
  const int shown = smoothing_.push({probabilities_, static_cast<std::size_t>(info.output.channels)});
  send(device::Frame{.number = ++frame_,
                     .us = us,
                     .percent = {device::hundredths_of_percent(probabilities_[best])},
                     .label = info.classes[best],
                     .shown = info.classes[shown]},
       stream_command_.tag);
}

}  // namespace mudra::firmware
