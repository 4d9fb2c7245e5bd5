#include "mudra/device/line.hpp"

#include <array>
#include <limits>

namespace mudra::device {
namespace {

constexpr std::size_t kEndBytes = sizeof(" #65535 ~ffff") - 1;
constexpr std::size_t kMaxBody = kMaxLine - kEndBytes;

constexpr bool is_printable(char byte) { return byte >= ' ' && byte <= '~'; }

constexpr bool needs_quotes(char byte) {
  return !is_printable(byte) || byte == ' ' || byte == '"' || byte == '=' || byte == '#' || byte == '~' ||
         byte == '\\';
}

constexpr char digit_of(std::uint32_t value) {
  return static_cast<char>(value < 10 ? '0' + value : 'a' + (value - 10));
}

// 0 to 15, or -1.
constexpr int value_of_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

constexpr std::uint32_t kMarkMask = 0xFFFF;

// Takes a line apart from its end, where tag and checksum are, then from its start.
class Parser {
 public:
  Parser(std::span<char> text, Line& line) : at_(text.data()), end_(at_ + text.size()), line_(line) {}

  LineStatus parse();

 private:
  bool take_last_word(char mark, std::string_view& word);
  LineStatus take_checksum();
  LineStatus take_tag();
  LineStatus take_field();
  LineStatus take_value(std::string_view& value);
  LineStatus take_quoted(std::string_view& value);

