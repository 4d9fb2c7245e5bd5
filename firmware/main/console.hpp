// Who says what to the board, and which command that is (mudra/device/protocol.hpp): from conversations to
// what does it. A new command: its name in protocol.hpp, a line in Console::obey(), and a function, in a file
// of its own where it is more than a few lines, that gets the Conversation to answer in.
#pragma once

#include <cstdint>
#include <span>

#include "classifier.hpp"
#include "conversation.hpp"
#include "memory.hpp"
#include "mudra/device/latencies.hpp"
#include "mudra/device/protocol.hpp"

namespace mudra::firmware {

class Console {
 public:
  // Precondition: the classifier was loaded. All outlive the console.
  Console(std::span<Conversation> conversations, Classifier& classifier, const MemoryMoments& moments);

  // What a person who watches the start should see: memory, engines, and the self-test. False if it failed.
  bool report_start();

  // Handles what has come, waiting up to `patience_ms` for it; while streaming it classifies a picture
  // instead of waiting.
  void step(int patience_ms);

 private:
  using Event = Conversation::Event;

  // Something that came: in which conversation. kNone: nothing.
  struct Said {
    Conversation* talk = nullptr;
    Event event = Event::kNone;
  };

  Said listen(int patience_ms);
  // Returns what ended it before its time, or kNone.
  Said handle(const Said& said);
  Said obey(Conversation& talk, const device::Command& command);

  void help(Conversation& talk, const device::Command& command);
  void info(Conversation& talk, const device::Command& command);
  void memory(Conversation& talk, const device::Command& command);
  void run(Conversation& talk, const device::Command& command);
  void classify(Conversation& talk, const device::Command& command);
  Said bench(Conversation& talk, const device::Command& command);
  Said bench_engine(InferenceEngine& engine, Conversation& talk, const device::Command& command);
  void self_test(Conversation& talk, const device::Command& command);
  void stream(Conversation& talk, const device::Command& command);
  void stream_picture();

  void take_pictures();
  void tell_engines(Conversation& talk, std::uint16_t tag);
  // Sends one line for every engine and recorded input. False if one failed.
  bool run_tests(Conversation& talk, std::uint16_t tag);
  bool has_ready_engine(Conversation& talk, const device::Command& command);
  int tell_scores(InferenceEngine& engine, Conversation& talk, std::uint16_t tag);

  std::span<Conversation> conversations_;
  Classifier& classifier_;
  const MemoryMoments& moments_;

  Conversation* streaming_ = nullptr;  // to whom
  device::Command stream_command_;
  device::Latencies latencies_;
};

}  // namespace mudra::firmware
