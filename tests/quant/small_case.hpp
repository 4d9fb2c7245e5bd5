// A small random network, pictures for it, and the simulator to run what becomes of it.
#pragma once

#include <cmath>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounding.hpp"
#include "mudra/sim/simulator.hpp"
#include "tests/graph/small_nets.hpp"

namespace mudra::quant {

inline graph::Graph small_network(graph::ActivationKind activation = graph::ActivationKind::kRelu6) {
  graph::SmallNet net;
  net.architecture.activation = activation;
  return lowered(graph::random_net(net));
}

struct SmallPictures {
  std::vector<std::uint8_t> pixels;

  explicit SmallPictures(std::size_t count, std::uint64_t seed = 1) : pixels(count * kSize) {
    Random random(seed);
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<std::uint8_t>(random.below(64) + (i / 40) % 3 * 90);
  }
  Pictures view() const { return {pixels, kSize}; }

  static constexpr std::size_t kSize = 16 * 16;
};

inline graph::Values input_integers(const graph::Graph& integer, const Pictures& picture) {
  const graph::Tensor& entry = integer.tensor(integer.input);
  if (entry.type == graph::Type::kInt16)
    return nearest_integers<std::int16_t>(real_values(picture, integer), *entry.exponent);
  return nearest_integers<std::int8_t>(real_values(picture, integer), *entry.exponent);
}

inline IntegerRun simulated() {
  return [](const graph::Graph& integer, const Pictures& pictures) {
    const sim::Simulator simulator(integer);
    std::vector<float> outputs;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto all = simulator.run(input_integers(integer, pictures.part(i, 1)));
      std::visit(
          [&](const auto& integers) {
            for (const auto value : integers)
              outputs.push_back(
                  std::ldexp(static_cast<float>(value), *integer.tensor(integer.output).exponent));
          },
          all[static_cast<std::size_t>(integer.output)]);
    }
    return outputs;
  };
}

}  // namespace mudra::quant
