#include "mudra/report/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mudra/base/markup.hpp"

namespace mudra::report {
namespace {

constexpr double kWidth = 480, kHeight = 260, kLeft = 52, kRight = 12, kTop = 14, kBottom = 40;

// Where values lie in a line chart.
struct Frame {
  double low, high;
  std::size_t points;

  double x(std::size_t i) const {
    const double steps = static_cast<double>(std::max<std::size_t>(points, 2) - 1);
    return kLeft + (kWidth - kLeft - kRight) * static_cast<double>(i) / steps;
  }
  double y(double value) const {
    const double share = high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0;
    return kTop + (kHeight - kTop - kBottom) * (1 - share);
  }
};

std::string text_of(double value, bool percent) {
  return percent ? fmt::format("{:.1f} %", 100 * value) : fmt::format("{:.3f}", value);
}

std::string axes(const LineChart& chart, const Frame& frame) {
  constexpr int kTicks = 4;
  std::string svg;
  for (int tick = 0; tick <= kTicks; ++tick) {
    const double value = frame.low + (frame.high - frame.low) * tick / kTicks;
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
        kLeft, kWidth - kRight, frame.y(value), frame.y(value), kLeft - 6, frame.y(value) + 4,
        chart.percent ? fmt::format("{:.0f} %", 100 * value) : fmt::format("{:.2g}", value));
  }
  const std::size_t between = std::max<std::size_t>(1, frame.points / 8);
  for (std::size_t i = 0; i < frame.points; i += between)
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n", frame.x(i),
                       kHeight - kBottom + 17, i + 1);
  svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                     (kLeft + kWidth - kRight) / 2, kHeight - 6, escaped(chart.x_name));
  return svg;
}

std::string line_of(const Series& series, int index, const LineChart& chart, const Frame& frame) {
  std::string points, marks;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    const double x = frame.x(i), y = frame.y(series.values[i]);
    points += fmt::format("{}{:.1f},{:.1f}", i == 0 ? "" : " ", x, y);
    marks += fmt::format(
        "<circle class=\"mark{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"><title>{}, {} {}: "
        "{}</title></circle>\n",
        index, x, y, escaped(series.name), escaped(chart.x_name), i + 1,
        text_of(series.values[i], chart.percent));
  }
  if (series.values.size() < 2) return marks;  // a point is no line
  return fmt::format("<polyline class=\"line{}\" points=\"{}\"/>\n{}", index, points, marks);
}

// Powers of ten around all bars, at most five of them.
struct LogAxis {
  int low, high;

  double share(double value) const {
    return value > 0 ? std::clamp((std::log10(value) - low) / (high - low), 0.0, 1.0) : 0;
  }
};

LogAxis log_axis(const std::vector<Bar>& bars) {
  constexpr int kMostPowers = 5;
  constexpr double kShortest = 0.2;  // of a power, so that the least bar is one
  double most = 0, least = INFINITY;
  for (const Bar& bar : bars)
    if (bar.value > 0) most = std::max(most, bar.value), least = std::min(least, bar.value);
  if (most == 0) return {-1, 0};
  const int high = static_cast<int>(std::ceil(std::log10(most)));
  const int low = static_cast<int>(std::floor(std::log10(least) - kShortest));
  return {std::clamp(low, high - kMostPowers, high - 1), high};
}

}  // namespace

std::string svg_of(const LineChart& chart) {
  std::string label = chart.title;
  std::size_t points = 0;
  for (const Series& series : chart.series) {
    points = std::max(points, series.values.size());
    if (!series.values.empty())
      label += fmt::format("; {}: from {} to {}", series.name, text_of(series.values.front(), chart.percent),
                           text_of(series.values.back(), chart.percent));
  }
  const Frame frame{chart.low, chart.high, points};
  std::string svg =
      fmt::format("<svg class=\"chart\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n{}",
                  kWidth, kHeight, escaped(label), axes(chart, frame));
  for (std::size_t s = 0; s < chart.series.size(); ++s)
    svg += line_of(chart.series[s], static_cast<int>(s), chart, frame);
  svg += "</svg>\n<p class=\"legend\">";
  for (std::size_t s = 0; s < chart.series.size(); ++s)
    svg += fmt::format("<span><i class=\"key{}\"></i>{}</span>", s, escaped(chart.series[s].name));
  return svg + "</p>\n";
}

std::string svg_of_bars(const std::string& title, const std::vector<Bar>& bars) {
  constexpr double kRow = 22, kNames = 190, kTexts = 84, kBars = 640 - kNames - kTexts, kAxis = 20;
  const LogAxis axis = log_axis(bars);
  const double bottom = kRow * static_cast<double>(bars.size()) + 2;
  std::string svg = fmt::format(
      "<svg class=\"chart bars\" viewBox=\"0 0 640 {:.0f}\" role=\"img\" aria-label=\"{}, logarithmic\">\n",
      bottom + kAxis, escaped(title));
  for (int power = axis.low; power <= axis.high; ++power) {
    const double x = kNames + kBars * axis.share(std::pow(10, power));
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.0f}\"/>"
        "<text x=\"{0:.1f}\" y=\"{2:.0f}\" text-anchor=\"middle\">{3:g} %</text>\n",
        x, bottom, bottom + 15, std::pow(10, power + 2));
  }
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = kRow * static_cast<double>(i), width = std::max(1.0, kBars * axis.share(bars[i].value));
    svg += fmt::format(
        "<text x=\"{0:.0f}\" y=\"{1:.0f}\" text-anchor=\"end\">{2}</text>"
        "<rect class=\"bar\" x=\"{3:.0f}\" y=\"{4:.0f}\" width=\"{5:.1f}\" height=\"14\"><title>{2}: "
        "{6}</title></rect>"
        "<text x=\"{7:.1f}\" y=\"{1:.0f}\">{6}</text>\n",
        kNames - 8, y + 15, escaped(bars[i].name), kNames, y + 4, width, escaped(bars[i].text),
        kNames + width + 6);
  }
  return svg + "</svg>\n";
}

}  // namespace mudra::report
