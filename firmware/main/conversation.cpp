#include "conversation.hpp"

#include "esp_timer.h"
#include "text.hpp"

namespace mudra::firmware {

using device::Command;
using device::Refusal;

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
  while (received_used_ < received_size_) {
    const Event event = reader_.push(received_[received_used_++]);
    if (event != Event::kNone) return event;
  }
  return Event::kNone;
}

}  // namespace mudra::firmware
