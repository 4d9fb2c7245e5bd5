// Models that are sent to a board on this PC, block by block.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/device/model_slots.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/packed_model.hpp"
#include "tests/firmware/board_on_pc.hpp"

namespace mudra::firmware {

using device::kBlockBytes;
using device::Verb;
using Image = std::vector<std::uint8_t>;

inline constexpr std::size_t kPartition = 0x20000;
inline constexpr device::PictureShape kSmall{.height = 32, .width = 32};

inline Image image_of(int classes, const device::PictureShape& shape = kSmall) {
  return sim::with_packed_weights(format::write_espdl(gesture_file(Traces::kNone, classes, shape)));
}

// A model of four to seven classes, made once.
inline const Image& image_with(int classes) {
  static const std::array<Image, 4> images{image_of(4), image_of(5), image_of(6), image_of(7)};
  return images[static_cast<std::size_t>(classes - 4)];
}

inline host::Hardware hardware_with(const std::shared_ptr<host::Flash>& flash) {
  host::Hardware hardware;
  hardware.flash = flash;
  return hardware;
}

inline std::shared_ptr<host::Flash> flash_with(const Image& image) {
  auto flash = std::make_shared<host::Flash>(kPartition);
  flash->program(image);
  return flash;
}

// "" or the refusal's code and text.
inline std::string refusal_in(const std::vector<SentLine>& lines) {
  if (lines.empty()) return "no answer";
  if (const auto failures = all<device::Failure>(lines); !failures.empty())
    return std::string(failures[0].code) + " " + std::string(failures[0].text);
  return all<device::Done>(lines).empty() ? "no end" : "";
}

inline device::Command announcement_of(const Image& image) {
  return {.verb = Verb::kModel,
          .tag = 1,
          .bytes = static_cast<std::uint32_t>(image.size()),
          .checksum = device::crc32(image)};
}

// The first byte that the board wants.
inline std::size_t announce(BoardOnPc& board, const Image& image) {
  const auto lines = board.say(announcement_of(image));
  EXPECT_EQ(refusal_in(lines), "");
  const auto transfers = all<device::Transfer>(lines);
  return transfers.empty() ? 0 : transfers[0].offset;
}

inline std::span<const std::uint8_t> block_at(const Image& image, std::size_t offset) {
  return std::span(image).subspan(offset, std::min<std::size_t>(kBlockBytes, image.size() - offset));
}

// `damage` may change the block's data lines.
inline std::vector<SentLine> send_block(BoardOnPc& board, const Image& image, std::size_t offset,
                                        const std::function<void(std::string&)>& damage = {}) {
  const auto block = block_at(image, offset);
  auto lines = board.say(device::Command{.verb = Verb::kBlock,
                                         .tag = 2,
                                         .bytes = static_cast<std::uint32_t>(block.size()),
                                         .checksum = device::crc32(block),
                                         .offset = static_cast<std::uint32_t>(offset)});
  if (lines.size() != 1 || lines[0].line.kind != "ready") return lines;
  std::string data;
  for (std::size_t at = 0; at < block.size(); at += device::kDataBytes)
    data += device::data_line(block.subspan(at, std::min(device::kDataBytes, block.size() - at))).end();
  if (damage) damage(data);
  return board.say(data);
}

// The answer to `use`, or what stopped the transfer before.
inline std::vector<SentLine> send_image(BoardOnPc& board, const Image& image) {
  auto announced = board.say(announcement_of(image));
  if (!refusal_in(announced).empty()) return announced;
  for (std::size_t at = all<device::Transfer>(announced).at(0).offset; at < image.size(); at += kBlockBytes) {
    auto answer = send_block(board, image, at);
    if (!refusal_in(answer).empty()) return answer;
  }
  return board.say("use\n");
}

// The next start of a board, of which there is one at a time.
inline BoardOnPc& restart(std::optional<BoardOnPc>& board, const std::shared_ptr<host::Flash>& flash) {
  board.reset();
  return board.emplace(hardware_with(flash));
}

inline bool runs(BoardOnPc& board, const Image& image) {
  return std::ranges::equal(board.partition().image(), image) && refusal_in(board.say("selftest\n")).empty();
}

}  // namespace mudra::firmware
