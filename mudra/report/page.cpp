#include "mudra/report/page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "mudra/base/markup.hpp"
#include "mudra/report/charts.hpp"
#include "mudra/report/page_style.hpp"

namespace mudra::report {
namespace {

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string data_uri(std::string_view type, std::string_view bytes) {
  return fmt::format("data:{};base64,{}", type,
                     base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
}

// A table that scrolls by itself where the page is narrow, with the keyboard too.
std::string scrolling(const std::string& label, const std::string& table) {
  return fmt::format("<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">\n{}</div>\n",
                     escaped(label), table);
}

std::string bar_chart(const std::string& title, const std::vector<Bar>& bars) {
  return scrolling(title, svg_of_bars(title, bars));
}

using Row = std::vector<std::string>;  // of HTML

std::string table_of(const std::string& caption, const Row& head, const std::vector<Row>& rows,
                     std::string_view style = "figures") {
  std::string html =
      fmt::format("<table class=\"{}\"><caption>{}</caption>\n<thead><tr>", style, escaped(caption));
  for (const std::string& cell : head) html += fmt::format("<th scope=\"col\">{}</th>", escaped(cell));
  html += "</tr></thead>\n<tbody>\n";
  for (const Row& row : rows) {
    html += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c)
      html += c == 0 ? fmt::format("<th scope=\"row\">{}</th>", row[c]) : fmt::format("<td>{}</td>", row[c]);
    html += "</tr>\n";
  }
  return scrolling(caption, html + "</tbody></table>\n");
}

std::string people_of(const Page& page) {
  switch (page.people) {
    case People::kReal:
      return "people";
    case People::kRendered:
      return "rendered people";
    case People::kBoth:
      return "people, some of them rendered,";
  }
  return "";
}

// The sentences that depend on how the pictures were put aside.
struct Words {
  std::string figure;   // behind "accuracy, float, "
  std::string samples;  // in front of the pictures
  std::string people;   // over the accuracies by person
};

Words words_of(const Page& page) {
  const std::string people = people_of(page);
  switch (page.put_aside) {
    case PutAside::kPeople:
      return {fmt::format("{} not seen", people),
              fmt::format("Pictures of {} that no training and no calibration has seen.", people),
              fmt::format("Accuracy on {} that no training has seen", people)};
    case PutAside::kFrames:
      return {fmt::format("random frames of {}", people),
              fmt::format("Pictures that no training and no calibration has seen, put aside at random: other "
                          "frames of the same {} may have been trained on, so that these figures say little "
                          "about anybody else.",
                          people),
              fmt::format("Accuracy on random frames of {} that may have been trained on", people)};
    case PutAside::kGiven:
      return {fmt::format("the set's own {} part", page.given_part),
              fmt::format("Pictures of the set's own {} part, which no training and no calibration has seen. "
                          "Whether their people are in its other parts is for its makers to say.",
                          page.given_part),
              fmt::format("Accuracy by person in the set's own {} part", page.given_part)};
  }
  return {};
}

// "rendered hands", "a.npz and b.npz"
std::string data_of(const Page& page) {
  return page.data.empty() ? "rendered hands" : fmt::format("{}", fmt::join(page.data, " and "));
}

// "62,340 + 73,792", the second of test vectors.
std::string bytes_of(std::uint64_t bytes, std::uint64_t test_vectors) {
  return test_vectors == 0 ? grouped(bytes)
                           : fmt::format("{} + {}", grouped(bytes - test_vectors), grouped(test_vectors));
}

std::string facts(const Page& page) {
  std::string html = "<dl class=\"facts\">\n";
  const auto add = [&](const std::string& name, const std::string& value) {
    html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), escaped(value));
  };
  const std::string judged_on = words_of(page).figure;
  add("accuracy, float, " + judged_on, percent(accuracy_of(page.by_float)));
  add("accuracy, chip's integers, " + judged_on, percent(accuracy_of(page.by_integer)));
  add(page.by_integer.test_vector_bytes > 0 ? "bytes of the model + of its test vectors"
                                            : "bytes of the model",
      bytes_of(page.by_integer.bytes, page.by_integer.test_vector_bytes));
  if (page.memory) add("bytes of memory to run it", grouped(page.memory->arena_bytes));
  if (page.cost)
    add("on the chip, estimated, not measured", fmt::format("{:.1f} ms", page.cost->time.us / 1000));
  return html + "</dl>\n";
}

