// Assembly files within the program: mudra_embed_assembly().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/s3/machine.hpp"
#include "tests/refusal.hpp"

namespace mudra::s3 {

std::span<const AssemblyText> embedded_for_test();

namespace {

TEST(EmbeddedAssembly, is_what_the_files_say_behind_the_preprocessor) {
  const Program program = assemble(embedded_for_test());
  ASSERT_EQ(program.functions().size(), 2u);
  Machine machine;
  const Counts counts = machine.run(program, "add_42", {}, std::array{58u});
  EXPECT_EQ(machine.state().a[2], 100u);
  EXPECT_EQ(counts.instructions, 4u);
  machine.run(program, "subtract_1", {}, std::array{16u});
  EXPECT_EQ(machine.state().a[2], 7u);
}

TEST(EmbeddedAssembly, names_its_lines_as_they_are_in_the_project) {
  const AssemblyText& text = embedded_for_test()[0];
  EXPECT_EQ(text.name, "tests/s3/embedded.S");
  const Program program = assemble(text.text, text.name);
  EXPECT_EQ(program.source(1).file, "tests/s3/embedded.S");
  EXPECT_EQ(program.source(1).line, 9);
  EXPECT_EQ(program.source(2).line, 9);
  EXPECT_THAT(refusal([&] { Machine().run(program, "add_42", {}, {}); }),
              testing::StartsWith("tests/s3/embedded.S:9: add_42: addi a2, a2, 2*8+5: uses a2"));
}

}  // namespace
}  // namespace mudra::s3
