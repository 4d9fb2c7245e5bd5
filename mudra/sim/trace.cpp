#include "mudra/sim/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <variant>

#include "mudra/base/error.hpp"
#include "mudra/device/line.hpp"
#include "mudra/device/trace.hpp"
#include "mudra/sim/simulator.hpp"

namespace mudra::sim {
namespace {

std::uint32_t checksum_of(const graph::Values& values) {
  return std::visit(
      [](const auto& integers) {
        const auto bytes = std::as_bytes(std::span(integers));
        return device::crc32({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
      },
      values);
}

}  // namespace

void add_traces(format::EspdlFile& file) {
  const Simulator simulator(file.graph);
  const int tests = std::min(static_cast<int>(file.tests.size()), device::kMaxTests);
  for (int i = 0; i < tests; ++i) {
    const format::EspdlTest& test = file.tests[static_cast<std::size_t>(i)];
    const Activations activations = simulator.run(test.input);
    if (activations[static_cast<std::size_t>(file.graph.output)] != test.output)
      fail("recorded input {} gives another output than the recorded one", i);
    std::string digits;
    for (const graph::Node& node : file.graph.nodes)
      digits += fmt::format("{:08x}", checksum_of(activations[static_cast<std::size_t>(node.output)]));
    file.graph.metadata[std::string(device::TraceKey(i).text())] = digits;
  }
}

}  // namespace mudra::sim
