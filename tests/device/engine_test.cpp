// Whole networks: the engine against the simulator and against recorded tensors, in every way of feeding it.
#include "mudra/device/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "mudra/base/files.hpp"
#include "mudra/device/host_kernels.hpp"
#include "mudra/sim/simulator.hpp"
#include "tests/device/network_family.hpp"
#include "tests/shared_data.hpp"

namespace mudra::device {
namespace {

// A model and as much memory as it needs, between bytes that nobody may touch.
class Prepared {
 public:
  Prepared(std::span<const std::uint8_t> model, const Kernels& kernels) : model_(model.begin(), model.end()) {
    EXPECT_EQ(engine.prepare(model_, {}, kernels), Status::kArenaTooSmall)
        << describe(engine.problem().status) << " at " << engine.problem().node;
    memory_.resize((engine.arena_bytes() + 2 * kGuard) / sizeof(Line) + 2, Line{});
    bytes_ = std::as_writable_bytes(std::span(memory_));
    std::ranges::fill(bytes_, kUntouched);
    EXPECT_EQ(engine.prepare(model_, bytes_.subspan(kGuard, engine.arena_bytes()), kernels), Status::kOk);
  }
  ~Prepared() {
    for (const auto guard : {bytes_.first(kGuard), bytes_.subspan(kGuard + engine.arena_bytes())})
      EXPECT_THAT(guard, testing::Each(kUntouched));
  }

  std::vector<std::byte> run(std::span<const std::byte> input) {
    if (!takes(input)) return {};
    std::memcpy(engine.input().data(), input.data(), input.size());
    EXPECT_EQ(engine.run(), Status::kOk);
    return {engine.output().begin(), engine.output().end()};
  }

  std::vector<std::byte> run_by_rows(std::span<const std::byte> input) {
    if (!takes(input)) return {};
    EXPECT_EQ(engine.begin(), Status::kOk);
    const std::size_t rows = static_cast<std::size_t>(engine.input_info().height),
                      bytes = input.size() / rows;
    for (std::size_t y = 0; y < rows; ++y)
      EXPECT_EQ(engine.push_row(input.subspan(y * bytes, bytes)), Status::kOk);
    return {engine.output().begin(), engine.output().end()};
  }

  Engine engine;

 private:
  bool takes(std::span<const std::byte> input) {
    const std::size_t wanted = engine.input().size();
    if (wanted != input.size() || input.empty())
      ADD_FAILURE() << "an input of " << input.size() << " bytes for a model that takes " << wanted;
    return wanted == input.size() && !input.empty();
  }

  struct alignas(64) Line {
    std::byte bytes[64];
  };
  static constexpr std::size_t kGuard = 256;
  static constexpr std::byte kUntouched{0xA5};

