// The plan that is shown is the one the engine runs by.
#include "mudra/deploy/memory_plan.hpp"

#include <gtest/gtest.h>

#include "mudra/base/files.hpp"
#include "mudra/deploy/memory_picture.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/packed_model.hpp"
#include "tests/device/network_family.hpp"
#include "tests/firmware/gesture_model.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::deploy {
namespace {

ArenaPlan plan_of(const format::EspdlFile& file,
                  device::PackedWeights weights = device::PackedWeights::kInPlace) {
  return plan_arena(sim::with_packed_weights(format::write_espdl(file)), file.graph, weights);
}

bool in_use(const ArenaBlock& block, std::size_t step) {
  return block.first_step <= step && step <= block.last_step;
}

bool overlap(const ArenaBlock& a, const ArenaBlock& b) {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

TEST(MemoryPlan, has_every_block_inside_of_the_arena_and_apart_from_others_but_a_result_over_its_input) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto weights = seed % 2 == 0 ? device::PackedWeights::kInPlace : device::PackedWeights::kInArena;
    const ArenaPlan plan = plan_of(device::random_network(seed), weights);
    EXPECT_EQ(plan.packed_bytes == 0, weights == device::PackedWeights::kInPlace);
    ASSERT_FALSE(plan.steps.empty());
    std::size_t end = 0;
    for (std::size_t step = 0; step < plan.steps.size(); ++step) {
      std::size_t step_end = 0;
      for (std::size_t i = 0; i < plan.blocks.size(); ++i) {
        const ArenaBlock& block = plan.blocks[i];
        if (!in_use(block, step)) continue;
        step_end = std::max<std::size_t>(step_end, block.offset + block.bytes);
        for (std::size_t k = i + 1; k < plan.blocks.size(); ++k)
          if (in_use(plan.blocks[k], step) && overlap(block, plan.blocks[k])) {
            EXPECT_TRUE(block.kind == ArenaBlock::Kind::kTensor &&
                        plan.blocks[k].kind == ArenaBlock::Kind::kTensor)
                << block.name << " and " << plan.blocks[k].name << ", seed " << seed;
          }
      }
      EXPECT_EQ(step_end, plan.steps[step].bytes);
      end = std::max(end, step_end);
    }
    EXPECT_EQ(end, plan.arena_bytes);
  }
}

TEST(MemoryPlan, counts_the_multiply_adds_of_the_network) {
  const ArenaPlan plan = plan_of(firmware::gesture_file());
  std::int64_t total = 0;
  for (const ArenaStep& step : plan.steps) total += step.multiply_adds;
  EXPECT_EQ(total, 48 * 48 * 16 * 9 + 24 * 24 * 16 * 9 + 4 * 16);
}

TEST(MemoryPlan, names_the_node_that_the_engine_refuses) {
  format::EspdlFile file = firmware::gesture_file();
  std::get<graph::Conv>(file.graph.nodes[0].operation).window.stride_h = 3;
  EXPECT_NE(refusal([&] { (void)plan_of(file); }).find("first conv"), std::string::npos);
}

TEST(MemoryPlan, of_esp_dl_for_the_published_model_is_the_arena_its_firmware_printed) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto models = shared_data("published/models");
  for (const char* name : {"gesture_model_int8.espdl", "gesture_model_int8_2024-11-29.espdl"})
    EXPECT_EQ(esp_dl_arena_bytes(format::load_espdl(models / name).graph), 322'560u) << name;
}

TEST(MemoryPicture, in_a_terminal_shows_every_step_in_every_line) {
  const ArenaPlan plan = plan_of(firmware::gesture_file());
  const std::string text = arena_text(plan);
  EXPECT_NE(text.find(" bytes, "), std::string::npos);
  for (const char* mark : {"<<<", "###", "===", "makes", "multiply-adds"})
    EXPECT_NE(text.find(mark), std::string::npos) << mark << "\n" << text;
  EXPECT_EQ(text.find("www"), std::string::npos);
  EXPECT_NE(arena_text(plan_of(firmware::gesture_file(), device::PackedWeights::kInArena)).find("www"),
            std::string::npos);
  for (std::size_t step = 1; step <= plan.steps.size(); ++step)
    EXPECT_NE(text.find(fmt::format("\n  {:>4} ", step)), std::string::npos);
}

TEST(MemoryPicture, as_svg_has_a_rectangle_for_every_block) {
  format::EspdlFile file = firmware::gesture_file();
  const ArenaPlan plan = plan_of(file);
  const std::string svg = arena_svg(plan, "a < b & \"c\"");
  std::size_t rectangles = 0;
  for (std::size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1))
    ++rectangles;
  EXPECT_EQ(rectangles, plan.blocks.size());
  EXPECT_NE(svg.find("a &lt; b &amp; &quot;c&quot;"), std::string::npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

// The number behind `before`, from `at` on.
double number_after(const std::string& text, const std::string& before, std::size_t at = 0) {
  return std::stod(text.substr(text.find(before, at) + before.size()));
}

TEST(MemoryPicture, as_svg_has_no_text_beyond_its_edges) {
  constexpr double kCharacter = 6.5, kLine = 12;  // pixels, of a wide system font
  ArenaPlan plan = plan_of(firmware::gesture_file());
  for (std::size_t steps = plan.steps.size(); steps > 0; --steps) {
    plan.steps.resize(steps);
    const std::string svg = arena_svg(plan, "Arena over time");
    const double width = number_after(svg, " width=\""), height = number_after(svg, " height=\"");
    std::size_t texts = 0;
    for (std::size_t at = svg.find("<text "); at != svg.npos; at = svg.find("<text ", at + 1), ++texts) {
      const std::size_t begin = svg.find('>', at) + 1, end = svg.find("</text>", begin);
      const std::string tag = svg.substr(at, begin - at), text = svg.substr(begin, end - begin);
      const double x = number_after(tag, "x=\""), y = number_after(tag, "y=\""),
                   wide = kCharacter * static_cast<double>(text.size());
      const double left = tag.find("\"end\"") != tag.npos      ? x - wide
                          : tag.find("\"middle\"") != tag.npos ? x - wide / 2
                                                               : x;
      EXPECT_GE(left, 0) << text;
      EXPECT_LE(left + wide, width) << text;
      EXPECT_GE(y, kLine) << text;
      EXPECT_LE(y, height - 4) << text;
    }
    EXPECT_GE(texts, 5 + 2 * steps + 4);
  }
}

}  // namespace
}  // namespace mudra::deploy
