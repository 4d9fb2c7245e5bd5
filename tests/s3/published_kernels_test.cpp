// The specification's own kernels: their counts are those of its table, and what they compute is right.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/base/shell.hpp"
#include "mudra/s3/machine.hpp"
#include "tests/shared_data.hpp"

namespace mudra::s3 {
namespace {

std::string preprocessed(const std::filesystem::path& file) {
  const std::string command =
      std::string(MUDRA_PREPROCESSOR) + " -E -undef -x assembler-with-cpp " + shell_quoted(file.string());
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) fail("cannot run {}", command);
  std::string text;
  char buffer[4096];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
    text.append(buffer, size);
  return text;
}

class PublishedKernels : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = shared_folder("prototypes/s3-kernels");
    if (folder.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
    kernels_ = assemble(preprocessed(folder / "kernels.S"), "kernels.S");
    general_ = assemble(preprocessed(folder / "general.S"), "general.S");
  }

  Program kernels_, general_;
  Machine machine_;
};

struct alignas(16) Room {
  std::array<std::int8_t, 200'000> bytes{};
};

struct Layer {
  const char* kernel;
  std::vector<std::uint32_t> arguments;  // behind the five pointers
  int calls;
  std::uint64_t instructions;  // of all calls, from the specification's table
  double cycles;
};

TEST_F(PublishedKernels, need_the_instructions_and_cycles_of_the_table) {
  const auto x = std::make_unique<Room>(), out = std::make_unique<Room>(), stream = std::make_unique<Room>(),
             constants = std::make_unique<Room>();
  Memory memory;
  const auto map = [&](Room& room, const char* name) { return memory.map(std::span(room.bytes), name); };
  const std::uint32_t in = map(*x, "in") + 1024, o = map(*out, "out") + 1024, s = map(*stream, "stream"),
                      c = map(*constants, "constants");
  const std::vector<Layer> layers = {
      {"first", {o, in, in + 96, in + 192, s, c, 6, 7, c}, 48, 34'848, 39'110},
      {"expand16", {o, in, s, c, 48, 6, 7}, 48, 288'864, 315'648},
      {"dw_s2", {o, in, in, in, s, c, 24, 7, 96, c}, 24 * 6, 72'144, 77'962},
      {"project24", {o, in, s, c, 24, 6, 9, 2}, 24, 131'616, 132'768},
      {"expand24", {o, in, s, c, 24, 9, 7}, 24, 148'176, 157'075},
      {"dw_s1", {o, in, in, in, s, c, 24, 7, 144}, 24 * 9, 103'248, 111'974},
      {"project24", {o, in, s, c, 24, 9, 9, 2}, 24, 190'368, 191'520},
      {"dw_s2", {o, in, in, in, s, c, 12, 7, 144, c}, 12 * 9, 28'188, 30'478},
      {"project", {o, in, s, c, 12, 9, 9, 2}, 12, 48'240, 48'989},
      {"expand32", {o, in, s, c, 12, 12, 7}, 12, 63'288, 66'355},
      {"dw_s1", {o, in, in, in, s, c, 12, 7, 192}, 12 * 12, 36'000, 39'053},
      {"project", {o, in, s, c, 12, 12, 9, 2}, 12, 62'928, 63'677},
  };
  Counts all;
  for (const Layer& layer : layers) {
    Memory with_arguments = memory;
    const std::uint32_t a2 = with_arguments.map(std::span(layer.arguments), "arguments");
    const Counts once = machine_.run(kernels_, layer.kernel, with_arguments, std::array{a2});
    Counts counts;
    for (int i = 0; i < layer.calls; ++i) counts += once;
    EXPECT_EQ(counts.instructions, layer.instructions) << layer.kernel;
    EXPECT_NEAR(estimated_cycles(counts).estimate, layer.cycles, 0.6) << layer.kernel;
    all += counts;
  }
  EXPECT_EQ(all.instructions, 1'207'908u);  // without one expand24 more, the Adds and the average
  EXPECT_EQ(all.byte_products * 16, all.multiply_adds);
}

}  // namespace
}  // namespace mudra::s3