std::string samples(const Page& page) {
  std::string html = fmt::format(
      "<p>{} Below each: what it shows, what the float network says and what the chip's integers say, with "
      "their confidence.</p>\n<div class=\"samples\">\n",
      words_of(page).samples);
  const auto said = [](const PageSample& sample, const std::string& name, double confidence) {
    const bool hit = name == sample.actual;
    return fmt::format("<span{}>{} {:.1f}&#160;%{}</span>", hit ? "" : " class=\"miss\"", escaped(name),
                       100 * confidence, hit ? "" : " (wrong)");
  };
  for (const PageSample& sample : page.samples)
    html += fmt::format(
        "<figure><img src=\"{}\" alt=\"A hand showing {}\" width=\"96\" "
        "height=\"96\"/><figcaption><strong>{}</strong><br/>float: {}<br/>chip: {}</figcaption></figure>\n",
        data_uri("image/png", {reinterpret_cast<const char*>(sample.png.data()), sample.png.size()}),
        escaped(sample.actual), escaped(sample.actual),
        said(sample, sample.by_float, sample.float_confidence),
        said(sample, sample.by_integer, sample.integer_confidence));
  return html + "</div>\n";
}

// The least height of an axis for `most` whose quarters, at which its lines are, have one digit.
double axis_above(double most) {
  if (!(most > 0)) return 1;
  const double digit = std::pow(10, std::floor(std::log10(most / 4)));
  return 4 * digit * std::ceil(most / 4 / digit);
}

std::string training(const Page& page) {
  LineChart loss{
      .title = "Loss by epoch", .x_name = "epoch", .series = {{"training", {}}, {"validation", {}}}};
  LineChart accuracy{.title = "Accuracy by epoch",
                     .x_name = "epoch",
                     .series = {{"training", {}}, {"validation", {}}},
                     .percent = true};
  std::vector<Row> rows;
  double most = 0, least = 1;
  for (const PageEpoch& epoch : page.epochs) {
    loss.series[0].values.push_back(epoch.train_loss);
    loss.series[1].values.push_back(epoch.validation_loss);
    accuracy.series[0].values.push_back(epoch.train_accuracy);
    accuracy.series[1].values.push_back(epoch.validation_accuracy);
    most = std::max({most, epoch.train_loss, epoch.validation_loss});
    least = std::min({least, epoch.train_accuracy, epoch.validation_accuracy});
    rows.push_back({fmt::to_string(epoch.epoch), fmt::format("{:.4f}", epoch.train_loss),
                    fmt::format("{:.4f}", epoch.validation_loss), percent(epoch.train_accuracy),
                    percent(epoch.validation_accuracy)});
  }
  loss.high = axis_above(most);
  accuracy.low = std::floor(5 * least) / 5;  // whole percents between the grid's lines
  return fmt::format(
      "<div class=\"pair\"><div><h3>Loss</h3>\n{}</div><div><h3>Accuracy</h3>\n{}</div></div>\n"
      "<details><summary>The same in figures</summary>\n{}</details>\n",
      svg_of(loss), svg_of(accuracy),
      table_of("Every epoch",
               {"epoch", "training loss", "validation loss", "training accuracy", "validation accuracy"},
               rows));
}

std::string confusion(const std::string& title, const Evaluation& evaluation) {
  const auto& names = evaluation.class_names;
  std::string html = fmt::format(
      "<table class=\"matrix\"><caption>{}: a row for what was shown, a column for what was said</caption>\n"
      "<thead><tr><td></td>",
      escaped(title));
  for (const std::string& name : names) html += fmt::format("<th scope=\"col\">{}</th>", escaped(name));
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t actual = 0; actual < names.size(); ++actual) {
    const auto support = static_cast<double>(scores_of(evaluation.confusion, actual).support);
    html += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(names[actual]));
    for (std::size_t said = 0; said < names.size(); ++said) {
      const std::int64_t count = evaluation.confusion.count(actual, said);
      const double share = support > 0 ? static_cast<double>(count) / support : 0;
      // The root makes single errors visible.
      html += count == 0 ? "<td>0</td>"
                         : fmt::format("<td class=\"{}\" style=\"--share: {:.2f}\">{}</td>",
                                       actual == said ? "hit" : "error", 0.1 + 0.5 * std::sqrt(share), count);
    }
    html += "</tr>\n";
  }
  return scrolling(title, html + "</tbody></table>\n");
}

