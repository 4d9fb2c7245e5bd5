#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/model_test.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct TestOptions {
  std::vector<std::string> models;
  bool json = false;
};

// Wide values may be one off, and two behind an activation: the tool that recorded them adds up in float.
bool is_right(const sim::TestAnswer& answer, graph::Type type) {
  return answer.largest <= (type == graph::Type::kInt16 ? 2 : 0);
}

std::string text_of(const sim::TestAnswer& answer, const sim::ModelTest& test, graph::Type type) {
  std::string text = answer.differing == 0
                         ? fmt::format("{} values as recorded", answer.values)
                         : fmt::format("{} of {} values differ from the recorded ones, by {} at most{}",
                                       answer.differing, answer.values, answer.largest,
                                       is_right(answer, type) ? " (16 bits, recorded from float sums)" : "");
  if (!test.refusal.empty()) return text;
  text += answer.engine_is_equal ? "; the engine gives the same" : "; THE ENGINE GIVES OTHERS";
  if (!answer.wrong_node.empty()) text += fmt::format(", from node '{}' on", printable(answer.wrong_node));
  return text;
}

Json json_of(const sim::TestAnswer& answer, bool right) {
  Json json{{"values", answer.values},
            {"differing", answer.differing},
            {"largest_difference", answer.largest},
            {"engine_is_equal", answer.engine_is_equal},
            {"right", right}};
  if (!answer.wrong_node.empty()) json["first_wrong_node"] = answer.wrong_node;
  return json;
}

// Whether all is as recorded, and runs.
bool test_file(const std::string& path, bool as_json, Json& documents) {
  const auto bytes = read_file(path);
  return with_context(path, [&] {
    const format::EspdlFile file = format::read_espdl(bytes);
    if (file.tests.empty())
      fail("it holds no test inputs; `mudra quantize --tests 8` puts some into the models that it makes");
    const sim::ModelTest test = sim::test_model(file, bytes);
    const graph::Type type = file.graph.tensor(file.graph.output).type;
    Json document{{"model", path}, {"tests", Json::array()}};
    bool all_right = test.refusal.empty();
    if (!all_right) document["engine_refuses"] = test.refusal;
    for (std::size_t i = 0; i < test.answers.size(); ++i) {
      const sim::TestAnswer& answer = test.answers[i];
      const bool right = is_right(answer, type) && (answer.engine_is_equal || !test.refusal.empty());
      all_right = all_right && right;
      document["tests"].push_back(json_of(answer, right));
      if (!as_json) print_out("{}: input {}: {}\n", printable(path), i, text_of(answer, test, type));
    }
    if (!as_json && !test.refusal.empty())
      print_out("{}: the engine does not run it: {}\n", printable(path), printable(test.refusal));
    document["right"] = all_right;
    documents.push_back(std::move(document));
    return all_right;
  });
}

void run_test(const TestOptions& options) {
  Json documents = Json::array();
  std::size_t wrong = 0;
  for (const std::string& path : options.models) wrong += test_file(path, options.json, documents) ? 0 : 1;
  if (options.json) print_json(documents);
  if (wrong > 0) fail("{} of {} models do not pass their own test", wrong, options.models.size());
}

}  // namespace

void add_test(CLI::App& app) {
  const auto options = std::make_shared<TestOptions>();
  CLI::App* command = app.add_subcommand(
      "test", "Run the inputs recorded in .espdl files and compare the answers, as model->test() on a board");
  command->add_option("FILE", options->models, ".espdl files with test inputs")->required();
  command->add_flag("--json", options->json, "Print one JSON document instead");
  command->footer("\nExample:\n  mudra test run/best.espdl");
  command->callback([options] { run_test(*options); });
}

}  // namespace mudra::cli
