// The camera's pictures, one after another, and what happens to a camera that gives none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/firmware/board_on_pc.hpp"
#include "tests/firmware/camera_file.hpp"

namespace mudra::firmware {
namespace {

using device::ImageKind;
using testing::IsEmpty;
using testing::SizeIs;

host::Hardware board_seeing(const CameraFile& file, int patience_ms = 60) {
  host::Hardware hardware = board_with(gesture_file());
  hardware.pictures = file.path();
  hardware.camera_patience_ms = patience_ms;
  return hardware;
}

// A stream whose camera was unplugged after some pictures.
struct UnpluggedStream {
  explicit UnpluggedStream(int patience_ms = 60) : board(board_seeing(file, patience_ms)) {
    EXPECT_GT(all<device::Frame>(board.say("stream on\n")).size(), 2u);
    file.unplug();
  }
  CameraFile file{'x'};
  BoardOnPc board;
};

TEST(Stream, streams_the_cameras_pictures_until_another_command_comes) {
  const CameraFile file('x');
  BoardOnPc board(board_seeing(file));
  EXPECT_TRUE(only<device::Camera>(board.say("info\n")).present);
  const auto frames = all<device::Frame>(board.say("stream on #9\n"));
  ASSERT_GT(frames.size(), 10u);
  EXPECT_EQ(frames[0].number, 1u);
  EXPECT_EQ(frames[0].shown, frames[0].percent.value >= 8000 ? frames[0].label : "none");
  EXPECT_EQ(end_of(board.say("stream off\n")), "ok");
  EXPECT_THAT(board.say(""), IsEmpty());
  board.say("stream on\n");
  board.say("mem\n");
  EXPECT_THAT(board.say(""), IsEmpty());
}

TEST(Stream, goes_on_streaming_when_an_unplugged_camera_is_back) {
  UnpluggedStream stream;
  BoardOnPc& board = stream.board;
  std::vector<device::Camera> said;
  const auto say_until = [&](bool present) {
    for (int i = 0; i < 2000 && (said.empty() || said.back().present != present); ++i) {
      const auto lines = board.say("");
      for (const auto& camera : all<device::Camera>(lines)) said.push_back(camera);
      EXPECT_THAT(all<device::Failure>(lines), IsEmpty());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return !said.empty() && said.back().present == present;
  };
  EXPECT_TRUE(say_until(false));
  stream.file.plug_in();
  EXPECT_TRUE(say_until(true));
  EXPECT_GT(all<device::Frame>(board.say("")).size(), 2u);
  board.say("stream off\n");
  const auto stats = only<device::Stats>(board.say("stats\n"));
  EXPECT_GT(stats.frames, 4u);
  EXPECT_EQ(stats.dropped, 1u);
  EXPECT_GT(stats.fps.value, 0);
  EXPECT_LE(stats.least_us, stats.median_us);
  EXPECT_LE(stats.median_us, stats.p99_us);
  EXPECT_LE(stats.p99_us, stats.most_us);
  EXPECT_THAT(all<device::Port>(board.say("stats\n")), SizeIs(2));
}

TEST(Stream, runs_on_the_cameras_next_picture) {
  const CameraFile file('x');
  BoardOnPc board(board_seeing(file));
  const auto seen = scores_of(board.say("run\n"));
  EXPECT_EQ(seen, scores_of(board.show(ImageKind::kGray,
                                       std::vector<std::uint8_t>(device::PictureShape{}.bytes(), 'x'))));
}

TEST(Stream, cuts_and_scales_a_colour_cameras_picture_to_the_models_shape) {
  // 240 x 240, of which 240 x 150 in the middle are looked at; what is above and below is of another colour.
  std::string pixels;
  for (int y = 0; y < 240; ++y)
    for (int x = 0; x < 240; ++x)
      pixels += y < 45 || y >= 195 ? std::string("\xff\x00\xff", 3) : "\x08\x84\x42";
  const CameraFile file("P6 240 240 255\n" + pixels);
  auto hardware = board_with(gesture_file(Traces::kAll, 4, kColor));
  hardware.pictures = file.path();
  BoardOnPc board(hardware);
  std::vector<std::uint8_t> seen;
  for (std::size_t i = 0; i < kColor.pixels(); ++i)
    for (const int value : {8, 134, 66})
      seen.push_back(static_cast<std::uint8_t>(value));  // 1/31, 33/63, 8/31
  EXPECT_EQ(scores_of(board.say("run\n")), scores_of(board.show(ImageKind::kRgb, seen)));
  EXPECT_GT(all<device::Frame>(board.say("stream on\n")).size(), 2u);
}

TEST(Stream, leaves_a_picture_of_another_kind_than_the_cameras_alone) {
  const CameraFile file("P6 2 1 255\nabcdef");
  BoardOnPc board(board_seeing(file));
  EXPECT_EQ(end_of(board.say("run\n")), "no_picture");
}

TEST(Stream, says_that_there_is_no_camera) {
  BoardOnPc board(board_with(gesture_file()));
  EXPECT_EQ(end_of(board.say("stream on\n")), "no_camera");
}

// As esp32-camera does, its driver waits seconds for a picture of a camera that is gone.
TEST(Stream, ends_at_once_although_the_camera_is_waited_for) {
  UnpluggedStream stream(1500);
  BoardOnPc& board = stream.board;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    board.send("stream off\n");
  });
  const auto begun = std::chrono::steady_clock::now();
  board.console().step(0);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(400));
  later.join();
  EXPECT_EQ(end_of(board.say("")), "ok");
}

