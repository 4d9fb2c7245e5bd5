#include "mudra/report/page.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stack>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/report/charts.hpp"

namespace mudra::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Evaluation evaluation(double right, double microseconds) {
  ConfusionMatrix confusion(2);
  for (int i = 0; i < 10; ++i) confusion.add(0, i < 10 * right ? 0 : 1);
  confusion.add(1, 1);
  Evaluation evaluation{.split = "all",
                        .description = "11 pictures of 2 people",
                        .class_names = {"palm", "<fist & co>"},
                        .confusion = confusion,
                        .pictures = {},
                        .subjects = {{"s000", 6, 1.0}, {"s001", 5, 0.8}},
                        .bytes = 12345,
                        .test_vector_bytes = 2345,
                        .latency = {microseconds, microseconds, microseconds, 9}};
  return evaluation;
}

// A page with something in every section.
Page some_page(double microseconds = 100) {
  Page page{.version = "1.2.3",
            .data = {"pictures of \"hands\""},
            .seed = 7,
            .samples = {{{0x89, 'P', 'N', 'G'}, "palm", "palm", "<fist & co>", 0.9, 0.6}},
            .epochs = {{1, 2.0, 0.3, 1.9, 0.4}, {2, 1.0, 0.7, 0.9, 0.8}},
            .by_float = evaluation(1, microseconds),
            .by_integer = evaluation(0.9, microseconds),
            .integer_name = "best.espdl",
            .random_split = RandomSplit{0.99, 256, 200, evaluation(0.5, microseconds)},
            .recipes = {{"float", "model.pth", 170000, 0, {}, 1.0, 1.0, 0},
                        {"best", "best.espdl", 12345, 2345, 27744, 0.9, 0.95, 0.0123}},
            .layers = {{"layers.0.conv.0", 0.01, 0.001}, {"classifier", 0.02, 0.002}},
            .memory = PageMemory{"<svg/>", {{"conv", 20000, 1000000}}, 27744},
            .cost = PageCost{{6500, 6000, 8000},
                             11000,
                             1479055,
                             {{"conv<1>", "expand", "", 1000, 12000, 4000},
                              {"sigmoid", "portable", "no kernel", 500, 0, 2500}}},
            .proofs = {{"ONNX, read back", "largest logit difference 1e-6"}},
            .commands = {"mudra train --data 'a b' --out ."},
            .files = {{"model.pth", std::string(64, 'a'), 170000}},
            .processor = "a processor"};
  return page;
}

// The first tag that is not closed by its own, or "".
std::string badly_nested(std::string_view html) {
  std::stack<std::string_view> open;
  for (std::size_t at = html.find('<'); at != html.npos; at = html.find('<', at + 1)) {
    const std::string_view tag = html.substr(at + 1, html.find('>', at) - at - 1);
    if (tag.starts_with('!') || tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.push(tag.substr(0, tag.find(' ')));
    } else {
      if (open.empty() || open.top() != tag.substr(1)) return fmt::format("<{}>", tag);
      open.pop();
    }
  }
  return open.empty() ? "" : std::string(open.top());
}

TEST(Page, has_a_table_of_what_is_shown_by_threshold) {
  Page page = some_page();
  page.by_integer.threshold = 0.925;
  page.by_float.pictures = {{0, 0, 0.95}, {0, 0, 0.75}};
  page.by_integer.pictures = {{0, 0, 0.95}, {0, 1, 0.75}};
  const std::string html = html_of(page);
  EXPECT_THAT(html, HasSubstr("<code>best.espdl</code> from <strong>92.50 %</strong> on"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">70 %</th><td>100.00 %</td><td>0.00 %</td><td>0.00 %</td>"
                              "<td>50.00 %</td><td>0.00 %</td><td>50.00 %</td>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">80 %</th><td>50.00 %</td><td>50.00 %</td><td>0.00 %</td>"
                              "<td>50.00 %</td><td>50.00 %</td><td>0.00 %</td>"));
}

TEST(Page, says_that_the_time_on_the_chip_is_estimated) {
  Page page = some_page();
  const std::string html = html_of(page);
  EXPECT_THAT(html, HasSubstr("<dt>on the chip, estimated, not measured</dt><dd>6.5 ms</dd>"));
  EXPECT_THAT(html, HasSubstr("6.00 to 8.00; 11.00 if 8-bit"));
  EXPECT_THAT(html, HasSubstr("portable: no kernel"));
  EXPECT_LT(html.find("id=\"cost\""), html.find("id=\"latency\""));
  page.cost.reset();
  EXPECT_THAT(html_of(page), Not(HasSubstr("Time on the chip")));
}

