// What other programs say on a port is known for what it is, here and in docs/firmware.md.
#include "mudra/deploy/port_talk.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/files.hpp"
#include "tests/deploy/foreign_talk.hpp"

namespace mudra::deploy {
namespace {

using ::testing::HasSubstr;

TEST(PortTalk, of_each_kind_is_known_for_what_it_is) {
  std::vector<std::string_view> met;
  for (const ForeignTalk& trace : foreign_talk()) {
    EXPECT_EQ(talk_in(trace.bytes).sign, trace.sign) << trace.bytes;
    met.push_back(trace.sign);
  }
  for (const KnownTalk& talk : known_talks()) EXPECT_THAT(met, ::testing::Contains(talk.sign));
}

TEST(PortTalk, has_a_row_for_each_kind_in_the_document) {
  const std::string document = read_text(std::filesystem::path(MUDRA_SOURCE) / "docs/firmware.md");
  std::string table;
  for (const KnownTalk& talk : known_talks())
    table += fmt::format("| {} | {}: {} |\n", talk.sign, talk.meaning, talk.cure);
  EXPECT_THAT(document, HasSubstr("| what comes | what it means, and the cure |\n|---|---|\n" + table));
  EXPECT_TRUE(document.ends_with(table));
}

TEST(PortTalk, is_told_by_its_last_lines_in_what_a_terminal_can_show) {
  EXPECT_EQ(last_lines("a\r\nb\r\nc\r\nd\r\n"), R"("b", "c", "d")");
  EXPECT_EQ(last_lines("first\nagain\nagain\nagain\n"), R"("first", "again")");
  EXPECT_EQ(last_lines("\x1b[31mred\x9b\n"), R"("?[31mred?")");
  EXPECT_EQ(last_lines(std::string(100000, 'A')), '"' + std::string(100, 'A') + "...\"");
}

}  // namespace
}  // namespace mudra::deploy
