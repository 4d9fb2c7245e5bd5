// Random networks all the way to the chip's integers: quantized, written, read, and computed by the simulator
// and by the engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "mudra/device/engine.hpp"
#include "mudra/device/host_kernels.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/quant/calibrate.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"
#include "mudra/sim/simulator.hpp"
#include "tests/graph/random_graphs.hpp"
#include "tests/refusal.hpp"

namespace mudra::sim {
namespace {

constexpr std::uint64_t kNetworks = 2300;  // of which 2,000 compute something that can be quantized
constexpr std::size_t kPictures = 8;

// A random network with pictures, as far as it can be quantized.
struct RandomCase {
  graph::Graph network, integer;
  std::vector<float> pixels;
  std::string refusal;

  std::size_t picture_size() const { return pixels.size() / kPictures; }
  quant::Pictures pictures() const { return {{}, picture_size(), pixels}; }

  graph::Values input(std::size_t i) const {
    const std::vector<float> picture(pixels.begin() + static_cast<std::ptrdiff_t>(i * picture_size()),
                                     pixels.begin() + static_cast<std::ptrdiff_t>((i + 1) * picture_size()));
    const graph::Tensor& tensor = integer.tensor(integer.input);
    if (tensor.type == graph::Type::kInt8)
      return quant::nearest_integers<std::int8_t>(picture, *tensor.exponent);
    return quant::nearest_integers<std::int16_t>(picture, *tensor.exponent);
  }
};

// In 8 bits, in 16, or in either by node.
enum class Bits { kNarrow, kWide, kMixed };

RandomCase random_case(std::uint64_t seed, Bits widths) {
  RandomCase made;
  made.refusal = refusal([&] {
    made.network = quant::lowered(graph::random_graph(seed));
    made.pixels =
        graph::random_values(static_cast<std::int64_t>(kPictures) *
                                 graph::element_count(made.network.tensor(made.network.input).shape),
                             -1, 1, seed);
    quant::NodeBits bits(made.network.nodes.size(), widths == Bits::kNarrow ? 8 : 16);
    Random random(seed);
    if (widths == Bits::kMixed)
      for (int& width : bits) width = random.chance(0.5f) ? 8 : 16;
    const quant::Scheme scheme =
        quant::calibrated(made.network, quant::followed(made.network, std::move(bits)), made.pictures(),
                          quant::Calibration::kMinmax);
    quant::check_chip_rules(made.network, scheme);
    made.integer = quant::integer_graph(made.network, scheme);
  });
  return made;
}

double noise_of(const RandomCase& made) {
  const Simulator simulator(made.integer);
  const graph::Tensor& output = made.integer.tensor(made.integer.output);
  const std::vector<float> expected = quant::float_outputs(made.network, made.pictures());
  double noise = 0, signal = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i < kPictures; ++i)
    std::visit(
        [&](const auto& integers) {
          for (const auto integer : integers) {
            const double wanted = double{expected[next++]};
            noise += std::pow(std::ldexp(static_cast<double>(integer), *output.exponent) - wanted, 2);
            signal += wanted * wanted;
          }
        },
        simulator.run(made.input(i))[static_cast<std::size_t>(made.integer.output)]);
  return quant::noise_ratio(noise, signal);
}

// A few lose much: where values cancel out in an Add or are cut off before it, as the reference's rule has it
// that what an Add alone reads gets the Add's exponent.
TEST(RandomNetworks, keep_their_values_when_quantized_but_for_a_stated_noise) {
  for (const auto& [widths, at_half, at_nearly_all] :
       {std::tuple{Bits::kNarrow, 1e-3, 2e-2}, std::tuple{Bits::kWide, 1e-7, 1e-6}}) {
    std::vector<double> noises;
    for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
      const RandomCase made = random_case(seed, widths);
      if (made.refusal.empty())
        noises.push_back(noise_of(made));
      else
        EXPECT_NE(made.refusal.find("count_include_pad = 0"), std::string::npos) << made.refusal;
    }
    std::ranges::sort(noises);
    ASSERT_GT(noises.size(), kNetworks * 9 / 10);
    EXPECT_LT(noises[noises.size() / 2], at_half);
    EXPECT_LT(noises[noises.size() * 99 / 100], at_nearly_all);
  }
}

