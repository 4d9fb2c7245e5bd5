#include "mudra/deploy/transfer.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::deploy {
namespace {

using device::Verb;

constexpr int kAnnouncements = 3;  // in a row without getting further than before

// Of a transfer that has to begin again where the board says: it was reset, or its flash changed.
bool is_to_be_announced(const Answer& answer) {
  return answer.refusal_code() == name_of(device::Refusal::kModelBlock) ||
         answer.refusal_code() == name_of(device::Refusal::kModelChecksum);
}

class ModelSender {
 public:
  ModelSender(Board& board, std::span<const std::uint8_t> image, const std::function<void(std::size_t)>& tell)
      : board_(board), image_(image), tell_(tell) {}

  Sent run() {
    for (int announcements = 0;; ++announcements) {
      const std::size_t furthest = furthest_;
      const std::size_t offset = announce();
      if (announcements == 0) sent_.found = offset;
      if (send_from(offset)) sent_.answer = board_.try_ask({.verb = Verb::kUse});
      if (!is_to_be_announced(sent_.answer)) return check();
      if (furthest_ > furthest) announcements = 0;
      if (announcements + 1 == kAnnouncements)
        fail("{} ({} times, at most {} of {} bytes)", sent_.answer.refusal(), kAnnouncements, furthest_,
             image_.size());
    }
  }

 private:
  std::size_t announce() {
    const Answer answer = board_.ask({.verb = Verb::kModel,
                                      .bytes = static_cast<std::uint32_t>(image_.size()),
                                      .checksum = device::crc32(image_)});
    const std::size_t offset = answer.one<device::Transfer>().offset;
    if (offset > image_.size() || (offset % device::kBlockBytes != 0 && offset != image_.size()))
      fail("the board wants the model from byte {} of {} on", offset, image_.size());
    return offset;
  }

  // False: the board wants the model announced again.
  bool send_from(std::size_t offset) {
    while (offset < image_.size()) {
      tell_(offset);
      const auto block =
          image_.subspan(offset, std::min<std::size_t>(device::kBlockBytes, image_.size() - offset));
      sent_.answer = board_.try_give({.verb = Verb::kBlock,
                                      .bytes = static_cast<std::uint32_t>(block.size()),
                                      .checksum = device::crc32(block),
                                      .offset = static_cast<std::uint32_t>(offset)},
                                     block);
      if (is_to_be_announced(sent_.answer)) return false;
      if (!sent_.answer.refusal().empty()) fail("{}", sent_.answer.refusal());
      ++sent_.blocks;
      offset += block.size();
      furthest_ = std::max(furthest_, offset);
    }
    tell_(offset);
    return true;
  }

  Sent check() {
    if (sent_.answer.refusal().empty()) {
      const auto slot = sent_.answer.one<device::Slot>();
      if (!slot.used || slot.bytes != image_.size() || slot.crc32.value != device::crc32(image_))
        fail("the board says that it uses {} bytes with CRC-32 {:08x}, which are not those that were sent",
             slot.bytes, slot.crc32.value);
    }
    return std::move(sent_);
  }

  Board& board_;
  std::span<const std::uint8_t> image_;
  const std::function<void(std::size_t)>& tell_;
  Sent sent_;
  std::size_t furthest_ = 0;
};

}  // namespace

std::vector<std::uint8_t> image_for(const DeployModel& model, const Answer& info) {
  const auto engines = info.all<device::EngineState>();
  const bool packed = std::ranges::any_of(engines, [](const auto& engine) { return engine.name == "mudra"; });
  return packed ? sim::with_packed_weights(model.bytes) : model.bytes;
}

void check_room(const Answer& info, std::size_t bytes) {
  const std::uint32_t partition = info.one<device::Model>().partition_bytes;
  const auto slots = info.all<device::Slot>();
  if (slots.empty() || slots.front().room == 0)
    fail("the board has no slots for models in its partition of {} bytes; flash the model", partition);
  const std::uint32_t room = slots.front().room;
  if (bytes > room)
    fail("it has {} bytes with its packed weights, a slot of the board's partition of {} bytes {}; flash it",
         bytes, partition, room);
  for (const auto& slot : slots)
    if (slot.used && slot.bytes > room)
      fail(
          "the board's model has {} bytes and reaches beyond its slot of {} in the partition of {}; flash "
          "the "
          "new one",
          slot.bytes, room, partition);
}

Sent send_model(Board& board, std::span<const std::uint8_t> image,
                const std::function<void(std::size_t)>& tell) {
  return ModelSender(board, image, tell).run();
}

}  // namespace mudra::deploy