std::string by_class(const Page& page) {
  std::vector<Row> rows;
  for (std::size_t c = 0; c < page.by_float.class_names.size(); ++c) {
    const ClassScores before = scores_of(page.by_float.confusion, c);
    const ClassScores after = scores_of(page.by_integer.confusion, c);
    const auto shown = [](std::optional<double> share) { return share ? percent(*share) : "-"; };
    rows.push_back({escaped(page.by_float.class_names[c]), fmt::to_string(before.support),
                    shown(before.precision), shown(before.recall), shown(after.precision),
                    shown(after.recall)});
  }
  return table_of("By gesture",
                  {"gesture", "pictures", "float precision", "recall", "chip precision", "recall"}, rows);
}

std::string decisions(const Page& page) {
  std::vector<Row> rows;
  for (const double threshold : kThresholds) {
    Row& row = rows.emplace_back(Row{fmt::format("{:.0f} %", 100 * threshold)});
    for (const Evaluation* evaluation : {&page.by_float, &page.by_integer}) {
      const Decided decided = decided_at(*evaluation, threshold);
      for (const double share : {decided.right, decided.unknown, decided.wrong})
        row.push_back(percent(share));
    }
  }
  return fmt::format(
             "<p>A board shows a gesture once it is likely enough, <code>{}</code> from <strong>{}</strong> "
             "on, and "
             "nothing before. Right: the gesture is shown, or nothing of a picture that has none; unknown: "
             "nothing "
             "is shown of a gesture; wrong: another gesture is shown. Of single pictures, which a board also "
             "smooths.</p>\n",
             escaped(page.integer_name), percent(page.by_integer.threshold)) +
         table_of("Right, unknown and wrong by the probability from which a gesture is shown",
                  {"shown from", "float: right", "unknown", "wrong", "chip: right", "unknown", "wrong"},
                  rows);
}

// The accuracy of one subject, which evaluations of the same pictures all have.
std::string accuracy_on(const Evaluation& evaluation, const std::string& subject) {
  const auto found = std::ranges::find(evaluation.subjects, subject, &SubjectScore::subject);
  return found == evaluation.subjects.end() ? "-" : percent(found->accuracy);
}

std::string random_split(const Page& page, const RandomSplit& random) {
  std::string html = fmt::format(
      "<h3>What a random split is worth</h3>\n<p>A second network was trained on the same people's pictures "
      "alone and judged on a random tenth of the frames: <strong>{}</strong> of {}. On {} it has not seen, "
      "the same network reaches <strong>{}</strong>. A random split puts frames of one person into training "
      "and test alike, so it asks whether the network knows these people again, not whether it recognises "
      "gestures of others. ",
      percent(random.own_accuracy), grouped(random.own_images), people_of(page),
      percent(accuracy_of(random.unseen)));
  constexpr std::size_t kATenth = 10;
  if (kATenth * random.leaked >= random.own_images)
    html += fmt::format(
        "Of its {} test frames, {} even have a near-copy in training (within two gray levels on average). ",
        grouped(random.own_images), grouped(random.leaked));
  return html +
         "Every other accuracy of this page, but for the curves of training, is of people kept apart.</p>\n";
}

std::string people(const Page& page) {
  Row head = {"person", "pictures", "float", "chip"};
  if (page.random_split) head.push_back("network of the random split");
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const std::string& images, const auto& accuracy) {
    Row row = {escaped(name), images, accuracy(page.by_float), accuracy(page.by_integer)};
    if (page.random_split) row.push_back(accuracy(page.random_split->unseen));
    rows.push_back(row);
  };
  for (const SubjectScore& score : page.by_float.subjects)
    add(score.subject, fmt::to_string(score.images),
        [&](const Evaluation& evaluation) { return accuracy_on(evaluation, score.subject); });
  add("all of them", fmt::to_string(images_of(page.by_float.confusion)),
      [](const Evaluation& evaluation) { return percent(accuracy_of(evaluation)); });
  const std::string html = table_of(words_of(page).people, head, rows);
  return page.random_split ? html + random_split(page, *page.random_split) : html;
}