TEST(Page, is_well_formed_whatever_names_hold) {
  const std::string html = html_of(some_page());
  EXPECT_EQ(badly_nested(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<fist")));
  EXPECT_THAT(html, HasSubstr("&lt;fist &amp; co&gt;"));
  EXPECT_EQ(badly_nested("<p><b></p>"), "</p>");  // the check can fail
}

TEST(Page, needs_nothing_from_elsewhere) {
  const std::string html = html_of(some_page());
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  for (const std::string_view attribute : {"src=\"", "href=\""})
    for (std::size_t at = html.find(attribute); at != html.npos; at = html.find(attribute, at + 1)) {
      const std::string_view value = std::string_view(html).substr(at + attribute.size());
      EXPECT_TRUE(value.starts_with("data:") || value.starts_with("#")) << value.substr(0, 60);
    }
}

TEST(Page, shows_each_figure_it_was_given) {
  const std::string html = html_of(some_page());
  for (const char* figure :
       {"10,000 + 2,345", "27,744", "90.91 %", "99.00 %", "1.230 %", "s001", "palm 90.0&#160;%",
        "60.0&#160;% (wrong)", "seed 7", "mudra train --data 'a b' --out .", "a processor"})
    EXPECT_THAT(html, HasSubstr(figure));
}

TEST(Page, says_of_its_people_only_what_the_split_makes_true) {
  Page page = some_page();
  const auto expect = [&](const std::vector<const char*>& said, const std::vector<const char*>& false_ones) {
    const std::string html = html_of(page);
    for (const char* words : said) EXPECT_THAT(html, HasSubstr(words));
    for (const char* words : false_ones) EXPECT_THAT(html, Not(HasSubstr(words)));
  };
  expect({"float, people not seen<", "Pictures of people that no training",
          "Accuracy on people that no training", "people kept apart", "On people it has not seen"},
         {"rendered people", "random frames", "own test part"});
  page.people = People::kRendered;
  expect({"float, rendered people not seen<", "Pictures of rendered people that no training",
          "Accuracy on rendered people that no training", "On rendered people it has not seen"},
         {"float, people", "Pictures of people", "Accuracy on people"});
  page.put_aside = PutAside::kFrames;
  page.random_split.reset();
  expect({"float, random frames of rendered people<", "put aside at random", "may have been trained on"},
         {"not seen<", "people that no training", "kept apart", "own test part"});
  page.put_aside = PutAside::kGiven;
  for (const std::string part : {"test", "valid"}) {
    page.given_part = part;
    const std::string figure = fmt::format("float, the set's own {} part<", part),
                      samples = fmt::format("Pictures of the set's own {} part, which no", part),
                      people = fmt::format("Accuracy by person in the set's own {} part", part);
    expect({figure.c_str(), samples.c_str(), people.c_str()},
           {"not seen<", "people that no training", "kept apart", "at random"});
  }
}

TEST(Page, has_axes_whose_lines_are_what_they_say) {
  Page page = some_page();
  page.epochs[0].train_loss = 2.7;
  const std::string html = html_of(page);
  for (const char* line : {">0.7<", ">1.4<", ">2.1<", ">2.8<", ">20 %<", ">40 %<", ">60 %<", ">80 %<"})
    EXPECT_THAT(html, HasSubstr(line));
}

TEST(Page, speaks_of_near_copies_only_where_there_are_many) {
  Page page = some_page();
  EXPECT_THAT(html_of(page), HasSubstr("200 even have a near-copy"));
  page.random_split->leaked = 3;
  EXPECT_THAT(html_of(page), Not(HasSubstr("near-copy")));
}

TEST(Charts, of_one_point_has_a_mark_and_no_line) {
  const std::string svg = svg_of({.title = "loss", .x_name = "epoch", .series = {{"training", {0.5}}}});
  EXPECT_THAT(svg, HasSubstr("<circle"));
  EXPECT_THAT(svg, Not(HasSubstr("<polyline")));
}

// The widths of the bars of a chart, from above.
std::vector<double> widths_of(const std::string& svg) {
  const std::string bar = "<rect class=\"bar\"", width = "width=\"";
  std::vector<double> widths;
  for (std::size_t at = svg.find(bar); at != svg.npos; at = svg.find(bar, at + 1))
    widths.push_back(std::stod(svg.substr(svg.find(width, at) + width.size())));
  return widths;
}

TEST(Charts, bars_show_small_shares_beside_large_ones) {
  const std::string svg = svg_of_bars(
      "noise", {{"a", 2.77, "277 %"}, {"b", 0.01, "1 %"}, {"c", 0.001, "0.1 %"}, {"d", 0, "0 %"}});
  const std::vector<double> widths = widths_of(svg);
  ASSERT_EQ(widths.size(), 4u);
  EXPECT_GT(widths[2], 20);
  EXPECT_GT(widths[1], widths[2] + 50);
  EXPECT_GT(widths[0], widths[1] + 100);
  EXPECT_EQ(widths[3], 1);
  for (const char* power : {">0.1 %<", ">1 %<", ">10 %<", ">100 %<", ">1000 %<"})
    EXPECT_THAT(svg, HasSubstr(power));
  for (const double value : {0.0, 0.1, 1.0})
    EXPECT_EQ(widths_of(svg_of_bars("one", {{"a", value, ""}})).size(), 1u);
}

TEST(Page, only_the_marked_part_depends_on_time) {
  const auto without_times = [](const std::string& html) {
    const auto begin = html.find("<!-- timed -->"), end = html.find("<!-- end of timed -->");
    EXPECT_LT(begin, end);
    return html.substr(0, begin) + html.substr(end);
  };
  const std::string fast = html_of(some_page(10)), slow = html_of(some_page(20));
  EXPECT_NE(fast, slow);
  EXPECT_EQ(without_times(fast), without_times(slow));
}

TEST(Page, leaves_out_what_there_is_none_of) {
  Page page = some_page();
  page.samples.clear();
  page.epochs.clear();
  page.random_split.reset();
  page.recipes.clear();
  page.layers.clear();
  page.memory.reset();
  page.proofs.clear();
  const std::string html = html_of(page);
  EXPECT_EQ(badly_nested(html), "");
  for (const char* id : {"samples", "training", "recipes", "noise", "memory", "proofs"})
    EXPECT_THAT(html, Not(HasSubstr("id=\"" + std::string(id) + "\"")));
}

}  // namespace
}  // namespace mudra::report