  char* at_;
  char* end_;
  Line& line_;
};

// Takes the last word off the line if it begins with `mark`; what is behind the mark goes to `word`.
bool Parser::take_last_word(char mark, std::string_view& word) {
  char* first = end_;
  while (first > at_ && first[-1] != ' ') --first;
  if (first == end_ || *first != mark) return false;
  word = {first + 1, static_cast<std::size_t>(end_ - first - 1)};
  end_ = first > at_ ? first - 1 : first;
  return true;
}

LineStatus Parser::take_checksum() {
  constexpr std::size_t kDigits = 4;
  std::string_view digits;
  if (!take_last_word('~', digits)) return LineStatus::kOk;
  std::uint32_t said = 0;
  const std::string_view rest{at_, static_cast<std::size_t>(end_ - at_)};
  if (digits.size() != kDigits || !parse_hexadecimal(digits, said) || (crc32(rest) & kMarkMask) != said)
    return LineStatus::kBadChecksum;
  line_.checked = true;
  return LineStatus::kOk;
}

LineStatus Parser::take_tag() {
  std::string_view digits;
  if (!take_last_word('#', digits)) return LineStatus::kOk;
  std::int64_t tag = 0;
  if (!parse_integer(digits, tag) || tag < 1 || tag > std::numeric_limits<std::uint16_t>::max())
    return LineStatus::kMalformed;
  line_.tag = static_cast<std::uint16_t>(tag);
  return LineStatus::kOk;
}

LineStatus Parser::take_quoted(std::string_view& value) {
  const char* const first = ++at_;
  char* out = at_;
  for (; at_ < end_ && *at_ != '"'; ++at_) {
    if (*at_ != '\\') {
      *out++ = *at_;
    } else if (end_ - at_ >= 2 && at_[1] != 'x') {
      *out++ = *++at_;
    } else {
      std::uint32_t byte = 0;
      if (end_ - at_ < 4 || !parse_hexadecimal({at_ + 2, 2}, byte)) return LineStatus::kMalformed;
      *out++ = static_cast<char>(byte);
      at_ += 3;
    }
  }
  if (at_ == end_) return LineStatus::kMalformed;
  ++at_;
  value = {first, static_cast<std::size_t>(out - first)};
  return LineStatus::kOk;
}

// Up to a space or the end.
LineStatus Parser::take_value(std::string_view& value) {
  if (at_ < end_ && *at_ == '"') {
    if (const LineStatus status = take_quoted(value); status != LineStatus::kOk) return status;
  } else {
    const char* const first = at_;
    while (at_ < end_ && *at_ != ' ' && *at_ != '"') ++at_;
    value = {first, static_cast<std::size_t>(at_ - first)};
    if (value.empty()) return LineStatus::kMalformed;
  }
  return at_ == end_ || *at_ == ' ' ? LineStatus::kOk : LineStatus::kMalformed;
}

LineStatus Parser::take_field() {
  if (line_.field_count == kMaxFields) return LineStatus::kMalformed;
  Field& field = line_.fields[line_.field_count++];
  const char* key_end = at_;
  while (key_end < end_ && *key_end != ' ' && *key_end != '"' && *key_end != '=') ++key_end;
  if (key_end < end_ && *key_end == '=') {
    field.key = {at_, static_cast<std::size_t>(key_end - at_)};
    if (field.key.empty()) return LineStatus::kMalformed;
    at_ += key_end - at_ + 1;
  }
  return take_value(field.value);
}

LineStatus Parser::parse() {
  line_ = {};
  while (end_ > at_ && end_[-1] == ' ') --end_;  // people leave them
  if (const LineStatus status = take_checksum(); status != LineStatus::kOk) return status;
  if (const LineStatus status = take_tag(); status != LineStatus::kOk) return status;
  const char* const first = at_;
  while (at_ < end_ && *at_ != ' ') ++at_;
  line_.kind = {first, static_cast<std::size_t>(at_ - first)};
  if (line_.kind.empty()) return LineStatus::kMalformed;
  while (at_ < end_) {
    ++at_;  // the space
    if (const LineStatus status = take_field(); status != LineStatus::kOk) return status;
  }
  return LineStatus::kOk;
}

// What each byte leaves of the polynomial: 1 KB, for eight bits in one step. A self-test checks whole maps.
constexpr std::array<std::uint32_t, 256> kCrcOfByte = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
    table[byte] = crc;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  for (const std::uint8_t byte : bytes) crc = (crc >> 8) ^ kCrcOfByte[(crc ^ byte) & 0xFF];
  return ~crc;
}

std::uint32_t crc32(std::string_view text) {
  return crc32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string_view describe(LineStatus status) {
  switch (status) {
    case LineStatus::kOk:
      return "no error";
    case LineStatus::kTooLong:
      return "the line is too long";
    case LineStatus::kNoise:
      return "the line has bytes that are no text";
    case LineStatus::kBadChecksum:
      return "the line is damaged: its checksum is wrong";
    case LineStatus::kMalformed:
      return "the line is not made of words and key=value";
  }
  return "unknown status";
}

const std::string_view* Line::find(std::string_view key) const {
  for (int i = 0; i < field_count; ++i)
    if (fields[i].key == key) return &fields[i].value;
  return nullptr;
}

LineStatus parse_line(std::span<char> text, Line& line) { return Parser(text, line).parse(); }

bool parse_integer(std::string_view text, std::int64_t& value) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return false;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t magnitude = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    if (magnitude > (kMost - (digit - '0')) / 10) return false;
    magnitude = magnitude * 10 + (digit - '0');
  }
  value = negative ? -magnitude : magnitude;
  return true;
}

bool parse_hexadecimal(std::string_view text, std::uint32_t& value) {
  if (text.empty() || text.size() > 8) return false;
  std::uint32_t result = 0;
  for (const char digit : text) {
    const int worth = value_of_digit(digit);
    if (worth < 0) return false;
    result = result << 4 | static_cast<std::uint32_t>(worth);
  }
  value = result;
  return true;
}

LineReader::Step LineReader::push(char byte) {
  const bool second_half = byte == '\n' && after_return_;  // of CR LF
  after_return_ = byte == '\r';
  if (second_half) return Step::kMore;
  if (ended_) {
    size_ = 0;
    status_ = LineStatus::kOk;
  }
  ended_ = byte == '\r' || byte == '\n';
  if (ended_) {
    if (status_ == LineStatus::kTooLong) return Step::kTooLong;
    if (status_ == LineStatus::kNoise) return Step::kNoise;
    return size_ == 0 ? Step::kEmpty : Step::kLine;
  }
  if (!is_printable(byte) && status_ == LineStatus::kOk) status_ = LineStatus::kNoise;
  if (size_ == kMaxLine)
    status_ = LineStatus::kTooLong;
  else
    text_[size_++] = byte;
  return Step::kMore;
}

