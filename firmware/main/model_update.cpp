#include "model_update.hpp"

#include "esp_system.h"
#include "esp_timer.h"
#include "self_test.hpp"
#include "text.hpp"

namespace mudra::firmware {

using device::Command;
using device::Refusal;

namespace {

constexpr std::int64_t kOwnedUs = std::int64_t{device::kTransferTimeoutMs} * 1000;

}  // namespace

bool ModelUpdate::fail(Conversation& talk, const Command& command) {
  talk.fail(command, transfer_.refusal(), transfer_.detail());
  return false;
}

void ModelUpdate::announce(Conversation& talk, const Command& command) {
  const std::int64_t now = esp_timer_get_time();
  if (owner_ != nullptr && owner_ != &talk && now < owned_until_us_)
    return talk.fail(command, Refusal::kBusy);
  if (!transfer_.announce(command.bytes, command.checksum)) return static_cast<void>(fail(talk, command));
  owner_ = &talk;
  owned_until_us_ = now + kOwnedUs;
  talk.send(transfer_.state(), command.tag);
  talk.done(command);
}

bool ModelUpdate::is_announced_by(Conversation& talk, const Command& command) {
  if (owner_ == &talk) return true;
  talk.fail(command, Refusal::kModelBlock, "none was announced here");
  return false;
}

void ModelUpdate::expect(Conversation& talk, const Command& command) {
  if (!is_announced_by(talk, command)) return;
  if (!transfer_.wants(command.offset, command.bytes)) return static_cast<void>(fail(talk, command));
  block_ = Block::allocate(device::kBlockBytes);
  if (block_.bytes().empty()) return talk.fail(command, Refusal::kNoMemory, "of a block of 4096 bytes");
  talk.receive_block({reinterpret_cast<std::uint8_t*>(block_.bytes().data()), block_.bytes().size()});
  talk.send(device::Ready{.bytes = command.bytes}, command.tag);
}

void ModelUpdate::forget_block(const Conversation& talk) {
  if (owner_ == &talk) block_ = Block();
}

void ModelUpdate::take(Conversation& talk, const Command& command) {
  const bool good = transfer_.put(command.offset, talk.said().data());
  owned_until_us_ = esp_timer_get_time() + kOwnedUs;
  forget_block(talk);
  if (!good) return static_cast<void>(fail(talk, command));
  talk.done(command);
}

bool ModelUpdate::tell_used(Conversation& talk, const Command& command) {
  talk.send(classifier_.model().describe_slot(classifier_.model().place().slot), command.tag);
  talk.done(command);
  return true;
}

bool ModelUpdate::use(Conversation& talk, const Command& command) {
  if (!is_announced_by(talk, command)) return false;
  owned_until_us_ = 0;
  return try_out(talk, command);
}

bool ModelUpdate::try_out(Conversation& talk, const Command& command) {
  if (!transfer_.check()) return fail(talk, command);
  if (transfer_.is_used()) {
    if (run_tests(classifier_, {&talk, 1}, command.tag)) return tell_used(talk, command);
    talk.fail(command, Refusal::kSelftest);
    return false;
  }
  const ModelPartition::Place before = classifier_.model().place();
  const bool had_engine = classifier_.first_ready_engine() != nullptr;
  Refusal refusal = Refusal::kSelftest;
  Text why;
  if (!classifier_.change(transfer_.place())) {
    refusal = classifier_.why_not().refusal;
    why << classifier_.why_not().text;
  } else if (run_tests(classifier_, {&talk, 1}, command.tag)) {
    if (transfer_.commit()) return tell_used(talk, command);
    refusal = transfer_.refusal();
    why << transfer_.detail();
  }
  static_cast<void>(classifier_.change(before));
  talk.fail(command, refusal, why.view());
  // Memory that an engine did not give back: the start has all of it, and finds the model from before.
  if (had_engine && classifier_.first_ready_engine() == nullptr) esp_restart();
  return true;
}

}  // namespace mudra::firmware
