// One end of a serial line: commands as they come in, replies out, and the picture that is on its way.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"
#include "serial_port.hpp"

namespace mudra::firmware {

class Conversation {
 public:
  using Event = device::CommandReader::Event;

  // The port outlives it, and is open.
  explicit Conversation(SerialPort& port) : port_(port) {}

  // Which pictures are taken, and where they go: `memory` is as large as the largest and outlives them.
  // Before, none are; what was on its way is forgotten.
  void take_pictures(std::span<std::uint8_t> memory, device::CommandReader::ImageSizes sizes) {
    reader_ = device::CommandReader(memory, sizes);
  }

  // What has come, waiting up to `patience_ms` for it; gives a picture up whose data does not come.
  Event next_event(int patience_ms);
  // Answers `baud` and obeys it, until the protocol says that the rate has not held.
  void change_rate(const device::Command& command);

  // When something came last, in microseconds since the start.
  std::int64_t last_byte_us() const { return last_byte_us_; }
  device::Port describe_port() const { return {.name = port_.name(), .untaken = port_.untaken()}; }
  // Whether a picture is on its way; and ends it, for a reason of the board.
  bool receives() const { return reader_.receiving(); }
  Event give_up(device::Refusal why) { return reader_.give_up(why); }
  // After a block of a model was announced: where its data goes (device::CommandReader::receive_block).
  void receive_block(std::span<std::uint8_t> memory) { reader_.receive_block(memory); }
  // Of the last event: command, refusal.
  const device::CommandReader& said() const { return reader_; }

  // One line, with the tag of the command that it answers; 0: nobody asked.
  template <typename Reply>
  void send(const Reply& reply, std::uint16_t tag = 0) {
    port_.write(device::line_of(reply).end(tag));
  }

  // Part of a picture: at most device::kDataBytes.
  void send_data(std::span<const std::uint8_t> bytes, std::uint16_t tag) {
    port_.write(device::data_line(bytes).end(tag));
  }

  // The ends of a reply: `ok`, or `error` with what describe(refusal) leaves open.
  void done(const device::Command& command);
  void fail(const device::Command& command, device::Refusal refusal, std::string_view detail = {});
  void fail(std::string_view command, device::Refusal refusal, std::string_view detail = {},
            std::uint16_t tag = 0);

 private:
  void set_rate(int baud);
  void watch_rate(Event event);

  SerialPort& port_;
  device::CommandReader reader_{{}, {}};
  char received_[256];
  std::size_t received_size_ = 0, received_used_ = 0;
  std::int64_t last_byte_us_ = 0;

  int rate_ = device::kBaudRate;
  bool confirmed_ = true;     // the rate
  std::int64_t rate_us_ = 0;  // when it was set
  int noise_ = 0;             // bytes that were no text since
};

}  // namespace mudra::firmware
