// The table of boards is one truth: pins that can be, public sources, and the files that are made from it.
#include "mudra/deploy/board_kinds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/deploy/board_settings.hpp"
#include "mudra/deploy/firmware_sources.hpp"

namespace mudra::deploy {
namespace {

using ::testing::HasSubstr;

std::vector<int> pins_of(const BoardKind& board) {
  std::vector<int> pins;
  if (board.camera) {
    const CameraPins& camera = board.camera->pins;
    pins = {camera.pwdn, camera.reset, camera.xclk, camera.sda,
            camera.scl,  camera.vsync, camera.href, camera.pclk};
    pins.insert(pins.end(), camera.data.begin(), camera.data.end());
    if (const auto& power = board.camera->power) pins.insert(pins.end(), {power->sda, power->scl});
  }
  if (board.led) pins.push_back(board.led->pin);
  std::erase(pins, kNoPin);
  return pins;
}

TEST(BoardKinds, have_each_pin_once_and_none_that_flash_psram_or_their_socket_needs) {
  for (const BoardKind& board : board_kinds()) {
    std::set<int> seen;
    for (const int pin : pins_of(board)) {
      EXPECT_TRUE(seen.insert(pin).second) << board.name << ": GPIO" << pin << " twice";
      EXPECT_TRUE(pin >= 0 && pin <= 48 && (pin < 22 || pin > 25)) << board.name << ": no GPIO" << pin;
      EXPECT_FALSE(pin >= 26 && pin <= 32) << board.name << ": flash is on GPIO" << pin;
      if (board.psram == PsramMode::kOctal) {
        EXPECT_FALSE(pin >= 33 && pin <= 37) << board.name << ": octal PSRAM is on GPIO" << pin;
      }
      if (board.socket == Socket::kUsb)
        EXPECT_FALSE(pin == 19 || pin == 20) << board.name << ": USB is on GPIO" << pin;
      else
        EXPECT_FALSE(pin == 43 || pin == 44) << board.name << ": UART0 is on GPIO" << pin;
    }
  }
}

TEST(BoardKinds, name_a_public_source_of_everything_they_say) {
  for (const BoardKind& board : board_kinds()) {
    if (board.camera || board.led) {
      EXPECT_FALSE(board.sources().empty()) << board.name;
    }
    for (const std::string_view source : board.sources())
      EXPECT_TRUE(source.starts_with("https://")) << source;
    EXPECT_EQ(board.psram == PsramMode::kNone, board.psram_bytes == 0) << board.name;
    if (board.camera) {
      EXPECT_TRUE(board.camera->rotation % 90 == 0 && board.camera->rotation < 360) << board.name;
    }
  }
}

// The text of a file of the repository; where MUDRA_WRITE_BOARDS is set, it is written first.
std::string text_beside(const std::string& path, const std::string& made) {
  const auto file = std::filesystem::path(MUDRA_SOURCE) / path;
  if (std::getenv("MUDRA_WRITE_BOARDS") != nullptr)
    write_file(file, std::vector<std::uint8_t>(made.begin(), made.end()));
  return std::filesystem::exists(file) ? read_text(file) : "";
}

TEST(BoardKinds, are_those_of_menuconfig_and_of_the_settings_of_each_board) {
  if (!std::filesystem::exists(std::filesystem::path(MUDRA_SOURCE) / "firmware"))
    GTEST_SKIP() << "the sources are elsewhere";
  EXPECT_EQ(text_beside("firmware/main/Kconfig.boards", kconfig_of_boards()), kconfig_of_boards());
  std::set<std::string> files;
  for (const BoardKind& board : board_kinds()) {
    const std::string name = std::string(board.name) + ".defaults";
    const std::string made =
        "# Made from mudra's table of boards; a test compares.\n" + settings_of_board(board);
    EXPECT_EQ(text_beside("firmware/boards/" + name, made), made);
    files.insert(name);
  }
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(MUDRA_SOURCE) / "firmware/boards"))
    EXPECT_TRUE(files.contains(entry.path().filename().string())) << entry.path();
}

TEST(BoardKinds, are_those_of_the_documentation) {
  EXPECT_THAT(std::string(firmware_source("docs/firmware.md")), HasSubstr(markdown_of_boards()));
}

TEST(BoardKinds, are_shown_with_their_pins_and_sources) {
  const std::string text = text_of_boards();
  for (const BoardKind& board : board_kinds()) {
    EXPECT_THAT(text, HasSubstr(std::string(board.name) + " "));
    for (const std::string_view source : board.sources()) EXPECT_THAT(text, HasSubstr(std::string(source)));
  }
  EXPECT_THAT(
      text,
      HasSubstr("XCLK 10, SDA 40, SCL 39, D0 to D7 15 17 18 16 14 12 11 48, VSYNC 38, HREF 47, PCLK 13"));
}

}  // namespace
}  // namespace mudra::deploy
