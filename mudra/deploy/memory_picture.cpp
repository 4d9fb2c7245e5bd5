#include "mudra/deploy/memory_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "mudra/base/markup.hpp"

namespace mudra::deploy {
namespace {

using Kind = ArenaBlock::Kind;

constexpr std::size_t kTextLines = 16, kTextColumn = 6;

// How a block looks in a step: a tensor the step reads, one it makes, what is only needed in between.
char letter_of(const ArenaBlock& block, std::size_t step) {
  if (block.kind == Kind::kWeights) return 'w';
  if (block.kind == Kind::kScratch) return '-';
  if (block.kind == Kind::kRing) return '=';
  return block.first_step == step && !block.is_input ? '>' : '<';
}

bool is_in_use(const ArenaBlock& block, std::size_t step) {
  return block.first_step <= step && step <= block.last_step;
}

// What lies in bytes [from, to) during a step; '#' where a result grows over what was read.
char cell(const ArenaPlan& plan, std::size_t step, std::size_t from, std::size_t to) {
  char found = '.';
  for (const ArenaBlock& block : plan.blocks) {
    if (!is_in_use(block, step) || block.offset >= to || block.offset + block.bytes <= from) continue;
    const char letter = letter_of(block, step);
    const bool overlap = (found == '<' && letter == '>') || (found == '>' && letter == '<');
    found = overlap ? '#' : found == '.' || found == '-' ? letter : found;
  }
  return found;
}

constexpr std::pair<Kind, const char*> kLegend[] = {{Kind::kTensor, "tensors"},
                                                    {Kind::kRing, "rows for the next window"},
                                                    {Kind::kScratch, "pixels between operations"},
                                                    {Kind::kWeights, "packed weights"}};

}  // namespace

std::string arena_text(const ArenaPlan& plan) {
  constexpr std::size_t kGrain = 256;
  const std::size_t per_line =
      std::max(kGrain, (plan.arena_bytes / kTextLines + kGrain - 1) / kGrain * kGrain);
  const std::size_t lines = (plan.arena_bytes + per_line - 1) / per_line;
  std::string text = fmt::format("arena over time: {} bytes, {} a line; one column per step\n",
                                 grouped(plan.arena_bytes), grouped(per_line));
  for (std::size_t line = lines; line-- > 0;) {
    text += fmt::format("{:>9} |", grouped(line * per_line));
    for (std::size_t step = 0; step < plan.steps.size(); ++step)
      text += fmt::format(
          " {}", std::string(kTextColumn - 1, cell(plan, step, line * per_line, (line + 1) * per_line)));
    text += "\n";
  }
  text += fmt::format("{:>9} +{}", "", std::string(kTextColumn * plan.steps.size(), '-'));
  text += fmt::format("\n{:>9}  ", "step");
  for (std::size_t step = 0; step < plan.steps.size(); ++step)
    text += fmt::format(" {:<{}}", step + 1, kTextColumn - 1);
  text += fmt::format(
      "\n  < read   > made   # made over what was read   = rows for the next window   - pixels in "
      "between{}\n\n",
      plan.packed_bytes > 0 ? "   w packed weights" : "");
  text += fmt::format("  {:>4} {:>12} {:>10} {:>12} {:>16}\n", "step", "makes", "bytes", "operations",
                      "multiply-adds");
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    const ArenaStep& made = plan.steps[step];
    text += fmt::format("  {:>4} {:>12} {:>10} {:>12} {:>16}\n", step + 1, made.makes, grouped(made.bytes),
                        made.operations, grouped(static_cast<std::uint64_t>(made.multiply_adds)));
  }
  return text;
}

