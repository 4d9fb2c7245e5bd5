// A camera's pictures are set upright, by its sensor or by the firmware, and its power chip is set first.
#include "camera.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "camera_power.hpp"
#include "simulated_board.hpp"
#include "simulated_pins.hpp"
#include "tests/firmware/camera_file.hpp"

namespace mudra::firmware {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr int kSide = 24;

Bytes random_pixels(std::size_t bytes) {
  std::mt19937 random(1);
  Bytes pixels(bytes);
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random());
  return pixels;
}

// By definition: where the pixel of an upright picture was in the camera's.
Bytes upright(const Bytes& pixels, int side, int channels, const Orientation& orientation) {
  Bytes out(pixels.size());
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      int from_y = y, from_x = x;
      for (int i = 0; i < orientation.quarter_turns; ++i) {
        const int last_y = from_y;
        from_y = side - 1 - from_x;
        from_x = last_y;
      }
      if (orientation.vflip) from_y = side - 1 - from_y;
      if (orientation.mirror) from_x = side - 1 - from_x;
      for (int c = 0; c < channels; ++c)
        out[static_cast<std::size_t>((y * side + x) * channels + c)] =
            pixels[static_cast<std::size_t>((from_y * side + from_x) * channels + c)];
    }
  return out;
}

std::vector<Orientation> orientations() {
  std::vector<Orientation> all;
  for (int turns = 0; turns < 4; ++turns)
    for (const bool vflip : {false, true})
      for (const bool mirror : {false, true}) all.push_back({vflip, mirror, turns});
  return all;
}

// What a camera that sees this picture gives a network of its size, or nothing.
Bytes grabbed(const Bytes& pixels, int width, int height, int channels, bool sensor_flips,
              const Orientation& orientation) {
  const CameraFile file(channels == 3 ? "P6" : "P5", width, height, pixels);
  host::power_on({.pictures = file.path(), .sensor_flips = sensor_flips});
  Camera camera;
  const device::PictureShape shape{.height = kSide, .width = kSide, .channels = channels};
  if (!camera.open(shape, orientation)) return {};
  Bytes out(shape.bytes()), again(shape.bytes());
  for (Bytes* picture : {&out, &again}) {
    camera.ask();
    while (!camera.wait(Worker::kTurnMs)) {
    }
    if (!camera.take(*picture)) return {};
  }
  EXPECT_EQ(out, again) << "the second picture is another";
  return out;
}

TEST(Orientation, moves_every_pixel_to_where_it_belongs) {
  for (const int side : {1, 2, 7, kSide})
    for (const int pixel_bytes : {1, 2})
      for (const Orientation& orientation : orientations()) {
        Bytes pixels = random_pixels(static_cast<std::size_t>(side * side * pixel_bytes));
        const Bytes want = upright(pixels, side, pixel_bytes, orientation);
        orient(pixels.data(), side, side, pixel_bytes, orientation);
        EXPECT_EQ(pixels, want) << side << " " << pixel_bytes << " " << orientation.quarter_turns;
      }
}

TEST(Orientation, turns_what_is_not_square_upside_down_and_by_a_half) {
  Bytes pixels{1, 2, 3, 4, 5, 6};
  orient(pixels.data(), 3, 2, 1, {.vflip = true});
  EXPECT_EQ(pixels, (Bytes{4, 5, 6, 1, 2, 3}));
  orient(pixels.data(), 3, 2, 1, {.quarter_turns = 2});
  EXPECT_EQ(pixels, (Bytes{3, 2, 1, 6, 5, 4}));
}

TEST(Camera, gives_upright_pictures_whether_or_not_its_sensor_can_flip_them) {
  for (const int channels : {1, 3}) {
    const Bytes pixels = random_pixels(static_cast<std::size_t>(kSide * kSide * channels));
    const Bytes as_it_comes = grabbed(pixels, kSide, kSide, channels, true, {});
    ASSERT_FALSE(as_it_comes.empty());
    for (const bool sensor_flips : {false, true})
      for (const Orientation& orientation : orientations())
        EXPECT_EQ(grabbed(pixels, kSide, kSide, channels, sensor_flips, orientation),
                  upright(as_it_comes, kSide, channels, orientation))
            << channels << sensor_flips << orientation.vflip << orientation.mirror
            << orientation.quarter_turns;
  }
}

TEST(Camera, has_no_quarter_turn_of_what_is_not_square) {
  const Bytes pixels = random_pixels(32 * 24);
  EXPECT_TRUE(grabbed(pixels, 32, 24, 1, true, {.quarter_turns = 1}).empty());
  EXPECT_FALSE(grabbed(pixels, 32, 24, 1, true, {.vflip = true, .quarter_turns = 2}).empty());
}

TEST(CameraPower, sets_the_outputs_that_are_asked_for_and_leaves_the_others) {
  host::power_on({});
  host::pins().i2c_address = 0x34;
  host::pins().i2c_sda = 7;
  host::pins().i2c_scl = 6;
  auto& registers = host::pins().i2c_registers;
  registers[0x90] = 0x40;
  registers[0x92] = 0xE0;
  registers[0x94] = 0x17;
  EXPECT_EQ(set_voltages({.sda = 7, .scl = 6, .aldo_millivolts = {1800, 2800, 0, 3000}}), ESP_OK);
  EXPECT_EQ(registers[0x90], 0x40 | 0b1011);
  EXPECT_EQ(registers[0x92], 0xE0 | 13);
  EXPECT_EQ(registers[0x93], 23);
  EXPECT_EQ(registers[0x94], 0x17);
  EXPECT_EQ(registers[0x95], 25);
  EXPECT_EQ(host::pins().i2c_open, 0);
}

TEST(CameraPower, says_when_no_chip_answers) {
  host::power_on({});
  EXPECT_NE(set_voltages({.sda = 7, .scl = 6, .aldo_millivolts = {1800, 0, 0, 0}}), ESP_OK);
  EXPECT_EQ(host::pins().i2c_open, 0);
  EXPECT_EQ(power_camera(), ESP_OK);  // as configured here: there is none
}

}  // namespace
}  // namespace mudra::firmware
