// Pictures that the board sends: what the network saw, and what the camera gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "mudra/format/espdl.hpp"
#include "tests/firmware/board_on_pc.hpp"
#include "tests/firmware/camera_file.hpp"

namespace mudra::firmware {
namespace {

using device::Command;
using device::ImageKind;
using device::Verb;

std::vector<std::uint8_t> random_bytes(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.bits());
  return bytes;
}

// Whole pictures, by their announcements, among lines; each undamaged and full lines but the last.
struct Got {
  device::Picture told;
  std::vector<std::uint8_t> pixels;
};
std::vector<Got> pictures_in(const std::vector<SentLine>& lines, std::uint16_t tag = 0) {
  std::vector<Got> pictures;
  for (const SentLine& sent : lines) {
    if (device::Picture told; device::read(sent.line, told)) pictures.push_back({told, {}});
    if (!device::is_data(sent.line)) continue;
    EXPECT_EQ(sent.line.tag, tag);
    std::uint8_t bytes[device::kMostDataBytes];
    const int count = device::data_in(sent.line, bytes);
    EXPECT_GT(count, 0) << sent.text;
    if (pictures.empty() || count < 0) return pictures;
    pictures.back().pixels.insert(pictures.back().pixels.end(), bytes, bytes + count);
  }
  return pictures;
}

void expect_whole(const Got& got) {
  EXPECT_EQ(got.pixels.size(), got.told.bytes);
  EXPECT_EQ(device::crc32(got.pixels), got.told.crc32.value);
}

TEST(Picture, snap_sends_what_the_network_got) {
  BoardOnPc board(board_with(gesture_file()));
  const auto gray = random_bytes(96 * 96, 4);
  board.show(ImageKind::kGray, gray);
  const auto lines = board.say("snap #5\n");
  const auto got = pictures_in(lines, 5);
  ASSERT_EQ(got.size(), 1u);
  expect_whole(got[0]);
  EXPECT_EQ(got[0].told.kind, "gray");
  EXPECT_EQ(got[0].told.height, 96);
  EXPECT_EQ(got[0].told.width, 96);
  EXPECT_EQ(got[0].pixels, gray);
  EXPECT_EQ(end_of(lines), "ok");
  EXPECT_EQ(lines.size(), 1 + 64 + 1u);
}

TEST(Picture, a_picture_in_colour_is_sent_in_colour) {
  BoardOnPc board(board_with(gesture_file(Traces::kAll, 4, kColor)));
  const auto rgb = random_bytes(kColor.bytes(), 4);
  board.show(ImageKind::kRgb, rgb);
  const auto got = pictures_in(board.say("snap\n"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].told.kind, "rgb");
  EXPECT_EQ(got[0].pixels, rgb);
}

TEST(Picture, there_is_none_before_one_came_and_none_of_bare_integers) {
  EXPECT_EQ(end_of(BoardOnPc(host::Hardware{}).say("snap\n")), "no_picture");
  BoardOnPc board(board_with(gesture_file()));
  EXPECT_EQ(end_of(board.say("snap\n")), "no_picture");
  board.show(ImageKind::kInput, random_bytes(96 * 96, 4));
  EXPECT_EQ(end_of(board.say("snap\n")), "no_picture");
  EXPECT_EQ(end_of(board.say("snap camera\n")), "no_camera");
}

TEST(Picture, the_cameras_own_is_all_that_it_sees) {
  const auto gray = random_bytes(120 * 100, 8);
  const CameraFile camera("P5", 120, 100, gray);
  host::Hardware hardware = board_with(gesture_file());
  hardware.pictures = camera.path();
  BoardOnPc board(hardware);
  const auto own = pictures_in(board.say("snap camera\n"));
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].told.width, 120);
  EXPECT_EQ(own[0].told.height, 100);
  EXPECT_EQ(own[0].pixels, gray);
  const auto seen = pictures_in(board.say("snap\n"));  // the camera's next, as the network would get it
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].told.width, 96);
}

TEST(Picture, the_cameras_colours_become_eight_bits_as_for_the_network) {
  const auto rgb = random_bytes(kColor.bytes(), 8);
  const CameraFile camera("P6", kColor.width, kColor.height, rgb);
  host::Hardware hardware = board_with(gesture_file(Traces::kAll, 4, kColor));
  hardware.pictures = camera.path();
  BoardOnPc board(hardware);
  const auto own = pictures_in(board.say("snap camera\n"));
  const auto seen = pictures_in(board.say("snap\n"));  // of its size, so that nothing is resized
  ASSERT_EQ(own.size(), 1u);
  ASSERT_EQ(seen.size(), 1u);
  expect_whole(own[0]);
  EXPECT_EQ(own[0].pixels, seen[0].pixels);
  for (std::size_t i = 0; i < rgb.size(); ++i) ASSERT_NEAR(own[0].pixels[i], rgb[i], 8);
}

TEST(Picture, of_a_stream_each_stands_before_its_scores_and_its_frame) {
  const CameraFile camera("P5", 96, 96, random_bytes(96 * 96, 8));
  host::Hardware hardware = board_with(gesture_file());
  hardware.pictures = camera.path();
  BoardOnPc board(hardware);
  const auto lines = board.say("stream on pictures #9\n");
  std::string order;
  for (const SentLine& sent : lines) {
    EXPECT_EQ(sent.line.tag, 9);
    const std::string kind(device::is_data(sent.line) ? "data" : sent.line.kind);
    if (!order.ends_with(kind + " ")) order += kind + " ";
  }
  EXPECT_THAT(order, testing::StartsWith("ok picture data score frame picture data score frame picture"));
  const auto pictures = pictures_in(lines, 9);
  ASSERT_GT(pictures.size(), 2u);
  expect_whole(pictures[1]);
  EXPECT_EQ(end_of(board.say("stream off\n")), "ok");
  EXPECT_TRUE(board.say("").empty());
  for (const SentLine& sent : board.say("stream on\n")) EXPECT_FALSE(device::is_data(sent.line));
}

TEST(Picture, a_question_on_the_other_socket_is_answered_meanwhile) {
  BoardOnPc board(board_with(gesture_file()));
  const auto gray = random_bytes(96 * 96, 4);
  board.show(ImageKind::kGray, gray);
  board.send("info\ninfo\n", BoardOnPc::kUsb);  // the first before, the second between its lines
  const auto got = pictures_in(board.say("snap\n"));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].pixels, gray);
  EXPECT_EQ(end_of(board.say("", BoardOnPc::kUsb)), "ok");
}

TEST(Picture, another_command_ends_it_at_once) {
  BoardOnPc board(board_with(gesture_file()));
  board.show(ImageKind::kGray, random_bytes(96 * 96, 4));
  const auto lines = board.say("snap #3\nmem #4\n");
  std::optional<std::string> code;
  std::size_t data = 0;
  for (const SentLine& sent : lines) {
    data += device::is_data(sent.line) ? 1 : 0;
    if (device::Failure failure; device::read(sent.line, failure)) {
      EXPECT_EQ(sent.line.tag, 3);
      code = failure.code;
    }
  }
  EXPECT_EQ(code, "interrupted");
  EXPECT_LT(data, 64u);
  EXPECT_EQ(end_of(lines), "ok");
  EXPECT_EQ(lines.back().line.tag, 4);
  EXPECT_EQ(end_of(board.say("snap\nnonsense\n")), "ok");  // what is no command ends nothing
}

}  // namespace
}  // namespace mudra::firmware
