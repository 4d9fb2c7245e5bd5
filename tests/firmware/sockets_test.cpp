// Two programs, one on each socket of a board.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/firmware/board_on_pc.hpp"

namespace mudra::firmware {
namespace {

using device::ImageKind;
using testing::IsEmpty;

constexpr auto kUart = BoardOnPc::kUart, kUsb = BoardOnPc::kUsb;

host::Hardware gesture_board() {
  host::Hardware hardware;
  hardware.model = format::write_espdl(gesture_file());
  return hardware;
}

const std::vector<std::uint8_t>& some_picture() {
  static const std::vector<std::uint8_t> picture(device::PictureShape{}.bytes(), 77);
  return picture;
}

std::string announcement(std::uint16_t tag) {
  return std::string(device::command_line({.verb = device::Verb::kImage,
                                           .tag = tag,
                                           .image = ImageKind::kGray,
                                           .bytes = static_cast<std::uint32_t>(some_picture().size()),
                                           .checksum = device::crc32(some_picture())})
                         .end(tag));
}

TEST(Sockets, answer_whoever_speaks) {
  BoardOnPc board(gesture_board());
  EXPECT_EQ(end_of(board.say("info\n", kUsb)), "ok");
  EXPECT_THAT(board.say("", kUart), IsEmpty());
  EXPECT_EQ(end_of(board.say("help\n", kUart)), "ok");
  EXPECT_THAT(board.say("", kUsb), IsEmpty());
}

TEST(Sockets, both_hear_what_nobody_asked) {
  BoardOnPc board(gesture_board());
  EXPECT_TRUE(board.console().report_start());
  const auto on_uart = board.say("", kUart), on_usb = board.say("", kUsb);
  ASSERT_EQ(on_uart.size(), on_usb.size());
  EXPECT_GE(on_uart.size(), 5u);
  for (std::size_t i = 0; i < on_uart.size(); ++i) EXPECT_EQ(on_uart[i].text, on_usb[i].text);
}

TEST(Sockets, a_picture_belongs_to_the_one_that_began_it) {
  BoardOnPc board(gesture_board());
  EXPECT_EQ(end_of(board.say(announcement(5), kUsb)), "ready");
  EXPECT_EQ(end_of(board.say("mem\n", kUart)), "ok");
  EXPECT_EQ(end_of(board.say(announcement(6), kUart)), "busy");
  EXPECT_EQ(end_of(board.say("run\n", kUart)), "busy");
  std::string data;
  for (std::span<const std::uint8_t> rest = some_picture(); !rest.empty();) {
    const auto part = rest.first(std::min(rest.size(), device::kDataBytes));
    data += device::data_line(part).end();
    rest = rest.subspan(part.size());
  }
  EXPECT_EQ(end_of(board.say(data, kUsb)), "ok");
  EXPECT_EQ(end_of(board.say("run\n", kUart)), "ok");
}

TEST(Sockets, a_bench_goes_on_beside_a_question_and_ends_with_a_command_for_the_engines) {
  BoardOnPc board(gesture_board());
  board.show(ImageKind::kGray, some_picture());
  for (const auto& [command, end] : {std::pair("mem\n", "ok"), std::pair("selftest\n", "interrupted")}) {
    board.say("", kUart);  // so that USB is looked at first
    board.send(command, kUart);
    const auto bench = board.say("bench 30\n", kUsb);
    EXPECT_EQ(end_of(bench), end) << command;
    EXPECT_EQ(end_of(board.say("", kUart)), "ok") << command;
  }
}

TEST(Sockets, that_nobody_reads_hold_nothing_up) {
  BoardOnPc board(gesture_board());
  for (int i = 0; i < 600; ++i) {
    board.send("help\n", kUsb);
    board.console().step(0);
    board.console().step(0);
  }
  EXPECT_GT(board.usb().untaken(), 0u);
  EXPECT_EQ(board.uart().untaken(), 0u);
  EXPECT_EQ(end_of(board.say("info\n", kUart)), "ok");
  board.say("", kUsb);  // read at last: whole lines, of which some are missing
  const std::uint32_t untaken = board.usb().untaken();
  EXPECT_EQ(end_of(board.say("info\n", kUsb)), "ok");
  EXPECT_EQ(board.usb().untaken(), untaken);
}

TEST(Sockets, of_which_one_is_not_plugged_in_leave_the_other_alone) {
  auto hardware = gesture_board();
  BoardOnPc board(hardware, {}, BoardOnPc::Plugged::kUartOnly);
  EXPECT_TRUE(board.console().report_start());
  EXPECT_EQ(end_of(board.say("info\n", kUart)), "ok");
}

}  // namespace
}  // namespace mudra::firmware
