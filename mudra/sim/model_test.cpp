#include "mudra/sim/model_test.hpp"

#include <algorithm>
#include <cstdlib>

#include "mudra/base/error.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/simulator.hpp"
#include "mudra/sim/trace.hpp"

namespace mudra::sim {
namespace {

void compare(const graph::Values& recorded, const graph::Values& computed, TestAnswer& answer) {
  std::visit(
      [&]<typename Integers>(const Integers& wanted) {
        const auto& given = std::get<Integers>(computed);
        answer.values = wanted.size();
        for (std::size_t i = 0; i < wanted.size(); ++i) {
          const std::int64_t difference =
              std::abs(static_cast<std::int64_t>(wanted[i]) - static_cast<std::int64_t>(given[i]));
          answer.differing += difference != 0 ? 1 : 0;
          answer.largest = std::max(answer.largest, difference);
        }
      },
      recorded);
}

// The first node that the engine makes otherwise than the simulator.
std::string first_wrong_node(const format::EspdlFile& file, const graph::Values& input,
                             const graph::Values& answer) {
  format::EspdlFile traced;
  traced.graph = file.graph;
  traced.generation = file.generation;
  traced.tests = {{input, answer}};
  add_traces(traced);
  return EspdlRunner(format::write_espdl(traced)).first_wrong_node(input).value_or("");
}

}  // namespace

ModelTest test_model(const format::EspdlFile& file, std::span<const std::uint8_t> bytes) {
  const Simulator simulator(file.graph);
  ModelTest test;
  std::optional<EspdlRunner> engine;
  try {
    engine.emplace(model_in(bytes));
  } catch (const Error& error) {
    test.refusal = error.text;
  }
  Activations activations;
  for (const format::EspdlTest& recorded : file.tests) {
    simulator.run(recorded.input, activations);
    const graph::Values& computed = activations[static_cast<std::size_t>(file.graph.output)];
    TestAnswer& answer = test.answers.emplace_back();
    compare(recorded.output, computed, answer);
    if (!engine) continue;
    answer.engine_is_equal = engine->run(recorded.input) == computed;
    if (!answer.engine_is_equal) answer.wrong_node = first_wrong_node(file, recorded.input, computed);
  }
  return test;
}

}  // namespace mudra::sim
