// What happens when a gesture is shown: the queue that holds up nothing, and the examples.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gesture_events.hpp"
#include "gesture_led.hpp"
#include "gesture_pins.hpp"
#include "simulated_board.hpp"
#include "simulated_pins.hpp"
#include "tests/firmware/board_on_pc.hpp"
#include "tests/firmware/camera_file.hpp"
#include "tests/firmware/gesture_model.hpp"

namespace mudra::firmware {
namespace {

int level_of(int pin) { return host::pins().levels[static_cast<std::size_t>(pin)]; }

// Of the pins 4, 5 and 6, which on_gesture() sets for the classes 0, 1 and 3 in the configuration of a PC.
std::string levels() {
  std::string text;
  for (const int pin : {4, 5, 6}) text += level_of(pin) < 0 ? "-" : std::to_string(level_of(pin));
  return text;
}

TEST(GestureEvents, tell_a_users_code_of_each_change_and_of_nothing_else) {
  host::power_on({});
  GestureEvents events;
  ASSERT_TRUE(events.open());
  begin_gestures();
  EXPECT_EQ(levels(), "000");
  for (const int shown : {-1, -1, 0, 0, 0, 3, -1}) events.shown(shown, shown < 0 ? "none" : "a class");
  const char* const want[] = {"100", "001", "000"};
  for (const char* levels_then : want) {
    ASSERT_TRUE(events.handle_next(0));
    EXPECT_EQ(levels(), levels_then);
  }
  EXPECT_FALSE(events.handle_next(0));
  EXPECT_EQ(events.dropped(), 0u);
}

TEST(GestureEvents, never_wait_for_a_users_code_and_count_what_is_dropped) {
  host::power_on({});
  GestureEvents events;
  ASSERT_TRUE(events.open());
  begin_gestures();
  constexpr int kChanges = 1000;
  for (int i = 0; i < kChanges; ++i) events.shown(i % 2, std::string(i % 2 == 0 ? 300 : 0, 'x'));
  EXPECT_EQ(events.dropped(), static_cast<unsigned>(kChanges - GestureEvents::kMostWaiting));
  for (int i = 0; i < GestureEvents::kMostWaiting; ++i) {
    ASSERT_TRUE(events.handle_next(0));
    EXPECT_EQ(levels(), i % 2 == 0 ? "100" : "010");
  }
  EXPECT_FALSE(events.handle_next(0));
}

TEST(GestureEvents, that_were_not_opened_do_nothing) {
  GestureEvents events;
  events.shown(1, "a class");
  EXPECT_FALSE(events.start());
}

TEST(GestureEvents, come_in_a_task_of_their_own) {
  host::power_on({});
  static GestureEvents events;  // its task never ends
  ASSERT_TRUE(events.open() && events.start());
  events.shown(1, "a class");
  for (int i = 0; i < 5000 && level_of(5) != 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(level_of(5), 1);
}

// A board whose camera sees pictures of all grays, over and over, and whose model is easily sure.
struct StreamingBoard {
  StreamingBoard() {
    std::string pictures;
    for (int gray = 0; gray < 256; gray += 15)
      pictures += "P5 96 96 255\n" + std::string(96 * 96, static_cast<char>(gray));
    camera.emplace(pictures);
    format::EspdlFile file = gesture_file();
    file.graph.metadata[std::string(device::kDecisionEnterKey)] = "51.00";
    file.graph.metadata[std::string(device::kDecisionLeaveKey)] = "51.00";
    board.emplace(host::Hardware{.model = format::write_espdl(file), .pictures = camera->path()});
  }

  std::optional<CameraFile> camera;
  std::optional<BoardOnPc> board;
};

// How many gestures a user's code is told of.
int told(GestureEvents& events) {
  int count = 0;
  while (events.handle_next(0)) ++count;
  return count;
}

TEST(GestureEvents, come_of_each_change_that_a_stream_shows) {
  StreamingBoard streaming;
  BoardOnPc& board = *streaming.board;
  std::string last = "none";
  int changes = 0;
  for (const SentLine& sent : board.say("stream on\n")) {
    device::Frame frame;
    if (!device::read(sent.line, frame)) continue;
    if (frame.shown != last) ++changes;
    last = frame.shown;
  }
  ASSERT_GT(changes, 1);
  EXPECT_EQ(told(board.gestures()) + static_cast<int>(board.gestures().dropped()), changes);
}

TEST(GestureEvents, come_without_a_host_from_the_start_until_somebody_speaks) {
  StreamingBoard streaming;
  BoardOnPc& board = *streaming.board;
  board.console().stream_from_start();
  EXPECT_TRUE(board.say("").empty());
  EXPECT_GT(told(board.gestures()), 1);
  EXPECT_FALSE(board.say("mem\n").empty());
  static_cast<void>(told(board.gestures()));
  EXPECT_TRUE(board.say("").empty());
  EXPECT_EQ(told(board.gestures()), 0);
}

TEST(GesturePins, are_read_from_a_list) {
  const GesturePins pins("4,,-1,12");
  ASSERT_EQ(pins.size(), 4);
  EXPECT_EQ(pins.pin(0), 4);
  EXPECT_EQ(pins.pin(1), -1);
  EXPECT_EQ(pins.pin(3), 12);
  EXPECT_EQ(GesturePins("").size(), 0);
  EXPECT_EQ(GesturePins("4,x,5").size(), 1);
  EXPECT_EQ(GesturePins("49").size(), 0);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "1,";
  EXPECT_EQ(GesturePins(many).size(), device::kMaxClasses);
}

TEST(GestureLed, shines_while_a_gesture_is_shown) {
  for (const bool active_low : {false, true})
    for (const bool open_drain : {false, true}) {
      host::power_on({});
      GestureLed led({.pin = 21, .active_low = active_low, .open_drain = open_drain});
      ASSERT_TRUE(led.open());
      EXPECT_EQ(level_of(21), active_low ? 1 : 0);
      EXPECT_EQ(host::pins().open_drain[21], open_drain);
      led.show({.index = 2, .name = "fist"});
      EXPECT_EQ(level_of(21), active_low ? 0 : 1);
      led.show({});
      EXPECT_EQ(level_of(21), active_low ? 1 : 0);
    }
  EXPECT_FALSE(GestureLed({}).open());
}

TEST(GestureLed, has_a_colour_for_each_gesture_where_it_is_a_ws2812) {
  host::power_on({});
  GestureLed led({.pin = 48, .ws2812 = true});
  ASSERT_TRUE(led.open());
  EXPECT_EQ(host::pins().rmt_pin, 48);
  EXPECT_EQ(host::pins().rmt_bytes, (std::vector<std::uint8_t>{0, 0, 0}));
  std::vector<std::vector<std::uint8_t>> seen;
  for (int i = 0; i < 7; ++i) {
    const Gesture gesture{.index = i, .name = "a class"};
    led.show(gesture);
    const Color color = color_of(gesture);
    EXPECT_EQ(host::pins().rmt_bytes, (std::vector<std::uint8_t>{color[1], color[0], color[2]}));
    for (const auto& other : seen) EXPECT_NE(other, host::pins().rmt_bytes);
    seen.push_back(host::pins().rmt_bytes);
  }
  led.show({});
  EXPECT_EQ(host::pins().rmt_bytes, (std::vector<std::uint8_t>{0, 0, 0}));
}

}  // namespace
}  // namespace mudra::firmware
