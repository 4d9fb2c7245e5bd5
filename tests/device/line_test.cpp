// Lines of text: what is written is read, what is damaged is refused.
#include "mudra/device/line.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace mudra::device {
namespace {

struct Parsed {
  std::string text;  // the line's views point into it
  Line line;
  LineStatus status = LineStatus::kOk;
};

std::unique_ptr<Parsed> parsed(std::string text) {
  auto result = std::make_unique<Parsed>();
  result->text = std::move(text);
  result->status = parse_line(result->text, result->line);
  return result;
}

std::string without_end(std::string_view line) {
  EXPECT_TRUE(line.ends_with("\r\n"));
  return std::string(line.substr(0, line.size() - 2));
}

TEST(Line, has_the_checksum_of_zlib) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(crc32(""), 0u);
  const std::vector<std::uint8_t> bytes{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  const std::span<const std::uint8_t> all(bytes);
  EXPECT_EQ(crc32(all.subspan(4), crc32(all.first(4))), 0xCBF43926u);
}

TEST(Line, reads_as_its_documentation_says) {
  LineWriter writer("score");
  writer.field("engine", "mudra").field("index", 0).field("value", -12).hundredths("percent", 9804);
  writer.field("label", "thumb up");
  EXPECT_EQ(writer.end(7),
            "score engine=mudra index=0 value=-12 percent=98.04 label=\"thumb up\" #7 ~8605\r\n");
}

TEST(Line, gives_back_any_bytes) {
  std::string every;
  for (int byte = 1; byte < 128; ++byte) every += static_cast<char>(byte);
  for (const std::string& text : {every.substr(0, 40), every.substr(40), std::string("\xC3\xA4\0\xFF", 4),
                                  std::string(), std::string("a\"b\\c #5 ~abcd")}) {
    LineWriter writer("text");
    writer.field("key", text).value("alone");
    const auto got = parsed(without_end(writer.end(65535)));
    ASSERT_EQ(got->status, LineStatus::kOk) << got->text;
    EXPECT_TRUE(got->line.checked);
    EXPECT_EQ(got->line.tag, 65535);
    EXPECT_EQ(got->line.kind, "text");
    ASSERT_NE(got->line.find("key"), nullptr);
    EXPECT_EQ(*got->line.find("key"), text);
    EXPECT_EQ(*got->line.find(""), "alone");
    EXPECT_EQ(got->line.find("other"), nullptr);
  }
}

TEST(Line, gives_back_the_largest_numbers) {
  LineWriter writer("numbers");
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min() + 1;
  writer.field("most", std::numeric_limits<std::int64_t>::max()).field("least", kLeast);
  writer.hexadecimal("crc", 0x00BEEF00).hundredths("share", -5);
  const auto got = parsed(without_end(writer.end()));
  std::int64_t most = 0, least = 0;
  std::uint32_t crc = 0;
  ASSERT_TRUE(parse_integer(*got->line.find("most"), most) && parse_integer(*got->line.find("least"), least));
  ASSERT_TRUE(parse_hexadecimal(*got->line.find("crc"), crc));
  EXPECT_EQ(most, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(least, kLeast);
  EXPECT_EQ(crc, 0x00BEEF00u);
  EXPECT_EQ(*got->line.find("share"), "-0.05");
}

TEST(Line, is_cut_off_where_it_would_be_too_long) {
  LineWriter writer("long");
  writer.field("text", std::string(300, ' ')).field("left_out", 5);
  const std::string line = without_end(writer.end(65535));
  EXPECT_LE(line.size(), kMaxLine);
  const auto got = parsed(line);
  ASSERT_EQ(got->status, LineStatus::kOk);
  EXPECT_GT(got->line.find("text")->size(), 200u);
  EXPECT_EQ(got->line.find("left_out"), nullptr);
}

TEST(Line, shows_every_damage_of_a_bit) {
  LineWriter writer("ok");
  writer.value("bench").field("text", "some text");
  const std::string line = without_end(writer.end(300));
  constexpr std::size_t kChecksumDigits = 4, kCaseBit = 5;
  for (std::size_t bit = 0; bit < 8 * line.size(); ++bit) {
    if (bit / 8 >= line.size() - kChecksumDigits && bit % 8 == kCaseBit) continue;  // "F" is an "f"
    std::string damaged = line;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto got = parsed(damaged);
    EXPECT_FALSE(got->status == LineStatus::kOk && got->line.checked) << damaged;
  }
}

TEST(Line, typed_by_a_person_needs_neither_tag_nor_checksum) {
  const auto got = parsed("bench 100 ");
  ASSERT_EQ(got->status, LineStatus::kOk);
  EXPECT_FALSE(got->line.checked);
  EXPECT_EQ(got->line.tag, 0);
  EXPECT_EQ(got->line.kind, "bench");
  ASSERT_EQ(got->line.field_count, 1);
  EXPECT_EQ(got->line.fields[0].value, "100");
}

TEST(Line, is_refused_when_it_is_not_made_of_words_and_fields) {
  for (const char* text :
       {"", " ", "a  b", "a =b", "a b=", "a \"open", "a \"x\"y", "a x\"y\"", "a \"\\x4", "a \"\\xg0\"",
        "a \"\\", "a #0", "a #65536", "a #x", "a #-1", " a", "a 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"})
    EXPECT_EQ(parsed(text)->status, LineStatus::kMalformed) << text;
  for (const char* text : {"a ~", "a ~123", "a ~00000", "a ~0000", "~0001", "a ~xyzw"})
    EXPECT_EQ(parsed(text)->status, LineStatus::kBadChecksum) << text;
}

TEST(Line, numbers_beyond_their_type_are_no_numbers) {
  std::int64_t value = 0;
  EXPECT_FALSE(parse_integer("9223372036854775808", value));
  EXPECT_FALSE(parse_integer("", value) || parse_integer("-", value) || parse_integer("1x", value));
  std::uint32_t hexadecimal = 0;
  EXPECT_FALSE(parse_hexadecimal("123456789", hexadecimal) || parse_hexadecimal("", hexadecimal));
}

std::vector<std::string> lines_of(std::string_view bytes) {
  LineReader reader;
  std::vector<std::string> lines;
  for (const char byte : bytes) switch (reader.push(byte)) {
      case LineReader::Step::kMore:
        break;
      case LineReader::Step::kLine:
        lines.emplace_back(reader.line().begin(), reader.line().end());
        break;
      case LineReader::Step::kEmpty:
        lines.emplace_back("(empty)");
        break;
      case LineReader::Step::kTooLong:
        lines.emplace_back("(too long)");
        break;
      case LineReader::Step::kNoise:
        lines.emplace_back("(noise)");
        break;
    }
  return lines;
}

TEST(LineReader, takes_every_way_to_end_a_line) {
  EXPECT_EQ(lines_of("a\nb\rc\r\nd\n\r"), (std::vector<std::string>{"a", "b", "c", "d", "(empty)"}));
  EXPECT_EQ(lines_of("\r\n\n"), (std::vector<std::string>{"(empty)", "(empty)"}));
}

TEST(LineReader, drops_what_is_too_long_or_noisy_and_goes_on) {
  const std::string longest(kMaxLine, 'x');
  EXPECT_EQ(lines_of(longest + "\nb\n"), (std::vector<std::string>{longest, "b"}));
  EXPECT_EQ(lines_of(longest + "y\nb\n"), (std::vector<std::string>{"(too long)", "b"}));
  EXPECT_EQ(lines_of("a\x80"
                     "b\nc\n\x07\nd\n"),
            (std::vector<std::string>{"(noise)", "c", "(noise)", "d"}));
}

}  // namespace
}  // namespace mudra::device
