#include "mudra/base/terminal.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mudra {
namespace {

TerminalAbility ability_of(std::string_view answers) {
  TerminalAbility ability;
  read_ability(answers, ability);
  return ability;
}

TEST(Terminal, what_it_answers_is_what_it_can) {
  EXPECT_FALSE(ability_of("").kitty || ability_of("").sixel);
  const TerminalAbility kitty = ability_of("\033_Gi=31;OK\033\\\033[6;21;11t\033[?62;c");
  EXPECT_TRUE(kitty.kitty);
  EXPECT_FALSE(kitty.sixel);
  EXPECT_EQ(kitty.cell_height, 21);
  EXPECT_EQ(kitty.cell_width, 11);
  EXPECT_TRUE(ability_of("\033[?62;22;4c").sixel);
  EXPECT_TRUE(ability_of("\033[?63;4;6c").sixel);
  EXPECT_FALSE(ability_of("\033[?4c").sixel);  // what kind it is, not what it can
  EXPECT_FALSE(ability_of("\033[?64;14;44c").sixel);
}

TEST(Terminal, answers_that_are_none_mean_nothing) {
  for (const char* answers :
       {"\033_Gi=31;ENOTSUPPORTED\033\\", "\033[6;0;0t", "\033[6;-5;9t", "\033[6;999;9t",
        "\033[6;99999999999;9t", "\033[4;21;11t", "\033[?;;;4", "\033[?1;4", "4c", "\033["}) {
    const TerminalAbility ability = ability_of(answers);
    EXPECT_FALSE(ability.kitty || ability.sixel) << answers;
    EXPECT_EQ(ability.cell_height, TerminalAbility{}.cell_height) << answers;
    EXPECT_FALSE(is_answered(answers)) << answers;
  }
  EXPECT_TRUE(is_answered("\033[6;0;0t\033[?6c"));
  EXPECT_TRUE(is_answered("\033[?1;2c"));
  EXPECT_TRUE(is_answered("\033[?62;c"));
}

TEST(Terminal, escape_sequences_are_no_keys) {
  KeyReader reader;
  std::string keys;
  for (const char byte :
       std::string("1\033[A2\033[15~3\033OP4\033_Gi=31;OK\033\\5\033[?62;4c6\033]11;rgb:1\a7\0338 9"))
    if (const char key = reader.push(byte); key != '\0') keys += key;
  EXPECT_EQ(keys, "1234567 9");
}

}  // namespace
}  // namespace mudra