LineWriter::LineWriter(std::string_view kind) { put(kind); }

LineWriter& LineWriter::field(std::string_view key, std::string_view value) {
  begin_field(key);
  put_value(value);
  return *this;
}

LineWriter& LineWriter::field(std::string_view key, std::int64_t value) {
  begin_field(key);
  put_integer(value);
  return *this;
}

LineWriter& LineWriter::hexadecimal(std::string_view key, std::uint32_t value) {
  begin_field(key);
  put_hexadecimal(value, 8);
  return *this;
}

LineWriter& LineWriter::hundredths(std::string_view key, std::int64_t value) {
  begin_field(key);
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  if (value < 0) put('-');
  put_decimal(magnitude / 100, 1);
  put('.');
  put_decimal(magnitude % 100, 2);
  return *this;
}

LineWriter& LineWriter::value(std::string_view value) {
  begin_field({});
  put_value(value);
  return *this;
}

LineWriter& LineWriter::value(std::int64_t value) {
  begin_field({});
  put_integer(value);
  return *this;
}

std::string_view LineWriter::end(std::uint16_t tag) {
  const auto append = [&](char byte) { text_[size_++] = byte; };
  if (tag != 0) {
    append(' ');
    append('#');
    char digits[5];
    int count = 0;
    for (unsigned rest = tag; rest > 0; rest /= 10) digits[count++] = digit_of(rest % 10);
    while (count > 0) append(digits[--count]);
  }
  const std::uint32_t mark = crc32(std::string_view(text_, size_)) & kMarkMask;
  append(' ');
  append('~');
  for (int shift = 12; shift >= 0; shift -= 4) append(digit_of(mark >> shift & 15));
  append('\r');
  append('\n');
  return {text_, size_};
}

void LineWriter::begin_field(std::string_view key) {
  constexpr std::size_t kLongestNumber = 21, kSpaceAndEquals = 2;
  full_ = full_ || size_ + key.size() + kSpaceAndEquals + kLongestNumber > kMaxBody;
  put(' ');
  if (key.empty()) return;
  put(key);
  put('=');
}

void LineWriter::put(char byte) {
  if (!full_ && size_ < kMaxBody) text_[size_++] = byte;
}

void LineWriter::put(std::string_view text) {
  for (const char byte : text) put(byte);
}

void LineWriter::put_decimal(std::uint64_t value, int least_digits) {
  char digits[20];
  int count = 0;
  for (; value > 0 || count < least_digits; value /= 10)
    digits[count++] = digit_of(static_cast<std::uint32_t>(value % 10));
  while (count > 0) put(digits[--count]);
}

void LineWriter::put_integer(std::int64_t value) {
  if (value < 0) put('-');
  put_decimal(value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value), 1);
}

void LineWriter::put_hexadecimal(std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) put(digit_of(value >> shift & 15));
}

// A quoted value that is cut off still ends in its quote.
void LineWriter::put_value(std::string_view value) {
  bool quoted = value.empty();
  for (const char byte : value) quoted = quoted || needs_quotes(byte);
  if (!quoted) return put(value);
  constexpr std::size_t kEscape = 4;
  put('"');
  for (const char byte : value) {
    if (size_ + kEscape + 1 > kMaxBody) break;
    if (!is_printable(byte) || byte == '#' || byte == '~') {
      put("\\x");
      put_hexadecimal(static_cast<std::uint8_t>(byte), 2);
    } else {
      if (byte == '"' || byte == '\\') put('\\');
      put(byte);
    }
  }
  put('"');
}

}  // namespace mudra::device
