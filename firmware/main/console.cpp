#include "console.hpp"

#include <algorithm>
#include <utility>

#include "board.hpp"
#include "esp_timer.h"
#include "sdkconfig.h"
#include "self_test.hpp"
#include "text.hpp"

namespace mudra::firmware {
namespace {

using device::Command;
using device::Refusal;
using device::Verb;

// While a command takes its time: often enough for kMaxSilenceMs even if one inference takes half of it.
constexpr std::int64_t kProgressUs = device::kMaxSilenceMs * 1000 / 2;

// Whether it only asks: what another conversation has begun goes on.
constexpr bool only_asks(Verb verb) {
  return verb == Verb::kHelp || verb == Verb::kInfo || verb == Verb::kMem || verb == Verb::kStats ||
         verb == Verb::kBaud;
}

// A camera that gives no picture for so long has none: it is silent for less than kMaxSilenceMs.
constexpr std::int64_t kPictureUs = kProgressUs;

// To each of them.
template <typename Reply>
void tell(std::span<Conversation> talks, const Reply& reply, std::uint16_t tag) {
  for (Conversation& talk : talks) talk.send(reply, tag);
}

}  // namespace

Console::Console(std::span<Conversation> conversations, Classifier& classifier, const MemoryMoments& moments)
    : conversations_(conversations), classifier_(classifier), moments_(moments), update_(classifier) {
  take_pictures();
}

void Console::take_pictures() {
  for (Conversation& talk : conversations_)
    talk.take_pictures(classifier_.picture_memory(), classifier_.image_sizes());
}

Console::Said Console::listen(int patience_ms) {
  if (held_.event != Event::kNone) return std::exchange(held_, {});
  for (std::size_t i = 0; i < conversations_.size(); ++i) {
    served_ = (served_ + 1) % conversations_.size();  // in turn: none drowns another
    Conversation& talk = conversations_[served_];
    const Event event = talk.next_event(0);
    if (event != Event::kNone) return {&talk, event};
  }
  if (patience_ms == 0) return {};
  Conversation& talk = *std::ranges::max_element(conversations_, {}, &Conversation::last_byte_us);
  return {&talk, talk.next_event(patience_ms)};
}

bool Console::hears(const Conversation* talk) {
  if (held_.event != Event::kNone) return true;
  const Said said = listen(0);
  const bool aside =
      said.event == Event::kCommand && said.talk != talk && only_asks(said.talk->said().command().verb);
  if (said.event == Event::kRefused || aside)
    handle(said);
  else
    held_ = said;
  return held_.event != Event::kNone;
}

bool Console::has_camera(const Conversation* talk) {
  Camera& camera = classifier_.camera();
  if (!camera.was_open() || camera.is_open()) return camera.is_open();
  if (camera.wait(0) && !camera.is_open()) camera.ask_anew();
  while (!camera.wait(Worker::kTurnMs) && !hears(talk)) {
  }
  return camera.is_open();
}

bool Console::fetch_picture(const Conversation* talk) {
  Camera& camera = classifier_.camera();
  const std::int64_t begun = esp_timer_get_time();
  for (camera.ask(); !camera.wait(Worker::kTurnMs);)
    if (hears(talk) || esp_timer_get_time() - begun > kPictureUs) return false;
  return true;
}

bool Console::has_picture(Conversation& talk, const Command& command) {
  if (!has_camera(&talk)) {
    if (!classifier_.has_picture()) talk.fail(command, Refusal::kNoPicture);
    return classifier_.has_picture();
  }
  if (fetch_picture(&talk) && classifier_.take_picture()) return true;
  if (held_.event != Event::kNone)
    talk.fail(command, Refusal::kInterrupted);
  else
    talk.fail(command, Refusal::kNoPicture, "the camera gave none");
  return false;
}

bool Console::infer(InferenceEngine& engine, const Conversation* talk, std::uint32_t& us) {
  if (!classifier_.begin(engine)) return false;
  while (!classifier_.is_done(Worker::kTurnMs)) static_cast<void>(hears(talk));
  return classifier_.end(us);
}

bool Console::receives_elsewhere(const Conversation& talk) const {
  return std::ranges::any_of(conversations_,
                             [&](const Conversation& other) { return &other != &talk && other.receives(); });
}

void Console::end_stream(const Conversation& by) {
  if (streaming_ != nullptr && streaming_ != &by) streaming_->fail(stream_command_, Refusal::kInterrupted);
  streaming_ = nullptr;
}

void Console::step(int patience_ms) {
  handle(listen(streaming_ != nullptr || streams_alone() ? 0 : patience_ms));
  if (held_.event != Event::kNone) return;  // and is heard next
  if (streaming_ != nullptr)
    stream_picture();
  else if (streams_alone())
    stream_alone();
}

void Console::handle(const Said& said) {
  if (said.event == Event::kNone) return;
  last_word_us_ = esp_timer_get_time();
  alone_in_row_ = false;
  Conversation& talk = *said.talk;
  const Command command = talk.said().command();
  switch (said.event) {
    case Event::kNone:
      break;
    case Event::kReady:
      if (receives_elsewhere(talk)) {
        if (command.verb != Verb::kBlock) return handle({&talk, talk.give_up(Refusal::kBusy)});
        talk.fail(command, Refusal::kBusy);
        break;
      }
      end_stream(talk);
      if (command.verb == Verb::kBlock) {
        update_.expect(talk, command);
        break;
      }
      classifier_.forget_picture();
      talk.send(device::Ready{.bytes = command.bytes}, command.tag);
      break;
    case Event::kCommand:
      if (&talk == streaming_ || !only_asks(command.verb)) end_stream(talk);
      if (!only_asks(command.verb) && receives_elsewhere(talk)) {
        talk.fail(command, Refusal::kBusy);
        break;
      }
      obey(talk, command);
      break;
    case Event::kRefused:
      update_.forget_block(talk);
      if (talk.said().refusal() == Refusal::kImageSize && !classifier_.has_model())
        talk.fail(command, Refusal::kNoModel, classifier_.problem());
      else
        talk.fail(talk.said().refused(), talk.said().refusal(), talk.said().detail(), command.tag);
      break;
  }
}

void Console::obey(Conversation& talk, const Command& command) {
  switch (command.verb) {
    case Verb::kHelp:
      help(talk, command);
      break;
    case Verb::kInfo:
      info(talk, command);
      break;
    case Verb::kMem:
      memory(talk, command);
      break;
    case Verb::kRun:
      run(talk, command);
      break;
    case Verb::kImage:
      classifier_.picture_came(command.image);
      classify(talk, command);
      break;
    case Verb::kBench:
      bench(talk, command);
      break;
    case Verb::kSelftest:
      self_test(talk, command);
      break;
    case Verb::kStream:
      stream(talk, command);
      break;
    case Verb::kSnap:
      snap(talk, command);
      break;
    case Verb::kModel:
      update_.announce(talk, command);
      break;
    case Verb::kBlock:
      update_.take(talk, command);
      break;
    case Verb::kUse:
      if (update_.use(talk, command)) take_pictures();
      break;
    case Verb::kStats:
      stats(talk, command);
      break;
    case Verb::kBaud:
      talk.change_rate(command);
      break;
  }
}

void Console::help(Conversation& talk, const Command& command) {
  for (int i = 0; i < device::kVerbs; ++i) {
    const auto verb = static_cast<Verb>(i);
    talk.send(
        device::Usage{.command = name_of(verb), .arguments = arguments_of(verb), .does = describe(verb)},
        command.tag);
  }
  talk.done(command);
}

void Console::tell_engines(std::span<Conversation> talks, std::uint16_t tag) {
  for (const InferenceEngine* engine : classifier_.engines()) tell(talks, classifier_.describe(*engine), tag);
}

void Console::info(Conversation& talk, const Command& command) {
  const Camera& camera = classifier_.camera();
  talk.send(describe_board(), command.tag);
  talk.send(classifier_.describe(), command.tag);
  talk.send(device::Camera{.present = camera.is_open(), .sensor = camera.sensor()}, command.tag);
  const ModelPartition& partition = classifier_.model();
  for (int i = 0; i < device::kModelSlots && partition.slots().room() > 0; ++i)
    talk.send(partition.describe_slot(i), command.tag);
  if (classifier_.has_model()) {
    const device::SmoothingRule& rule = classifier_.decision();
    talk.send(device::Decision{.pictures = rule.pictures,
                               .enter = {device::hundredths_of_percent(rule.enter)},
                               .leave = {device::hundredths_of_percent(rule.leave)}},
              command.tag);
    const device::ClassNames& classes = classifier_.info().classes;
    for (int i = 0; i < classes.size(); ++i)
      talk.send(device::Label{.index = i, .name = classes[i]}, command.tag);
  }
  tell_engines({&talk, 1}, command.tag);
  talk.done(command);
}

void Console::memory(Conversation& talk, const Command& command) {
  for (const device::Memory& moment :
       {moments_.boot, moments_.loaded, moments_.before_inference, moments_.after_inference})
    if (!moment.when.empty()) talk.send(moment, command.tag);
  talk.send(measure_memory("now"), command.tag);
  talk.send(measure_stack("main", CONFIG_ESP_MAIN_TASK_STACK_SIZE), command.tag);
  classifier_.for_each_stack([&](const device::StackState& stack) { talk.send(stack, command.tag); });
  talk.done(command);
}

bool Console::has_ready_engine(Conversation& talk, const Command& command) {
  if (classifier_.first_ready_engine() != nullptr) return true;
  const Classifier::Reason reason = classifier_.why_not();
  talk.fail(command, reason.refusal, reason.text);
  return false;
}

void Console::run(Conversation& talk, const Command& command) {
  if (!has_ready_engine(talk, command)) return;
  if (has_picture(talk, command)) classify(talk, command);
}

int Console::tell_scores(InferenceEngine& engine, Conversation& talk, std::uint16_t tag) {
  const device::ModelInfo& info = classifier_.info();
  const int best = classifier_.best_class(engine);
  for (int i = 0; i < info.output.channels; ++i)
    talk.send(device::Score{.engine = engine.name(),
                            .index = i,
                            .value = score_of(engine.output(), info.output.type, i),
                            .percent = {device::hundredths_of_percent(
                                classifier_.probabilities()[static_cast<std::size_t>(i)])},
                            .label = info.classes[i]},
              tag);
  return best;
}

void Console::classify(Conversation& talk, const Command& command) {
  if (!has_ready_engine(talk, command)) return;
  const InferenceEngine* first = nullptr;
  Text difference;
  for (InferenceEngine* engine : classifier_.engines()) {
    if (!engine->is_ready()) continue;
    std::uint32_t us = 0;
    if (!infer(*engine, &talk, us)) return talk.fail(command, Refusal::kEngine, engine->name());
    const int best = tell_scores(*engine, talk, command.tag);
    talk.send(device::Result{.engine = engine->name(),
                             .index = best,
                             .percent = {device::hundredths_of_percent(
                                 classifier_.probabilities()[static_cast<std::size_t>(best)])},
                             .us = us,
                             .label = classifier_.info().classes[best]},
              command.tag);
    if (first == nullptr)
      first = engine;
    else if (!std::ranges::equal(first->output(), engine->output()))
      difference << first->name() << " and " << engine->name() << " give different scores";
  }
  if (difference.empty()) return talk.done(command);
  talk.fail(command, Refusal::kEngine, difference.view());
}

void Console::bench(Conversation& talk, const Command& command) {
  if (!has_ready_engine(talk, command)) return;
  if (!classifier_.has_picture() && !has_picture(talk, command)) return;
  for (InferenceEngine* engine : classifier_.engines())
    if (engine->is_ready() && !bench_engine(*engine, talk, command)) return;
  talk.done(command);
}

bool Console::bench_engine(InferenceEngine& engine, Conversation& talk, const Command& command) {
  latencies_.clear();
  std::int64_t reported = esp_timer_get_time();
  for (std::uint32_t done = 0; done < command.runs; ++done) {
    std::uint32_t us = 0;
    if (!infer(engine, &talk, us)) {
      talk.fail(command, Refusal::kEngine, engine.name());
      return false;
    }
    latencies_.add(us);
    const std::int64_t now = esp_timer_get_time();
    if (now - reported >= kProgressUs) {
      talk.send(device::Progress{.done = done + 1, .total = command.runs}, command.tag);
      reported = now;
    }
    if (!hears(&talk)) continue;
    talk.fail(command, Refusal::kInterrupted);
    return false;
  }
  talk.send(device::Latency{.engine = engine.name(),
                            .runs = latencies_.count(),
                            .least_us = latencies_.least(),
                            .median_us = latencies_.percentile(50),
                            .p99_us = latencies_.percentile(99),
                            .most_us = latencies_.most(),
                            .mean_us = latencies_.mean()},
            command.tag);
  return true;
}

void Console::self_test(Conversation& talk, const Command& command) {
  if (!has_ready_engine(talk, command)) return;
  if (run_tests(classifier_, {&talk, 1}, command.tag)) return talk.done(command);
  talk.fail(command, Refusal::kSelftest);
}

bool Console::report_start() {
  tell(conversations_, moments_.boot, 0);
  tell(conversations_, moments_.loaded, 0);
  tell_engines(conversations_, 0);
  const std::string_view problem = classifier_.camera().problem();
  if (!problem.empty())
    for (Conversation& talk : conversations_) talk.fail("camera", Refusal::kNoCamera, problem);
  const std::string_view remark = classifier_.model().remark();
  if (!remark.empty())
    for (Conversation& talk : conversations_)
      talk.fail(name_of(Verb::kModel), Refusal::kModelChecksum, remark);
  if (!classifier_.has_model()) return false;
  if (run_tests(classifier_, conversations_, 0)) return true;
  for (Conversation& talk : conversations_) talk.fail(name_of(Verb::kSelftest), Refusal::kSelftest);
  return false;
}

bool Console::tell_picture(const PictureInMemory& picture, Conversation& talk, std::uint16_t tag) {
  PictureSender sender(talk, picture, tag);
  while (sender.send_line())
    if (hears(&talk)) return false;
  return true;
}

void Console::snap(Conversation& talk, const Command& command) {
  Camera& camera = classifier_.camera();
  const bool wants_camera = command.camera || classifier_.picture().pixels == nullptr;
  const bool there = wants_camera && has_camera(&talk);
  if (command.camera && !there) return talk.fail(command, Refusal::kNoCamera, camera.problem());
  const bool came = there && fetch_picture(&talk);
  if (came && !command.camera) static_cast<void>(classifier_.take_picture());
  PictureInMemory picture = classifier_.picture();
  if (command.camera) picture = came ? camera.borrow() : PictureInMemory{};
  const bool told = picture.pixels != nullptr && tell_picture(picture, talk, command.tag);
  if (came) camera.give_back();
  if (told) return talk.done(command);
  talk.fail(command, held_.event != Event::kNone ? Refusal::kInterrupted : Refusal::kNoPicture);
}

}  // namespace mudra::firmware
