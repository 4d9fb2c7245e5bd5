#include "mudra/deploy/port_talk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "mudra/base/printable.hpp"

namespace mudra::deploy {
namespace {

bool has(std::string_view heard, auto... marks) { return ((heard.find(marks) != heard.npos) || ...); }

// More than a fourth; the noise of a reset is less.
bool is_noise(std::string_view heard) {
  return 4 * std::ranges::count_if(heard,
                                   [](char byte) { return !is_text(static_cast<unsigned char>(byte)); }) >
         static_cast<std::ptrdiff_t>(heard.size());
}

int count_of(std::string_view heard, std::string_view mark) {
  int count = 0;
  for (auto at = heard.find(mark); at != std::string_view::npos; at = heard.find(mark, at + mark.size()))
    ++count;
  return count;
}

// ESP-IDF's log: a letter for the gravity, milliseconds in parentheses, "I (1234) wifi: connected".
bool has_log_line(std::string_view heard) {
  for (const std::string_view letter : {"I (", "W (", "E (", "D ("})
    for (auto at = heard.find(letter); at != std::string_view::npos; at = heard.find(letter, at + 1)) {
      const std::string_view rest = heard.substr(at + letter.size());
      const auto digits =
          std::ranges::find_if_not(rest, [](unsigned char c) { return std::isdigit(c) != 0; });
      if (digits != rest.begin() && digits != rest.end() && *digits == ')') return true;
    }
  return false;
}

constexpr std::array kTalks{
    KnownTalk{"`waiting for download`", "the chip was reset with BOOT held and waits to be flashed",
              "press RESET",
              [](std::string_view heard) { return has(heard, "waiting for download", "(DOWNLOAD("); }},
    KnownTalk{"`Brownout detector was triggered`",
              "too little current, so that the board restarts again and again",
              "another cable, or a socket at the PC itself",
              [](std::string_view heard) { return has(heard, "Brownout detector", "BROWN_OUT_RST"); }},
    KnownTalk{"`invalid header: 0xffffffff`", "nothing is flashed", "`idf.py flash`",
              [](std::string_view heard) { return has(heard, "invalid header: 0x"); }},
    KnownTalk{"`Detected size(4096k) smaller than the size in the binary image header(8192k)`",
              "the flash is smaller than the program was built for",
              "`mudra deploy --flash-size 4MB`, or set it in menuconfig, and flash again",
              [](std::string_view heard) { return has(heard, "size in the binary image header"); }},
    KnownTalk{"`PSRAM chip is not connected, or wrong PSRAM line mode`",
              "the program insists on PSRAM of a kind that this module does not have",
              "menuconfig, *ESP PSRAM*: quad instead of octal, or ignore what is not found; flash again",
              [](std::string_view heard) {
                return has(heard, "wrong PSRAM line mode", "Failed to init external RAM",
                           "PSRAM ID read error");
              }},
    KnownTalk{"`No bootable app partitions`",
              "the flash holds no whole program, or one too large for its partition",
              "`idf.py flash`, which also writes the partition table",
              [](std::string_view heard) {
                return has(heard, "No bootable app", "is not bootable", "fit in partition length");
              }},
    KnownTalk{"`Checksum failed`, `flash read err`",
              "what is in the flash is damaged, or is read in a mode that it cannot do",
              "flash again; if that does not help, set flash mode DIO in menuconfig",
              [](std::string_view heard) {
                return has(heard, "Checksum failed", "hash mismatch", "csum err", "flash read err",
                           "ets_main.c");
              }},
    KnownTalk{"`Guru Meditation Error`, `abort() was called`, `assert failed`",
              "the program on the board crashes",
              "flash mudra's firmware; if it is mudra's, please report it with these lines",
              [](std::string_view heard) {
                return has(heard, "Guru Meditation", "abort() was called", "assert failed",
                           "stack overflow in task");
              }},
    KnownTalk{"`rst:0x...` again and again", "the board restarts before any program speaks",
              "another cable; set flash mode DIO in menuconfig; `idf.py flash`",
              [](std::string_view heard) { return count_of(heard, "rst:0x") > 1; }},
    KnownTalk{"bytes that are no text", "another baud rate than 115200, or GND is not connected",
              "connect GND; see that this is the board's UART, and no other program's", is_noise},
    KnownTalk{"`MicroPython`, `>>>`", "a Python interpreter is on the board", "flash mudra's firmware",
              [](std::string_view heard) { return has(heard, "MicroPython", "CircuitPython", ">>> "); }},
    KnownTalk{"`I (1234) name: ...`, `Hello world!`",
              "another program is on the board, or only its system still speaks",
              "flash mudra's firmware; if it is mudra's, press RESET",
              [](std::string_view heard) { return has(heard, "Hello world!") || has_log_line(heard); }},
    KnownTalk{"anything else", "something that is not mudra's firmware",
              "another port, or flash mudra's firmware", [](std::string_view) { return true; }},
};

}  // namespace

bool is_text(unsigned char byte) {
  return (byte >= ' ' && byte < 0x7F) || byte == '\r' || byte == '\n' || byte == '\t' || byte == '\x1b';
}

std::span<const KnownTalk> known_talks() { return kTalks; }

const KnownTalk& talk_in(std::string_view heard) {
  return *std::ranges::find_if(kTalks, [&](const KnownTalk& talk) { return talk.matches(heard); });
}

std::string last_lines(std::string_view heard, int count) {
  constexpr std::size_t kMostLetters = 100;
  std::vector<std::string> lines;
  while (!heard.empty() && static_cast<int>(lines.size()) < count) {
    const std::size_t end = heard.find_last_not_of("\r\n");
    if (end == std::string_view::npos) break;
    heard = heard.substr(0, end + 1);
    const std::size_t before = heard.find_last_of("\r\n");
    const std::string_view line = before == std::string_view::npos ? heard : heard.substr(before + 1);
    std::string text(line.substr(0, kMostLetters));
    std::ranges::replace_if(
        text, [](unsigned char byte) { return byte < ' ' || byte >= 0x7F; }, '?');
    if (line.size() > kMostLetters) text += "...";
    if (std::ranges::find(lines, text) == lines.end()) lines.push_back(std::move(text));
    heard.remove_suffix(line.size());
  }
  std::ranges::reverse(lines);
  return fmt::format("\"{}\"", fmt::join(lines, "\", \""));
}

}  // namespace mudra::deploy
