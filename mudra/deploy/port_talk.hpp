// What a port says that does not speak mudra's protocol, and what to do about it: boot loaders, crashes,
// another program's log, a wrong baud rate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mudra::deploy {

// Printable ASCII, the ends of lines, a tab or the begin of a colour.
bool is_text(unsigned char byte);

// One kind of talk. The table in docs/firmware.md has a row for each.
struct KnownTalk {
  std::string_view sign;     // what is seen, as the document writes it
  std::string_view meaning;  // "nothing is flashed"
  std::string_view cure;     // "flash it: idf.py flash"
  bool (*matches)(std::string_view heard);
};

// The first that matches is meant: what says more stands before what says less. The last matches anything.
std::span<const KnownTalk> known_talks();

// Precondition: something was heard.
const KnownTalk& talk_in(std::string_view heard);

// The last lines of it, at most `count` different ones of at most 100 characters, quoted, printable and
// joined by ", ".
std::string last_lines(std::string_view heard, int count = 3);

}  // namespace mudra::deploy
