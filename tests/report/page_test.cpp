#include "mudra/report/page.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stack>
#include <string_view>

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
                        .predicted = {},
                        .subjects = {{"s000", 6, 1.0}, {"s001", 5, 0.8}},
                        .bytes = 12345,
                        .latency = {microseconds, microseconds, microseconds, 9}};
  return evaluation;
}

// A page with something in every section.
Page some_page(double microseconds = 100) {
  Page page{.version = "1.2.3",
            .data = "/pictures of \"hands\"",
            .seed = 7,
            .samples = {{{0x89, 'P', 'N', 'G'}, "palm", "palm", "<fist & co>", 0.9, 0.6}},
            .epochs = {{1, 2.0, 0.3, 1.9, 0.4}, {2, 1.0, 0.7, 0.9, 0.8}},
            .by_float = evaluation(1, microseconds),
            .by_integer = evaluation(0.9, microseconds),
            .integer_name = "best.espdl",
            .random_split = RandomSplit{0.99, 256, 3, evaluation(0.5, microseconds)},
            .recipes = {{"float", "model.pth", 170000, {}, 1.0, 1.0, 0},
                        {"best", "best.espdl", 12345, 27744, 0.9, 0.95, 0.0123}},
            .layers = {{"layers.0.conv.0", 0.01, 0.001}, {"classifier", 0.02, 0.002}},
            .memory = PageMemory{"<svg/>", {{"conv", 20000, 1000000}}, 27744},
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
       {"12,345", "27,744", "90.91 %", "99.00 %", "1.230 %", "s001", "palm 90.0&#160;%",
        "60.0&#160;% (wrong)", "seed 7", "mudra train --data 'a b' --out .", "a processor"})
    EXPECT_THAT(html, HasSubstr(figure));
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
