// Pictures out of the board: told by a line, and then line by line (mudra/device/protocol.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "conversation.hpp"
#include "picture_in_memory.hpp"

namespace mudra::firmware {

class PictureSender {
 public:
  // Tells the picture, with the tag of the command that wants it. Both outlive the sender.
  PictureSender(Conversation& talk, const PictureInMemory& picture, std::uint16_t tag);

  // Sends the next line of its data. False: all of it was sent.
  bool send_line();

 private:
  // Bytes `at` and the next kDataBytes of the picture as it is sent; how many there are.
  std::size_t take(std::size_t at, std::uint8_t* bytes) const;

  Conversation& talk_;
  const PictureInMemory& picture_;
  std::uint16_t tag_;
  std::size_t sent_ = 0;
};

}  // namespace mudra::firmware
