// A picture that a board sends, put together from the lines it comes in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mudra/device/picture_shape.hpp"
#include "mudra/device/protocol.hpp"
#include "mudra/device/replies.hpp"

namespace mudra::deploy {

struct BoardPicture {
  device::PictureShape shape;
  std::vector<std::uint8_t> pixels;  // shape.bytes()
};

// A frame of a stream with what stood before it. Lives as long as the call that gets it.
struct StreamedPicture {
  const device::Frame& frame;
  const BoardPicture* picture = nullptr;  // null: it came damaged
  const std::vector<double>& percents;    // by class, as far as they came; at most device::kMaxClasses
};

// What a board says is not believed: memory is taken for the sizes a picture may have, and only what has the
// CRC-32 that was announced is a picture.
class PictureReceiver {
 public:
  // Takes a line: an announcement begins anew, data goes on, others are passed over. False when it makes the
  // picture one that cannot become whole, and for data of none.
  bool take(const device::Line& line);

  // Once all of it is there. `problem` says why it is not: never empty without a picture.
  bool is_whole() const { return whole_; }
  const BoardPicture& picture() const { return picture_; }
  const std::string& problem() const { return problem_; }

  void forget() { *this = {}; }

 private:
  bool begin(const device::Picture& announced);
  bool add(const device::Line& line);
  bool refuse(std::string why);

  BoardPicture picture_;
  std::size_t expected_ = 0;  // bytes; 0: no data is expected
  std::uint32_t checksum_ = 0;
  bool whole_ = false;
  std::string problem_ = "the board sent none";
};

}  // namespace mudra::deploy