std::string arena_svg(const ArenaPlan& plan, const std::string& title) {
  constexpr double kLeft = 84, kTop = 48, kPlotHeight = 360, kStep = 96, kRight = 24, kLine = 20;
  constexpr double kBottom = 52 + kLine * (std::size(kLegend) + 1), kLegendWidth = 320;
  const double plot = std::max(kStep * static_cast<double>(plan.steps.size()), kLegendWidth);
  const double width = kLeft + plot + kRight, height = kTop + kPlotHeight + kBottom;
  const double scale = kPlotHeight / static_cast<double>(std::max<std::size_t>(plan.arena_bytes, 1));
  const auto y_of = [&](std::size_t bytes) {
    return kTop + kPlotHeight - static_cast<double>(bytes) * scale;
  };
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" role="img" aria-label="{2}">
<style>
  svg {{ color-scheme: light dark; font: 12px system-ui, sans-serif; --ink: #222; --paper: #fff; }}
  @media (prefers-color-scheme: dark) {{ svg {{ --ink: #ddd; --paper: #1b1b1b; }} }}
  .paper {{ fill: var(--paper); }}
  text {{ fill: var(--ink); }}
  .axis {{ stroke: var(--ink); stroke-opacity: 0.3; }}
  rect.tensor {{ fill: #3b7dd8; fill-opacity: 0.55; stroke: #3b7dd8; }}
  rect.ring {{ fill: #d8873b; fill-opacity: 0.55; stroke: #d8873b; }}
  rect.scratch {{ fill: #7a7a7a; fill-opacity: 0.55; stroke: #7a7a7a; }}
  rect.weights {{ fill: #5b9a4a; fill-opacity: 0.55; stroke: #5b9a4a; }}
</style>
<rect class="paper" width="100%" height="100%"/>
<text x="{3:.0f}" y="24" font-size="15">{2}</text>
)",
      width, height, escaped(title), kLeft);
  constexpr std::size_t kTicks = 4;
  for (std::size_t tick = 0; tick <= kTicks; ++tick) {
    const std::size_t bytes = plan.arena_bytes * tick / kTicks;
    svg += fmt::format(
        R"(<line class="axis" x1="{:.0f}" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/><text x="{:.0f}" y="{:.1f}" text-anchor="end">{}</text>
)",
        kLeft, width - kRight, y_of(bytes), y_of(bytes), kLeft - 8, y_of(bytes) + 4, grouped(bytes));
  }
  for (const ArenaBlock& block : plan.blocks) {
    const double x = kLeft + kStep * static_cast<double>(block.first_step) + 3;
    const double w = kStep * static_cast<double>(block.last_step - block.first_step + 1) - 6;
    svg += fmt::format(
        R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.2f}"><title>{}: {} bytes at {}</title></rect>
)",
        name_of(block.kind), x, y_of(block.offset + block.bytes), w, std::max(0.5, block.bytes * scale),
        escaped(block.name), grouped(block.bytes), grouped(block.offset));
  }
  for (std::size_t step = 0; step < plan.steps.size(); ++step)
    svg += fmt::format(
        R"(<text x="{0:.1f}" y="{1:.1f}" text-anchor="middle">step {2}</text><text x="{0:.1f}" y="{3:.1f}" text-anchor="middle">{4}</text>
)",
        kLeft + kStep * (static_cast<double>(step) + 0.5), kTop + kPlotHeight + 20, step + 1,
        kTop + kPlotHeight + 36, escaped(plan.steps[step].makes));
  double y = kTop + kPlotHeight + 52 + kLine / 2;
  for (const auto& [kind, meaning] : kLegend) {
    svg += fmt::format(
        R"(<rect class="{}" x="{:.0f}" y="{:.1f}" width="14" height="10"/><text x="{:.0f}" y="{:.1f}">{}</text>
)",
        name_of(kind), kLeft, y - 9, kLeft + 22, y, meaning);
    y += kLine;
  }
  svg += fmt::format(
      R"(<text x="{:.0f}" y="{:.1f}">upwards: bytes of the arena</text>
</svg>
)",
      kLeft, y);
  return svg;
}

}  // namespace mudra::deploy