  std::vector<std::uint8_t> model_;
  std::vector<Line> memory_;
  std::span<std::byte> bytes_;
};

std::vector<std::byte> bytes_of(const graph::Values& values) {
  return std::visit(
      [](const auto& integers) {
        const auto bytes = std::as_bytes(std::span(integers));
        return std::vector<std::byte>(bytes.begin(), bytes.end());
      },
      values);
}

graph::Values random_input(const graph::Graph& graph, std::uint64_t seed) {
  Random random(seed, 2);
  const auto count = static_cast<std::size_t>(graph::element_count(graph.tensor(graph.input).shape));
  const auto fill = [&]<typename Integer>(Integer) {
    std::vector<Integer> values(count);
    for (Integer& value : values) value = static_cast<Integer>(random.bits());
    return graph::Values(std::move(values));
  };
  return graph.tensor(graph.input).type == graph::Type::kInt8 ? fill(std::int8_t{}) : fill(std::int16_t{});
}

// All ways to run `model` give `expected`.
void expect_output(std::span<const std::uint8_t> model, std::span<const std::byte> input,
                   std::span<const std::byte> expected, const std::string& what) {
  for (const Kernels* kernels : {&portable_kernels(), &host_kernels()}) {
    Prepared prepared(model, *kernels);
    const std::string which = what + (kernels == &portable_kernels() ? ", portable" : ", host");
    EXPECT_THAT(prepared.run(input), testing::ElementsAreArray(expected)) << which;
    EXPECT_THAT(prepared.run_by_rows(input), testing::ElementsAreArray(expected)) << which << ", by rows";
    EXPECT_THAT(prepared.run(input), testing::ElementsAreArray(expected)) << which << ", again";
  }
}

void expect_as_simulated(const format::EspdlFile& file, std::uint64_t seed, const std::string& what) {
  const sim::Simulator simulator(file.graph);
  const graph::Values input = random_input(file.graph, seed);
  const auto expected = simulator.run(input)[static_cast<std::size_t>(file.graph.output)];
  expect_output(format::write_espdl(file), bytes_of(input), bytes_of(expected), what);
}

constexpr std::uint64_t kFamilySeeds = 60;

TEST(Engine, equals_the_simulator_for_random_networks_of_the_family) {
  for (std::uint64_t seed = 0; seed < kFamilySeeds; ++seed)
    expect_as_simulated(random_network(seed), seed, "network " + std::to_string(seed));
}

TEST(Engine, is_tested_with_a_family_that_has_what_it_is_said_to_have) {
  int saturating = 0, wide = 0, shortcuts = 0, converted = 0, remainders = 0, clamps = 0;
  int oblong = 0, skewed = 0, off_centre = 0;
  std::set<std::byte> outputs;
  for (std::uint64_t seed = 0; seed < kFamilySeeds; ++seed) {
    const auto file = random_network(seed);
    Prepared prepared(format::write_espdl(file), portable_kernels());
    const Network& network = prepared.engine.network();
    for (int i = 0; i < network.size; ++i) {
      const Operation& operation = network.operation(i);
      const bool convolution = operation.kind == Operation::Kind::kConvolution;
      saturating += convolution && operation.convolution.saturates;
      wide += convolution && operation.in == Width::kInt16;
      const Convolution& window = operation.convolution;
      oblong += convolution && window.kernel_h != window.kernel_w;
      skewed += convolution && window.stride_h != window.stride_w;
      off_centre += convolution && window.pad_top != window.pad_left;
      remainders += convolution && operation.out_channels % 16 != 0;
      shortcuts += operation.kind == Operation::Kind::kAdd;
      converted += operation.kind == Operation::Kind::kAdd && operation.shift != 0;
      clamps += operation.out_range.high < range_of(operation.out).high;
    }
    const auto output = prepared.run(bytes_of(random_input(file.graph, seed)));
    outputs.insert(output.begin(), output.end());
  }
  EXPECT_GT(saturating, 10);
  EXPECT_GT(wide, 60);
  EXPECT_GT(shortcuts, 40);
  EXPECT_GT(converted, 20);
  EXPECT_GT(remainders, 100);
  EXPECT_GT(clamps, 50);
  EXPECT_GT(oblong, 40);
  EXPECT_GT(skewed, 20);
  EXPECT_GT(off_centre, 40);
  EXPECT_GT(outputs.size(), 150u);
}

TEST(Engine, equals_the_simulator_for_a_network_with_every_operation) {
  for (const auto generation : {format::EspdlGeneration::kEdl1, format::EspdlGeneration::kEdl2})
    expect_as_simulated(format::small_espdl(generation), 3, "small network");
}

TEST(Engine, gives_the_recorded_output_of_every_published_run) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto folder = shared_data("published");
  const auto index = nlohmann::json::parse(read_text(folder / "activations/index.json"));
  ASSERT_EQ(index.size(), 6u);
  for (const auto& run : index) {
    const auto model = read_file(folder / "models" / run.at("model").get<std::string>());
    const auto recorded = read_file(folder / "activations" / run.at("file").get<std::string>());
    const auto tensor = [&](const nlohmann::json& entry) {
      std::size_t bytes = entry.at("dtype") == "int16" ? 2 : 1;
      for (const auto& size : entry.at("shape")) bytes *= size.get<std::size_t>();
      return std::as_bytes(std::span(recorded).subspan(entry.at("offset").get<std::size_t>(), bytes));
    };
    const auto& tensors = run.at("tensors");
    const auto& output = tensors.at(run.at("order").size());
    expect_output(model, tensor(tensors[0]), tensor(output), run.at("file"));
  }
}

// The files whose engine and simulator are compared: named, for other files may lie beside them.
std::vector<std::filesystem::path> reference_models() {
  std::vector<std::filesystem::path> models;
  for (const char* folder : {"published/models", "reference-quantizer"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_data(folder)))
      if (entry.path().extension() == ".espdl") models.push_back(entry.path());
  return models;
}

TEST(Engine, equals_the_simulator_and_the_test_vectors_for_every_file_of_the_reference_quantizer) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int models = 0, vectors = 0;
  for (const auto& path : reference_models()) {
    ++models;
    const auto file = format::load_espdl(path);
    const auto model = read_file(path);
    const graph::Values input = random_input(file.graph, 7);
    const auto expected = sim::Simulator(file.graph).run(input)[static_cast<std::size_t>(file.graph.output)];
    expect_output(model, bytes_of(input), bytes_of(expected), path);
    for (const format::EspdlTest& test : file.tests) {
      ++vectors;
      expect_output(model, bytes_of(test.input), bytes_of(test.output), path.string() + ", test vector");
    }
  }
  EXPECT_EQ(models, 12);
  EXPECT_EQ(vectors, 4);
}

}  // namespace
}  // namespace mudra::device
