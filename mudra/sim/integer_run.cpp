#include "mudra/sim/integer_run.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/profile.hpp"
#include "mudra/sim/simulator.hpp"

namespace mudra::sim {
namespace {

// Of each layer the larger use.
void take_larger(std::vector<quant::SumUse>& largest, const std::vector<quant::SumUse>& uses) {
  if (largest.empty()) largest = uses;
  for (std::size_t i = 0; i < uses.size(); ++i)
    largest[i].largest = std::max(largest[i].largest, uses[i].largest);
}

}  // namespace

quant::IntegerRun integer_run() {
  return [](const graph::Graph& integer, const quant::Pictures& pictures) {
    format::EspdlFile file;
    file.graph = integer;
    EspdlRunner runner(format::write_espdl(file));
    runner.check_takes_pictures();
    return std::visit(
        [&](const auto& integers) {
          std::vector<float> reals;
          for (const auto value : integers)
            reals.push_back(std::ldexp(static_cast<float>(value), runner.exponent()));
          return reals;
        },
        runner.score(pictures.pixels));
  };
}

quant::PictureTime picture_time() {
  return [](const graph::Graph& integer) {
    format::EspdlFile file;
    file.graph = integer;
    return profile(format::write_espdl(file)).time.estimate;
  };
}

TestVectors test_vectors(const graph::Graph& integer, const quant::Pictures& pictures, std::size_t count) {
  const sim::Simulator simulator(integer);
  format::EspdlFile file;
  file.graph = integer;
  EspdlRunner engine(format::write_espdl(file));
  TestVectors vectors;
  sim::Activations activations;
  for (std::size_t i = 0; i < count; ++i) {
    const quant::Pictures picture = pictures.part(i * pictures.size() / count, 1);
    graph::Values input = picture_input(integer, picture.pixels);
    simulator.run(input, activations);
    graph::Values answer = activations[static_cast<std::size_t>(integer.output)];
    if (engine.run(input) != answer) fail("test vector {}: the simulator and the engine differ", i);
    take_larger(vectors.sums, quant::observe_sums(integer, activations));
    vectors.tests.push_back({std::move(input), std::move(answer)});
  }
  return vectors;
}

}  // namespace mudra::sim
