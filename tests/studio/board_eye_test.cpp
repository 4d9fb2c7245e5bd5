#include "mudra/studio/board_eye.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/deploy/pty_board.hpp"
#include "tests/refusal.hpp"

namespace mudra::studio {
namespace {

using deploy::PtyBoard;
using device::Verb;

// Two gray pictures of 32 x 32 and what is said of them, then nothing more.
void send_pictures(PtyBoard& self, const device::Command& command) {
  constexpr int kSide = 32;
  for (const std::uint8_t shade : {7, 250}) {
    const std::vector<std::uint8_t> pixels(std::size_t{kSide} * kSide, shade);
    self.reply(device::Picture{.kind = "gray",
                               .height = kSide,
                               .width = kSide,
                               .bytes = static_cast<std::uint32_t>(pixels.size()),
                               .crc32 = {device::crc32(pixels)}},
               command.tag);
    for (std::size_t at = 0; at < pixels.size(); at += device::kDataBytes) {
      const auto part = std::span(pixels).subspan(at, std::min(device::kDataBytes, pixels.size() - at));
      self.send(std::string(device::data_line(part).end(command.tag)));
    }
    self.reply(device::Score{.engine = "mudra", .index = 0, .percent = {9750}, .label = "palm"}, command.tag);
    self.reply(
        device::Frame{.number = shade, .us = 31'000, .percent = {9750}, .label = "palm", .shown = "none"},
        command.tag);
  }
}

TEST(BoardEye, sees_what_the_board_sees_and_gives_its_port_up) {
  PtyBoard board([](PtyBoard& self, const device::Command& command) {
    if (command.verb == Verb::kBaud) return;
    self.done(command);
    if (command.verb == Verb::kStream && command.on) send_pictures(self, command);
  });
  BoardEye eye(board.path());
  EXPECT_EQ(refusal([&] { eye.latest(); }), "the board shows no picture now");
  nlohmann::ordered_json seen = eye.next(0);
  for (int left = 5; left > 0 && seen["number"] != 2; --left) seen = eye.next(seen["number"]);
  ASSERT_EQ(seen["number"], 2);
  EXPECT_EQ(seen["problem"], "");
  EXPECT_EQ(seen["width"], 32);
  EXPECT_EQ(seen["channels"], 1);
  EXPECT_EQ(std::string(seen["pixels"]).substr(0, 8), "+vr6+vr6");
  EXPECT_EQ(std::string(seen["pixels"]).size(), 1368);
  EXPECT_TRUE(std::string(seen["pixels"]).ends_with("+g=="));
  EXPECT_EQ(seen["label"], "palm");
  EXPECT_EQ(seen["shown"], "none");
  EXPECT_EQ(seen["percents"][0], 97.5);
  EXPECT_EQ(seen["us"], 31'000);
  EXPECT_EQ(eye.latest().pixels.front(), 250);

  // The board says nothing meanwhile, and Board alone would wait for it.
  EXPECT_TRUE(eye.close_for("send"));
  seen = eye.next(2);
  EXPECT_EQ(seen["problem"], "send talks to the board now");
  EXPECT_EQ(seen["number"], 2);
  EXPECT_FALSE(seen.contains("pixels"));
  eye.open_again();
  for (int left = 5; left > 0 && seen["number"] != 4; --left) seen = eye.next(seen["number"]);
  EXPECT_EQ(seen["number"], 4);
}

TEST(BoardEye, says_what_is_wrong_and_goes_on) {
  PtyBoard board([](PtyBoard& self, const device::Command& command) {
    if (command.verb == Verb::kBaud) return;
    self.done(command);
    if (command.verb == Verb::kStream && command.on) send_pictures(self, command);
  });
  const std::filesystem::path there = board.path(), away = there.parent_path() / "away";
  std::filesystem::rename(there, away);
  BoardEye eye(there);
  nlohmann::ordered_json seen = eye.next(0);
  EXPECT_THAT(std::string(seen["problem"]), testing::HasSubstr(there.string()));
  std::filesystem::rename(away, there);
  for (int left = 5; left > 0 && !seen.contains("pixels"); --left) seen = eye.next(seen["number"]);
  EXPECT_TRUE(seen.contains("pixels")) << seen;
  EXPECT_EQ(seen["problem"], "");
}

}  // namespace
}  // namespace mudra::studio