std::string recipes(const Page& page) {
  std::vector<Row> rows;
  std::vector<Bar> bars;
  for (const PageRecipe& recipe : page.recipes) {
    rows.push_back({escaped(recipe.name), "<code>" + escaped(recipe.file) + "</code>",
                    bytes_of(recipe.bytes, recipe.test_vector_bytes),
                    recipe.arena_bytes ? grouped(*recipe.arena_bytes) : "-", percent(recipe.accuracy),
                    percent(recipe.agreement), fmt::format("{:.3f} %", 100 * recipe.noise)});
    if (&recipe != &page.recipes.front())
      bars.push_back({recipe.name, recipe.noise, fmt::format("{:.3f} %", 100 * recipe.noise)});
  }
  std::string html =
      "<p>Four ways from the float network to the chip's integers, all judged on the same pictures. Noise is "
      "that of the logits: its power over theirs. <em>best</em> is the one that lessens this noise on the "
      "calibration pictures by all means it has; which class wins where two are nearly equal is chance, so "
      "on one set of pictures another recipe may name the float network's class a little more often. The "
      "network was trained with ReLU, of which <em>equalized</em> makes an equal one before it rounds. "
      "Bytes are those of the network, and of the test vectors in its file.</p>\n";
  html +=
      table_of("The recipes on the same pictures",
               {"recipe", "file", "bytes", "arena", "accuracy", "same class as float", "logit noise"}, rows);
  if (!bars.empty()) html += "<h3>Logit noise</h3>\n" + bar_chart("Logit noise of each recipe", bars);
  return html;
}

std::string noise(const Page& page) {
  std::vector<Bar> bars;
  std::vector<Row> rows;
  for (const PageLayer& layer : page.layers) {
    bars.push_back({layer.node, layer.graphwise, fmt::format("{:.3f} %", 100 * layer.graphwise)});
    rows.push_back({escaped(layer.node), fmt::format("{:.4f} %", 100 * layer.graphwise),
                    fmt::format("{:.4f} %", 100 * layer.layerwise)});
  }
  return fmt::format(
      "<p>Noise power over signal power at each layer of <code>{}</code>: graphwise, at the layer itself "
      "with everything before it rounded; layerwise, at the network's outputs with this layer alone "
      "rounded.</p>\n"
      "<h3>Graphwise</h3>\n{}<details><summary>Both in figures</summary>\n{}</details>\n",
      escaped(page.integer_name), bar_chart("Graphwise noise of each layer", bars),
      table_of("Noise by layer", {"layer", "graphwise", "layerwise"}, rows));
}

std::string memory(const PageMemory& plan) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    rows.push_back({fmt::format("{} {}", i + 1, escaped(plan.steps[i].makes)), grouped(plan.steps[i].bytes),
                    grouped(static_cast<std::uint64_t>(plan.steps[i].multiply_adds))});
  return fmt::format(
      "<p>All memory one inference needs, {} bytes, over its steps: nothing is allocated while it runs, and "
      "no tensor is larger than it has to be.</p>\n{}{}",
      grouped(plan.arena_bytes),
      scrolling("Memory over time",
                fmt::format("<img class=\"memory\" src=\"{}\" alt=\"The arena over time; the table below has "
                            "its figures\"/>\n",
                            data_uri("image/svg+xml", plan.svg))),
      table_of("Steps of an inference", {"step makes", "bytes in use", "multiply-adds"}, rows));
}

std::string cost(const PageCost& cost) {
  std::vector<Bar> bars;
  std::vector<Row> rows;
  for (const PageCost::Node& node : cost.nodes) {
    bars.push_back(
        {node.node, cost.time.us > 0 ? node.us / cost.time.us : 0, fmt::format("{:.0f} us", node.us)});
    rows.push_back(
        {escaped(node.node), escaped(node.why.empty() ? node.kernel : node.kernel + ": " + node.why),
         grouped(node.instructions), grouped(node.multiply_adds), fmt::format("{:.0f} us", node.us)});
  }
  return fmt::format(
             "<p><strong>{:.2f} ms</strong> a picture at 240 MHz, estimated, not measured: {:.2f} to {:.2f}; "
             "{:.2f} "
             "if 8-bit multiply-adds take two cycles, which nobody has published. {} instructions, counted "
             "on a "
             "virtual chip and, for the C++ around the kernels, on an emulated Xtensa. Packed weights lie in "
             "RAM.</p>\n",
             cost.time.us / 1000, cost.time.low_us / 1000, cost.time.high_us / 1000, cost.half_rate_us / 1000,
             grouped(cost.instructions)) +
         "<h3>Share of the time</h3>\n" + bar_chart("Share of each node in the time on the chip", bars) +
         "<details><summary>The same in figures</summary>\n" +
         table_of("Every node", {"node", "kernel", "instructions", "multiply-adds", "time"}, rows) +
         "</details>\n";
}