TEST(Stream, says_that_the_camera_is_gone_before_its_driver_does) {
  UnpluggedStream stream(3000);
  BoardOnPc& board = stream.board;
  std::vector<device::Camera> said;
  const auto begun = std::chrono::steady_clock::now();
  while (said.empty() && std::chrono::steady_clock::now() - begun < std::chrono::seconds(3))
    for (const auto& camera : all<device::Camera>(board.say(""))) said.push_back(camera);
  ASSERT_FALSE(said.empty());
  EXPECT_FALSE(said.front().present);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(2500));
}

TEST(Stream, does_not_say_that_a_camera_is_back_because_its_driver_gave_up) {
  UnpluggedStream stream(800);
  BoardOnPc& board = stream.board;
  std::vector<device::Camera> said;
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(2500))
    for (const auto& camera : all<device::Camera>(board.say(""))) said.push_back(camera);
  ASSERT_GT(said.size(), 2u);
  EXPECT_TRUE(std::ranges::none_of(said, &device::Camera::present));
}

TEST(Stream, begins_a_camera_anew_that_was_given_up) {
  UnpluggedStream stream;
  BoardOnPc& board = stream.board;
  while (all<device::Camera>(board.say("")).empty()) {
  }
  board.say("stream off\n");
  for (const char* command : {"run\n", "snap camera\n", "stream on\n"})
    EXPECT_NE(end_of(board.say(command)), "ok") << command;
  EXPECT_FALSE(only<device::Camera>(board.say("info\n")).present);
  stream.file.plug_in();
  EXPECT_EQ(end_of(board.say("run\n")), "ok");
  EXPECT_TRUE(only<device::Camera>(board.say("info\n")).present);
}

// An engine whose inference ends when `answered` holds, or fails after two seconds.
class WaitingEngine final : public InferenceEngine {
 public:
  explicit WaitingEngine(std::function<bool()> answered) : answered_(std::move(answered)) {}
  std::string_view name() const override { return "waiting"; }
  bool load(ModelPartition& partition) override {
    input_.resize(partition.info().input_bytes());
    output_.resize(partition.info().output_bytes());
    return ready_ = true;
  }
  std::span<std::byte> input() override { return input_; }
  bool run() override {
    for (int i = 0; i < 200 && !answered_(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return answered_();
  }
  std::span<const std::byte> output() const override { return output_; }
  int first_wrong_node(const device::Trace&) override { return device::kNoNode; }

 private:
  std::function<bool()> answered_;
  std::vector<std::byte> input_, output_;
};

TEST(Tasks, a_question_on_the_other_socket_is_answered_during_an_inference) {
  std::atomic<BoardOnPc*> asked = nullptr;
  WaitingEngine engine([&] { return asked.load()->has_said(BoardOnPc::kUsb); });
  BoardOnPc board(board_with(gesture_file()), {&engine});
  asked = &board;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    board.send("info\n", BoardOnPc::kUsb);
  });
  const std::vector<std::uint8_t> picture(device::PictureShape{}.bytes(), 'x');
  EXPECT_EQ(end_of(board.show(ImageKind::kGray, picture)), "ok");
  later.join();
}

TEST(Tasks, a_command_for_the_engines_waits_for_the_end_of_an_inference) {
  std::atomic<BoardOnPc*> asked = nullptr;
  std::atomic<int> polls = 0;
  WaitingEngine engine([&] { return ++polls > 30 || asked.load()->has_said(BoardOnPc::kUsb); });
  BoardOnPc board(board_with(gesture_file()), {&engine});
  asked = &board;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    board.send("run\n", BoardOnPc::kUsb);
  });
  const std::vector<std::uint8_t> picture(device::PictureShape{}.bytes(), 'x');
  EXPECT_EQ(end_of(board.show(ImageKind::kGray, picture)), "ok");
  EXPECT_GT(polls, 30);
  later.join();
  EXPECT_EQ(end_of(board.say("", BoardOnPc::kUsb)), "ok");
}

}  // namespace
}  // namespace mudra::firmware
