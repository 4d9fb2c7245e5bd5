#include "mudra/cli/picture_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "mudra/base/output.hpp"

namespace mudra::cli {
namespace {

constexpr int kGap = 2;  // columns between picture and text
constexpr int kTextColumns = 42, kMostLines = 30, kFewestColumns = 16;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The first `columns` letters of a printable text.
std::string cut(const std::string& text, std::size_t columns) {
  const std::string clean = printable(text);
  std::size_t end = 0;
  for (std::size_t letters = 0; end < clean.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(clean[end]) & 0xC0) != 0x80;
    if (begins && ++letters > columns) break;
  }
  return clean.substr(0, end);
}

}  // namespace

std::vector<std::string> class_bars(const std::vector<std::string>& labels,
                                    const std::vector<double>& percents) {
  constexpr std::size_t kLabel = 12;
  constexpr double kBar = 20, kWhole = 100;
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double percent = i < percents.size() ? std::clamp(percents[i], 0.0, kWhole) : 0;
    rows.push_back(fmt::format("{:<{}} {:6.2f} % {}", cut(labels[i], kLabel), kLabel, percent,
                               std::string(static_cast<std::size_t>(percent * kBar / kWhole + 0.5), '#')));
  }
  return rows;
}

std::unique_ptr<PictureView> PictureView::open() {
  return Terminal::is_there() ? std::unique_ptr<PictureView>(new PictureView) : nullptr;
}

PictureView::PictureView()
    : drawing_(report::drawing_for(terminal_.ability(), variable("TERM"), variable("COLORTERM"),
                                   variable("NO_COLOR"))) {}

PictureView::~PictureView() { draw_out(report::removed(drawing_)); }

void PictureView::show(std::span<const std::uint8_t> picture, const data::PictureShape& shape,
                       const std::vector<std::string>& lines) {
  if (terminal_.measure()) draw_out("\033[2J");
  const TerminalAbility& ability = terminal_.ability();
  if (!picture.empty()) {
    letters_ = report::letters_for(shape, ability,
                                   {.columns = std::max(kFewestColumns, ability.columns - kTextColumns),
                                    .lines = std::clamp(ability.lines - 1, 1, kMostLines)});
    draw_out(report::drawn(picture, shape, drawing_, ability, letters_));
  }
  const int column = letters_.columns + kGap + 1, room = std::max(0, ability.columns - column + 1);
  const std::size_t rows = std::min(lines.size(), static_cast<std::size_t>(ability.lines));
  for (std::size_t i = 0; i < std::max(rows, rows_); ++i) {
    draw_out(fmt::format("\033[{};{}H", i + 1, column));
    if (i < rows) print_out(std::string_view(cut(lines[i], static_cast<std::size_t>(room))));
    draw_out("\033[K");
  }
  rows_ = rows;
  flush_stdout();
}

}  // namespace mudra::cli