std::string latency(const Page& page) {
  const auto row = [](const std::string& name, const Latency& time) {
    return Row{escaped(name), fmt::format("{:.0f} us", time.median_us), fmt::format("{:.0f} us", time.low_us),
               fmt::format("{:.0f} us", time.high_us), fmt::to_string(time.runs)};
  };
  return "<!-- timed -->\n" +
         fmt::format(
             "<p>One picture at a time on one thread of: {}. Not the time on the chip, which its firmware "
             "measures (<code>mudra monitor</code>).</p>\n",
             escaped(page.processor)) +
         table_of("Latency here", {"network", "median", "a tenth below", "a tenth above", "runs"},
                  {row("float", page.by_float.latency), row(page.integer_name, page.by_integer.latency)}) +
         "<!-- end of timed -->\n";
}

std::string proofs(const Page& page) {
  std::vector<Row> rows;
  for (const PageProof& proof : page.proofs) rows.push_back({escaped(proof.claim), escaped(proof.shown)});
  return table_of("Checked in this run", {"what", "result"}, rows, "prose");
}

std::string how(const Page& page) {
  std::string lines;
  for (const std::string& command : page.commands) lines += escaped(command) + "\n";
  std::vector<Row> rows;
  for (const PageFile& file : page.files)
    rows.push_back({"<code>" + escaped(file.path) + "</code>", grouped(file.bytes),
                    "<span class=\"hash\">" + file.sha256 + "</span>"});
  return fmt::format(
             "<p>mudra {}, seed {}, data: {}. These commands, run in the folder of this page{}, make all of "
             "it "
             "again, to the same bytes.</p>\n<pre tabindex=\"0\" aria-label=\"Commands\">{}</pre>\n",
             escaped(page.version), page.seed, escaped(data_of(page)),
             page.data.empty() ? "" : " with the data beside it", lines) +
         table_of("SHA-256 of every file; of a folder, that of the list of its files and their hashes",
                  {"file", "bytes", "SHA-256"}, rows);
}

struct Section {
  std::string id, title, html;
};

std::vector<Section> sections_of(const Page& page) {
  std::vector<Section> sections;
  if (!page.samples.empty()) sections.push_back({"samples", "Pictures and predictions", samples(page)});
  if (!page.epochs.empty()) sections.push_back({"training", "Training", training(page)});
  sections.push_back({"confusion", "What is taken for what",
                      fmt::format("<div class=\"pair\">{}{}</div>\n{}", confusion("Float", page.by_float),
                                  confusion("On the chip's integers", page.by_integer), by_class(page))});
  sections.push_back({"decisions", "What is shown", decisions(page)});
  if (!page.by_float.subjects.empty()) sections.push_back({"people", "Person by person", people(page)});
  if (!page.recipes.empty()) sections.push_back({"recipes", "Recipes of quantization", recipes(page)});
  if (!page.layers.empty()) sections.push_back({"noise", "Noise by layer", noise(page)});
  if (page.memory) sections.push_back({"memory", "Memory over time", memory(*page.memory)});
  if (!page.proofs.empty()) sections.push_back({"proofs", "Proofs", proofs(page)});
  if (page.cost) sections.push_back({"cost", "Time on the chip, estimated", cost(*page.cost)});
  sections.push_back({"latency", "On this computer", latency(page)});
  sections.push_back({"how", "How it was made", how(page)});
  return sections;
}

}  // namespace

std::string html_of(const Page& page) {
  const std::vector<Section> sections = sections_of(page);
  std::string html = fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>mudra: hand gestures on an ESP32-S3</title>
<link rel="icon" href="data:,"/>
<style>{}{}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header>
<h1>Hand gestures on an ESP32-S3</h1>
<p class="soft">From {} to a model for the chip, judged on {}.</p>
{}</header>
<nav aria-label="Sections"><ul>
)",
      kTheme, kPageStyle, escaped(data_of(page)), escaped(page.by_float.description), facts(page));
  for (const Section& section : sections)
    html += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.title);
  html += "</ul></nav>\n<main id=\"content\">\n";
  for (const Section& section : sections)
    html += fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n",
                        section.id, section.title, section.html);
  return html + "</main>\n<footer>Made by mudra " + escaped(page.version) + ".</footer>\n</body>\n</html>\n";
}

}  // namespace mudra::report