// An engine with its memory.
class Runner {
 public:
  Runner(std::span<const std::uint8_t> model, const device::Kernels& kernels) {
    if (engine_.prepare(model, {}, kernels) == device::Status::kArenaTooSmall) {
      memory_.resize(engine_.arena_bytes() / sizeof(Line) + 1);
      static_cast<void>(engine_.prepare(model, std::as_writable_bytes(std::span(memory_)), kernels));
    }
  }

  const device::Problem& problem() const { return engine_.problem(); }

  std::vector<std::byte> run(const graph::Values& input) {
    const auto bytes = bytes_of(input);
    std::ranges::copy(bytes, engine_.input().begin());
    EXPECT_EQ(engine_.run(), device::Status::kOk);
    return {engine_.output().begin(), engine_.output().end()};
  }

  std::vector<std::byte> run_by_rows(const graph::Values& input) {
    const auto bytes = bytes_of(input);
    EXPECT_EQ(engine_.begin(), device::Status::kOk);
    const std::size_t row = bytes.size() / static_cast<std::size_t>(engine_.input_info().height);
    for (std::size_t at = 0; at < bytes.size(); at += row)
      EXPECT_EQ(engine_.push_row(bytes.subspan(at, row)), device::Status::kOk);
    return {engine_.output().begin(), engine_.output().end()};
  }

  static std::span<const std::byte> bytes_of(const graph::Values& values) {
    return std::visit([](const auto& integers) { return std::as_bytes(std::span(integers)); }, values);
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> memory_;
  device::Engine engine_;
};

bool moves_values(const graph::Node& node) { return graph::exponents_of(node) == graph::Exponents::kKept; }

// The engine turns pictures from NHWC to NCHW and back only, as exporters do.
bool is_stated_limit(const graph::Graph& integer, const device::Problem& problem) {
  const graph::Node* node = graph::find_node(integer, problem.node);
  return problem.status == device::Status::kUnsupportedNode && node != nullptr &&
         std::holds_alternative<graph::Transpose>(node->operation);
}

TEST(RandomNetworks, give_the_same_integers_in_the_simulator_and_in_every_engine) {
  std::size_t run = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < kNetworks; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase made = random_case(seed, seed % 4 == 0 ? Bits::kMixed : Bits::kNarrow);
    if (!made.refusal.empty() || std::ranges::all_of(made.integer.nodes, moves_values)) continue;
    format::EspdlFile file;
    file.graph = made.integer;
    const std::vector<std::uint8_t> model = format::write_espdl(file);
    Runner portable(model, device::portable_kernels()), host(model, device::host_kernels());
    if (portable.problem().status != device::Status::kOk) {
      EXPECT_TRUE(is_stated_limit(made.integer, portable.problem()))
          << portable.problem().node << ": " << device::describe(portable.problem().status);
      ++refused;
      continue;
    }
    const Simulator simulator(format::read_espdl(model).graph);
    for (std::size_t i = 0; i < 2; ++i) {
      const graph::Values input = made.input(i);
      const Activations activations = simulator.run(input);
      const auto wanted = Runner::bytes_of(activations[static_cast<std::size_t>(simulator.graph().output)]);
      const std::vector<std::byte> expected(wanted.begin(), wanted.end());
      ASSERT_EQ(portable.run(input), expected);
      ASSERT_EQ(portable.run_by_rows(input), expected);
      ASSERT_EQ(host.run(input), expected);
      ASSERT_EQ(host.run_by_rows(input), expected);
    }
    ++run;
  }
  EXPECT_LE(refused, kNetworks / 50);
  EXPECT_GE(run, 2000u);
}

}  // namespace
}  // namespace mudra::sim
