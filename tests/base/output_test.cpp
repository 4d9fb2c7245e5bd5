#include "mudra/base/output.hpp"

#include <gtest/gtest.h>

#include "mudra/base/progress.hpp"
#include "tests/refusal.hpp"

namespace mudra {
namespace {

TEST(Printable, keeps_what_people_write_in_any_script) {
  for (const char* text : {"", "palm", "caf\u00e9", "\u4f60\u597d", "\U0001F44B", "\u05d0\u05d1"}) {
    EXPECT_TRUE(is_printable(text)) << text;
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, control_characters_become_spaces) {
  EXPECT_EQ(printable("a\nb\tc\x1b[31m\x7f"), "a b c [31m ");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31m"),
            "a 31m");  // C1: an escape sequence's start in one character
  EXPECT_EQ(printable("a\u202eb\u2066c\u200fd\u2028e"), "a b c d e");
  for (const char* text : {"a\n", "\x1b", "\x7f", "\xc2\x80", "\xc2\x9f", "\u202e", "\u2069", "\u2029"})
    EXPECT_FALSE(is_printable(text));
}

TEST(Printable, what_is_not_utf_8_is_replaced) {
  EXPECT_EQ(printable("a\x9b"
                      "b"),
            "a\ufffdb");
  EXPECT_EQ(printable("\xc3"), "\ufffd");            // cut off
  EXPECT_EQ(printable("\xc0\x9b"), "\ufffd\ufffd");  // an escape, longer than it must be
  EXPECT_EQ(printable("\xe0\x80\x9b"), "\ufffd\ufffd\ufffd");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");  // half of a surrogate pair
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\ufffd\ufffd\ufffd\ufffd");
  EXPECT_TRUE(is_printable("pouc\xe9"));
  for (const char* text : {"a\x9b", "\xc3", "\xc0\x9b", "\xe0\x80\x9b", "\xed\xa0\x80", "\xf4\x90\x80\x80"})
    EXPECT_FALSE(is_utf8(text));
}

TEST(Output, quotes_strings_on_one_line_and_keeps_the_lines_of_a_text) {
  testing::internal::CaptureStdout();
  print_out("{}|{}|{:>3}\n", std::string("a\nb"), "c\x1b", 7);
  print_out("two\nlines \x1b[31m\n");
  flush_stdout();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "a b|c |  7\ntwo\nlines  [31m\n");
}

TEST(Progress, of_short_work_a_log_says_nothing) {
  testing::internal::CaptureStderr();
  {
    Progress progress("reading", 100, "images", std::chrono::hours(1));
    for (int i = 0; i < 100; ++i) progress.advance();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, of_long_work_a_log_gets_lines_and_the_end) {
  testing::internal::CaptureStderr();
  {
    Progress progress("reading", 100, "images", std::chrono::milliseconds(0));
    progress.note("loss 0.41");
    progress.advance(30);
    progress.advance(70);
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(log.starts_with("reading: 30/100 ")) << log;
  EXPECT_NE(log.find(" images/s, "), std::string::npos) << log;
  EXPECT_NE(log.find(" left, loss 0.41\nreading: 100/100 "), std::string::npos) << log;
  EXPECT_NE(log.find("\nreading: 100/100 in "), std::string::npos) << log;
  EXPECT_EQ(log.find('\033'), std::string::npos) << log;
}

}  // namespace
}  // namespace mudra
