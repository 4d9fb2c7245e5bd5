#include "conversation.hpp"

#include "esp_timer.h"
#include "text.hpp"

namespace mudra::firmware {

using device::Command;
using device::Refusal;

namespace {

// So many bytes that are no text are another rate, not a disturbance.
constexpr int kMostNoise = 4;

constexpr bool is_noise(char byte) { return byte > '~' || (byte < ' ' && byte != '\r' && byte != '\n'); }

}  // namespace

void Conversation::done(const Command& command) {
  send(device::Done{.command = name_of(command.verb)}, command.tag);
}

void Conversation::fail(std::string_view command, Refusal refusal, std::string_view detail,
                        std::uint16_t tag) {
  Text text(describe(refusal));
  if (!detail.empty()) text << ": " << detail;
  send(device::Failure{.command = command, .code = name_of(refusal), .text = text.view()}, tag);
}

void Conversation::fail(const Command& command, Refusal refusal, std::string_view detail) {
  fail(name_of(command.verb), refusal, detail, command.tag);
}

Conversation::Event Conversation::next_event(int patience_ms) {
  if (received_used_ == received_size_) {
    received_used_ = 0;
    received_size_ = port_.read(received_, patience_ms);
    const std::int64_t now = esp_timer_get_time();
    if (received_size_ > 0) last_byte_us_ = now;
    if (reader_.receiving() && now - last_byte_us_ > std::int64_t{device::kTransferTimeoutMs} * 1000)
      return reader_.give_up();
  }
  Event event = Event::kNone;
  while (received_used_ < received_size_ && event == Event::kNone) {
    const char byte = received_[received_used_++];
    noise_ += is_noise(byte) ? 1 : 0;
    event = reader_.push(byte);
  }
  if (rate_ != device::kBaudRate) watch_rate(event);
  return event;
}

void Conversation::change_rate(const Command& command) {
  done(command);
  set_rate(command.rate);
}

void Conversation::set_rate(int baud) {
  confirmed_ = baud == device::kBaudRate || baud == rate_;
  if (!port_.set_rate(baud)) baud = device::kBaudRate;
  rate_ = baud;
  rate_us_ = esp_timer_get_time();
  noise_ = 0;
}

void Conversation::watch_rate(Event event) {
  if ((event == Event::kCommand || event == Event::kReady) && reader_.command().checked) {
    confirmed_ = true;
    noise_ = 0;
  }
  const std::int64_t now = esp_timer_get_time();
  const bool late = confirmed_ ? now - last_byte_us_ > std::int64_t{device::kBaudSilenceMs} * 1000
                               : now - rate_us_ > std::int64_t{device::kBaudConfirmMs} * 1000;
  if (late || noise_ >= kMostNoise) set_rate(device::kBaudRate);
}

}  // namespace mudra::firmware
