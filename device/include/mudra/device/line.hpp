// One line of text between a board and whoever talks to it, readable by people and checked by programs:
//
//   score engine=mudra index=0 value=-12 percent=98.04 label="thumb up" #7 ~8605
//
// The first word says what the line is about; fields follow, KEY=VALUE or a VALUE alone. "#7" is the tag that
// a command had and every line of its reply repeats, 1 to 65535. "~8605" ends the line: the low 16 bits of
// the CRC-32 of all before it and its space. Tag and checksum may be absent in what people type.
//
// Lines are printable ASCII, at most kMaxLine bytes, and end in CR, LF or both. A value that is empty, or has
// a space or one of " = # ~ \, is quoted; in quotes \" and \\ stand for themselves and \xHH for any byte, as
// # and ~ have to be written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mudra::device {

inline constexpr std::size_t kMaxLine = 255;  // without its end
inline constexpr int kMaxFields = 16;

// Of zip, PNG and Ethernet (polynomial 0xEDB88320): zlib's crc32(). To go on, pass what came before.
std::uint32_t crc32(std::span<const std::uint8_t> bytes, std::uint32_t before = 0);
std::uint32_t crc32(std::string_view text);

enum class LineStatus : std::uint8_t {
  kOk,
  kTooLong,
  kNoise,        // a byte that is not printable
  kBadChecksum,  // damaged on its way
  kMalformed,    // an open quote, two spaces, more than kMaxFields fields, a tag or checksum that is none
};

// "the line is damaged: its checksum is wrong"
std::string_view describe(LineStatus status);

struct Field {
  std::string_view key;  // empty: a value alone
  std::string_view value;
};

// A line taken apart. The texts lie in the buffer that was parsed.
struct Line {
  std::string_view kind;
  Field fields[kMaxFields];
  int field_count = 0;
  std::uint16_t tag = 0;  // 0: none
  bool checked = false;   // it had a checksum, and the right one

  // The first value of a key, or nullptr.
  const std::string_view* find(std::string_view key) const;
};

// Takes `text` apart where it lies, replacing escapes by what they stand for.
LineStatus parse_line(std::span<char> text, Line& line);

// Decimal, with an optional minus. False for anything else, and beyond 64 bits.
bool parse_integer(std::string_view text, std::int64_t& value);
// One to eight hexadecimal digits.
bool parse_hexadecimal(std::string_view text, std::uint32_t& value);

// Collects bytes into lines. What is too long or noisy is dropped as a whole, up to the next line's end.
class LineReader {
 public:
  enum class Step : std::uint8_t {
    kMore,     // the line goes on
    kLine,     // line() is whole
    kEmpty,    // the end of a line with nothing on it
    kTooLong,  // the end of a line that had more than kMaxLine bytes
    kNoise,    // the end of a line with a byte that is not printable
  };

  Step push(char byte);

  // Valid after kLine, until the next push.
  std::span<char> line() { return {text_, size_}; }

 private:
  char text_[kMaxLine];
  std::size_t size_ = 0;
  LineStatus status_ = LineStatus::kOk;
  bool ended_ = true, after_return_ = false;
};

// Writes one line: the constructor the kind (at most 200 bytes), field() and value() what follows, end() tag,
// checksum and CR LF. A text that does not fit is cut off, a field for which there is no room left out.
class LineWriter {
 public:
  explicit LineWriter(std::string_view kind);

  LineWriter& field(std::string_view key, std::string_view value);
  LineWriter& field(std::string_view key, std::int64_t value);
  LineWriter& hexadecimal(std::string_view key, std::uint32_t value);  // eight digits
  LineWriter& hundredths(std::string_view key, std::int64_t value);    // 9804 as 98.04
  LineWriter& value(std::string_view value);
  LineWriter& value(std::int64_t value);

  // The bytes to send. Valid as long as the writer; nothing may be added afterwards.
  std::string_view end(std::uint16_t tag = 0);

 private:
  void begin_field(std::string_view key);
  void put(char byte);
  void put(std::string_view text);
  void put_decimal(std::uint64_t value, int least_digits);
  void put_integer(std::int64_t value);
  void put_hexadecimal(std::uint32_t value, int digits);
  void put_value(std::string_view value);

  bool full_ = false;
  char text_[kMaxLine + 2];
  std::size_t size_ = 0;
};

}  // namespace mudra::device
