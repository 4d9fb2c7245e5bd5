// Pictures that a board sends, and what becomes of those that it only says it sends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <numeric>
#include <thread>

#include "mudra/deploy/board.hpp"
#include "tests/deploy/pty_board.hpp"
#include "tests/refusal.hpp"

namespace mudra::deploy {
namespace {

using device::Command;
using device::Verb;
using testing::HasSubstr;

constexpr device::PictureShape kSmall{.height = 16, .width = 24, .channels = 1};  // three lines of data

std::vector<std::uint8_t> pixels_from(int first) {
  std::vector<std::uint8_t> pixels(kSmall.bytes());
  std::iota(pixels.begin(), pixels.end(), static_cast<std::uint8_t>(first));
  return pixels;
}

device::Picture head_of(std::span<const std::uint8_t> pixels) {
  return {.kind = "gray",
          .height = kSmall.height,
          .width = kSmall.width,
          .bytes = static_cast<std::uint32_t>(pixels.size()),
          .crc32 = {device::crc32(pixels)}};
}

void send_data(PtyBoard& board, std::span<const std::uint8_t> pixels, std::uint16_t tag,
               std::size_t line = device::kDataBytes) {
  for (std::size_t at = 0; at < pixels.size(); at += line)
    board.send(
        std::string(device::data_line(pixels.subspan(at, std::min(line, pixels.size() - at))).end(tag)));
}

void send_picture(PtyBoard& board, const std::vector<std::uint8_t>& pixels, std::uint16_t tag) {
  board.reply(head_of(pixels), tag);
  send_data(board, pixels, tag);
}

Board::Config quick() { return {.silence = std::chrono::milliseconds(800)}; }

TEST(BoardPicture, comes_as_it_was_sent) {
  std::atomic<bool> camera = false;
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    camera = command.camera;
    send_picture(self, pixels_from(3), command.tag);
    self.done(command);
  });
  Board client(board.path(), quick());
  const BoardPicture picture = client.snap();
  EXPECT_EQ(picture.shape, kSmall);
  EXPECT_EQ(picture.pixels, pixels_from(3));
  EXPECT_FALSE(camera);
  static_cast<void>(client.snap(true));
  EXPECT_TRUE(camera);
}

TEST(BoardPicture, is_asked_for_again_when_a_line_of_it_was_damaged) {
  std::atomic<int> lines = 0, asked = 0;
  PtyBoard board(
      [&](PtyBoard& self, const Command& command) {
        ++asked;
        send_picture(self, pixels_from(3), command.tag);
        self.done(command);
      },
      {},
      [&](std::string& line) {
        if (line[0] == ':' && ++lines == 2) line[9] = line[9] == 'A' ? 'B' : 'A';
      });
  Board client(board.path(), quick());
  EXPECT_EQ(client.snap().pixels, pixels_from(3));
  EXPECT_EQ(asked, 2);
}

