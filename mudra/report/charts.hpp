// Charts as SVG, drawn by hand: colours come from the page's style, and every chart has a text that says what
// it shows.
#pragma once

#include <string>
#include <vector>

namespace mudra::report {

struct Series {
  std::string name;
  std::vector<double> values;  // one per point, evenly spaced
};

struct LineChart {
  std::string title, x_name;
  std::vector<Series> series;  // at most two
  double low = 0, high = 1;    // of the vertical axis
  bool percent = false;        // values are shares
};

std::string svg_of(const LineChart& chart);

struct Bar {
  std::string name;
  double value = 0;  // a share
  std::string text;  // behind the bar
};

// Horizontal bars on a logarithmic axis in percent, so that small ones can be told apart beside large ones.
std::string svg_of_bars(const std::string& title, const std::vector<Bar>& bars);

}  // namespace mudra::report
