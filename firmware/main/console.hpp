// What the board answers on the serial line (mudra/device/protocol.hpp): commands in, replies out.
#pragma once

#include <cstdint>
#include <span>

#include "camera.hpp"
#include "inference_engine.hpp"
#include "memory.hpp"
#include "model_partition.hpp"
#include "mudra/device/latencies.hpp"
#include "mudra/device/probabilities.hpp"
#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"
#include "mudra/device/smoothing.hpp"
#include "serial_port.hpp"
#include "text.hpp"

namespace mudra::firmware {

class Console {
 public:
  // What the console speaks for. All of it outlives the console.
  struct Parts {
    SerialPort& port;
    ModelPartition& partition;
    bool has_model = false;  // the partition was opened
    std::span<InferenceEngine* const> engines;
    Camera& camera;
    MemoryMoments& moments;
    device::SmoothingRule smoothing;
  };

  // Pictures are kept in `pictures`, of picture_bytes(); if it is empty, none are taken.
  Console(const Parts& parts, std::span<std::byte> pictures);
  // What a model of which this is the description needs: its input, or a picture.
  static std::size_t picture_bytes(const device::ModelInfo& info);

  // What a person who watches the start should see: memory, engines, and the self-test. False if it failed.
  bool report_start();

  // Handles what has come, waiting up to `patience_ms` for it; while streaming it classifies a picture
  // instead of waiting.
  void step(int patience_ms);

 private:
  using Event = device::CommandReader::Event;

  template <typename Reply>
  void send(const Reply& reply, std::uint16_t tag);
  void send_done(const device::Command& command);
  void send_failure(std::string_view command, device::Refusal refusal, std::string_view detail,
                    std::uint16_t tag);
  void fail(const device::Command& command, device::Refusal refusal, std::string_view detail = {});

  Event next_event(int patience_ms);
  // Returns the event that ended it before its time, or kNone.
  Event handle(Event event);
  Event do_command(const device::Command& command);

  void help(const device::Command& command);
  void info(const device::Command& command);
  void memory(const device::Command& command);
  void run(const device::Command& command);
  void classify(const device::Command& command);
  Event bench(const device::Command& command);
  Event bench_engine(InferenceEngine& engine, const device::Command& command);
  void self_test(const device::Command& command);
  void stream(const device::Command& command);
  void stream_picture();

  void send_engines(std::uint16_t tag);
  device::Model describe_model() const;
  // Sends one line for every engine and recorded input. False if one failed.
  bool run_tests(std::uint16_t tag);
  bool has_ready_engine(const device::Command& command);
  InferenceEngine* first_ready_engine() const;
  bool grab_picture();
  bool run_on_picture(InferenceEngine& engine, std::uint32_t& us);
  int send_scores(InferenceEngine& engine, std::uint16_t tag);
  // The class whose score is highest, the first of equals. Fills probabilities_.
  int best_class(const InferenceEngine& engine);

  enum class Picture : std::uint8_t { kNone, kPixels, kInput };

  Parts parts_;
  std::span<std::byte> pictures_;
  Picture picture_ = Picture::kNone;
  device::CommandReader reader_;
  char received_[256];
  std::size_t received_size_ = 0, received_used_ = 0;
  std::int64_t last_byte_us_ = 0;

  bool streaming_ = false;
  device::Command stream_command_;
  std::uint32_t frame_ = 0;
  device::Smoothing smoothing_;
  device::Probability probabilities_[device::kMaxClasses] = {};
  device::Latencies latencies_;
};

}  // namespace mudra::firmware