TEST(BoardPicture, what_a_lying_board_sends_is_no_picture) {
  using Lie = std::function<void(PtyBoard&, std::uint16_t)>;
  const auto why = [](const Lie& lie) {
    PtyBoard board([&](PtyBoard& self, const Command& command) {
      lie(self, command.tag);
      self.done(command);
    });
    Board client(board.path(), quick());
    std::string text = refusal([&] { static_cast<void>(client.snap()); });
    EXPECT_THAT(text, HasSubstr("tty: the board's picture: "));
    EXPECT_THAT(text, HasSubstr("(3 attempts)"));
    return text;
  };
  const auto pixels = pixels_from(1);
  const auto head_with = [&](const std::function<void(device::Picture&)>& change) {
    device::Picture head = head_of(pixels);
    change(head);
    return [&pixels, head](PtyBoard& self, std::uint16_t tag) {
      self.reply(head, tag);
      send_data(self, pixels, tag);
    };
  };
  EXPECT_THAT(why([](auto&, auto) {}), HasSubstr("the board sent none"));
  EXPECT_THAT(why([&](auto& self, auto tag) { self.reply(head_of(pixels), tag); }),
              HasSubstr("it ended early"));
  EXPECT_THAT(why([&](auto& self, auto tag) { send_data(self, pixels, tag); }), HasSubstr("not announced"));
  EXPECT_THAT(why(head_with([](auto& head) { head.crc32.value ^= 1; })), HasSubstr("its checksum is wrong"));
  EXPECT_THAT(why(head_with([](auto& head) { head.bytes += 1; })), HasSubstr("385 bytes are not 24 x 16"));
  EXPECT_THAT(why(head_with([](auto& head) { head.width = -24; })), HasSubstr("is no picture"));
  EXPECT_THAT(why(head_with([](auto& head) { head.width = head.height = 2'000'000'000; })),
              HasSubstr("is no picture"));
  EXPECT_THAT(why(head_with([](auto& head) { head.kind = "jpeg"; })), HasSubstr("is no picture"));
  EXPECT_THAT(why(head_with([](auto& head) { head.kind = "rgb"; })), HasSubstr("384 bytes are not"));
  EXPECT_THAT(why([&](auto& self, auto tag) {
                self.reply(head_of(pixels), tag);
                send_data(self, pixels, tag, 100);
              }),
              HasSubstr("a line of it is missing or wrong"));
  EXPECT_THAT(why([&](auto& self, auto tag) {
                send_picture(self, pixels, tag);
                send_data(self, pixels, tag);
              }),
              HasSubstr("not announced"));
  EXPECT_THAT(why([&](auto& self, auto tag) {
                self.send("picture kind=gray height=16 width=24 #" + std::to_string(tag) + "\r\n");
                self.reply(device::Progress{}, tag);
              }),
              HasSubstr("the board sent none"));  // a line without a checksum is no answer
}

TEST(BoardPicture, comes_before_each_frame_of_a_stream_and_a_damaged_one_does_not) {
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    self.done(command);
    if (!command.on) return;
    EXPECT_TRUE(command.pictures);
    for (int i = 1; i <= 4; ++i) {
      auto pixels = pixels_from(i);
      self.reply(head_of(pixels), command.tag);
      if (i == 2) ++pixels[7];
      send_data(self, pixels, command.tag);
      for (const int index : {0, 1, 99, -1})
        self.reply(device::Score{.engine = "mudra", .index = index, .percent = {100 * i}, .label = "x"},
                   command.tag);
      self.reply(device::Frame{.number = static_cast<std::uint32_t>(i), .label = "x", .shown = "x"},
                 command.tag);
    }
  });
  Board client(board.path(), quick());
  std::vector<bool> whole;
  client.stream_pictures([&](const StreamedPicture& seen) {
    whole.push_back(seen.picture != nullptr);
    if (seen.picture != nullptr) {
      EXPECT_EQ(seen.picture->pixels, pixels_from(static_cast<int>(seen.frame.number)));
    }
    EXPECT_EQ(seen.percents[0], static_cast<double>(seen.frame.number));
    EXPECT_LE(seen.percents.size(), 64u);
    return seen.frame.number < 4;
  });
  EXPECT_EQ(whole, (std::vector{true, false, true, true}));
}

TEST(BoardPicture, a_stream_whose_pictures_are_all_damaged_ends) {
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    self.done(command);
    for (int i = 0; command.on && i < 12; ++i)
      self.reply(device::Frame{.label = "x", .shown = "x"}, command.tag);
  });
  Board client(board.path(), quick());
  EXPECT_THAT(refusal([&] { client.stream_pictures([](const StreamedPicture&) { return true; }); }),
              HasSubstr("tty: the board's pictures: the board sent none (10 in a row)"));
}

TEST(BoardPicture, a_stream_of_data_without_end_ends) {
  std::atomic<bool> stop = false;
  PtyBoard board([&](PtyBoard& self, const Command& command) {
    if (!command.on) return;
    self.done(command);
    const auto pixels = pixels_from(0);
    while (!stop) {
      send_data(self, pixels, command.tag);
      std::this_thread::yield();
    }
  });
  Board client(board.path(), quick());
  const std::string why =
      refusal([&] { client.stream_pictures([](const StreamedPicture&) { return true; }); });
  stop = true;
  EXPECT_THAT(why, HasSubstr("the board sends data without end"));
}

}  // namespace
}  // namespace mudra::deploy
