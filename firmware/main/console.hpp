// Who says what to the board, and which command that is (mudra/device/protocol.hpp): from conversations to
// what does it. A picture on its way, a bench and a stream belong to the conversation that began them; what
// only asks is answered in another meanwhile, also during an inference, what needs the engines ends a bench
// or stream there, and has to wait for a picture. A new command: its name in protocol.hpp, a line in
// Console::obey(), and a function, in a file of its own where it is more than a few lines, that gets the
// Conversation to answer in.
#pragma once

#include <cstdint>
#include <span>

#include "classifier.hpp"
#include "conversation.hpp"
#include "memory.hpp"
#include "model_update.hpp"
#include "mudra/device/latencies.hpp"
#include "mudra/device/protocol.hpp"
#include "picture_sender.hpp"

namespace mudra::firmware {

class Console {
 public:
  // Precondition: the classifier was loaded. All outlive the console.
  Console(std::span<Conversation> conversations, Classifier& classifier, const MemoryMoments& moments);

  // What whoever watches the start should see, in every conversation: memory, engines, and the self-test.
  // False if it failed.
  bool report_start();

  // From now on the camera's pictures are classified for on_gesture() alone, except while somebody talks and
  // for ten seconds after that. Nothing is said of them.
  void stream_from_start() { alone_ = true; }

  // Handles what has come, waiting up to `patience_ms` where something came last; while streaming it
  // classifies a picture instead of waiting.
  void step(int patience_ms);

 private:
  using Event = Conversation::Event;
  static constexpr std::int64_t kQuietUs = 10'000'000;

  // Something that came: in which conversation. kNone: nothing.
  struct Said {
    Conversation* talk = nullptr;
    Event event = Event::kNone;
  };

  // What was heard and could not be handled at once comes first.
  Said listen(int patience_ms);
  // Whether something has come that ends, or has to wait for, what is done for `talk` (null: for nobody); it
  // is heard next. The rest, questions in other conversations, was answered.
  bool hears(const Conversation* talk);
  void handle(const Said& said);
  void obey(Conversation& talk, const device::Command& command);

  void help(Conversation& talk, const device::Command& command);
  void info(Conversation& talk, const device::Command& command);
  void memory(Conversation& talk, const device::Command& command);
  void run(Conversation& talk, const device::Command& command);
  void classify(Conversation& talk, const device::Command& command);
  void bench(Conversation& talk, const device::Command& command);
  void self_test(Conversation& talk, const device::Command& command);
  void stream(Conversation& talk, const device::Command& command);
  void stats(Conversation& talk, const device::Command& command);
  void snap(Conversation& talk, const device::Command& command);
  void stream_picture();
  void await_camera();
  bool streams_alone() const;
  void stream_alone();

  // While the camera's task or that of inference is at work for `talk`, it listens.
  // Whether the camera is there, or is back.
  bool has_camera(const Conversation* talk);
  // Whether its next picture is there to be taken. False: not in time, or something is heard first.
  bool fetch_picture(const Conversation* talk);
  // Whether there is the camera's next picture, or the last one. False: the command was answered.
  bool has_picture(Conversation& talk, const device::Command& command);
  // Runs the last picture, to the end. False: the engine gave up.
  bool infer(InferenceEngine& engine, const Conversation* talk, std::uint32_t& us);

  void take_pictures();
  bool receives_elsewhere(const Conversation& talk) const;
  void end_stream(const Conversation& by);
  void tell_engines(std::span<Conversation> talks, std::uint16_t tag);
  bool has_ready_engine(Conversation& talk, const device::Command& command);
  // False: the command was answered.
  bool bench_engine(InferenceEngine& engine, Conversation& talk, const device::Command& command);
  // False: something is heard first, and the rest of the picture is left out.
  bool tell_picture(const PictureInMemory& picture, Conversation& talk, std::uint16_t tag);
  int tell_scores(InferenceEngine& engine, Conversation& talk, std::uint16_t tag);

  std::span<Conversation> conversations_;
  Classifier& classifier_;
  const MemoryMoments& moments_;
  ModelUpdate update_;

  Said held_;                          // heard, and to be handled next
  std::size_t served_ = 0;             // the conversation that was looked at last
  Conversation* streaming_ = nullptr;  // to whom
  device::Command stream_command_;
  bool alone_ = false, alone_in_row_ = false;
  std::int64_t last_word_us_ = -kQuietUs;          // somebody's
  std::int64_t stream_us_ = 0, frame_us_ = 0;      // of its begin and its last picture
  std::int64_t gone_us_ = 0, told_camera_us_ = 0;  // since when the camera gives none; 0: it does
  std::uint32_t dropped_ = 0;
  device::Latencies stream_latencies_;
  device::Latencies latencies_;
};

}  // namespace mudra::firmware
