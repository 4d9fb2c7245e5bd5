// Whole networks: the engine against the simulator and against recorded tensors, in every way of feeding it.
#include "mudra/device/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "mudra/base/files.hpp"
#include "mudra/device/host_kernels.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "mudra/sim/simulator.hpp"
#include "mudra/sim/virtual_chip.hpp"
#include "tests/device/network_dags.hpp"
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
  sim::VirtualChip chip;
  const sim::ExecuteOn here(chip);
  for (const auto& [name, kernels] : {std::pair(", portable", &portable_kernels()),
                                      {", host", &host_kernels()},
                                      {", virtual chip", &s3::kernels()}}) {
    Prepared prepared(model, *kernels);
    const std::string which = what + name;
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

constexpr std::uint64_t kFamilySeeds = 60, kDagSeeds = 400;

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
      const Window& window = operation.window;
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

TEST(Engine, equals_the_simulator_for_random_networks_joined_in_any_way) {
  for (std::uint64_t seed = 0; seed < kDagSeeds; ++seed) {
    expect_as_simulated(random_dag(seed), seed, "network " + std::to_string(seed));
    if (testing::Test::HasFailure()) return;
  }
}

// How many operations of a kind, and of other things, the networks have.
struct Census {
  std::map<Operation::Kind, int> kinds;
  int parts = 0, kept_rings = 0, windowed_pools = 0, by_pixel = 0, by_constant = 0, converted = 0, stages = 0,
      segments = 0, swapped_order = 0;
  std::set<std::byte> outputs;
};

Census census_of_dags() {
  Census census;
  for (std::uint64_t seed = 0; seed < kDagSeeds; ++seed) {
    const auto file = random_dag(seed);
    Prepared prepared(format::write_espdl(file), portable_kernels());
    const Network& network = prepared.engine.network();
    const Plan& plan = prepared.engine.plan();
    for (int i = 0; i < network.size; ++i) {
      const Operation& operation = network.operation(i);
      ++census.kinds[operation.kind];
      const bool joins =
          operation.kind == Operation::Kind::kAdd || operation.kind == Operation::Kind::kMultiply;
      census.parts += operation.kind != Operation::Kind::kCopy && network.links[i].into != kNoTensor;
      census.windowed_pools += is_pool(operation.kind) && looks_at_neighbours(operation);
      census.by_pixel += joins && operation.second == Operation::Second::kPixel;
      census.by_constant += joins && operation.constant != nullptr;
      census.converted += operation.kind == Operation::Kind::kAdd && operation.shift != 0;
      census.kept_rings += plan.rows[i + 1].kept > 0 && !plan.rows[i + 1].stored;
      census.swapped_order += plan.order[i] != i;
    }
    census.stages += plan.stage_count;
    for (int stage = 0; stage < plan.stage_count; ++stage) census.segments += plan.stages[stage].ends_segment;
    const auto output = prepared.run(bytes_of(random_input(file.graph, seed)));
    census.outputs.insert(output.begin(), output.end());
  }
  return census;
}

// A pool whose windows are higher than a convolution's can be, and overlap.
class HighPool : LayerMaker {
 public:
  HighPool() : LayerMaker(1) {}

  format::EspdlFile make() {
    g_.graph.input = end_ = g_.activation("input", {1, 32, 12, 3}, graph::Type::kInt8, -7);
    convolution("conv", 16, {3, 3, 1, 1, 1, 1, 1, 1}, false);
    g_.graph.output = g_.activation("max", {1, 12, 2, 16}, graph::Type::kInt8, *end().exponent);
    g_.node("max", graph::MaxPool{{9, 9, 2, 2}}, {end_}, g_.graph.output);
    format::EspdlFile file;
    file.graph = std::move(g_.graph);
    return file;
  }
};

TEST(Engine, equals_the_simulator_for_a_pool_with_higher_windows_than_a_ring_holds) {
  expect_as_simulated(HighPool().make(), 1, "high pool");
}

TEST(Engine, is_tested_with_networks_that_have_all_that_can_be_joined) {
  const Census census = census_of_dags();
  for (int kind = 0; kind <= static_cast<int>(Operation::Kind::kJoin); ++kind) {
    const auto found = census.kinds.find(static_cast<Operation::Kind>(kind));
    EXPECT_GT(found == census.kinds.end() ? 0 : found->second, 40) << "kind " << kind;
  }
  for (const int count : {census.parts, census.kept_rings, census.windowed_pools, census.by_pixel,
                          census.by_constant, census.converted, census.swapped_order})
    EXPECT_GT(count, 40);
  EXPECT_GT(census.stages, census.segments + 200);
  EXPECT_GT(census.outputs.size(), 250u);
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

std::size_t bytes_of(const TensorInfo& info) {
  return static_cast<std::size_t>(info.height * info.width * info.channels) * bytes_of(info.type);
}

// The largest difference between the integers of two tensors.
int distance(std::span<const std::byte> a, std::span<const std::byte> b, Width type) {
  int most = 0;
  for (std::size_t i = 0; i < a.size(); i += bytes_of(type)) {
    std::int16_t left = static_cast<std::int8_t>(a[i]), right = static_cast<std::int8_t>(b[i]);
    if (type == Width::kInt16) {
      std::memcpy(&left, &a[i], sizeof left);
      std::memcpy(&right, &b[i], sizeof right);
    }
    most = std::max(most, std::abs(left - right));
  }
  return most;
}

// Both kernels on a file's own test vectors: how far off its outputs. Nothing: the file is refused,
// `refusals` says why.
std::optional<int> distance_in_own_test(const std::filesystem::path& path, std::set<std::string>& refusals) {
  const auto bytes = read_file(path);
  ModelView view;
  EXPECT_EQ(view.open(bytes), Status::kOk);
  const auto engine = std::make_unique<Engine>();
  if (engine->prepare(bytes, {}) != Status::kArenaTooSmall) {
    EXPECT_FALSE(engine->problem().node.empty()) << path;
    refusals.insert(path.stem().string());
    return {};
  }
  const TensorInfo input = engine->input_info(), output = engine->output_info();
  int most = 0;
  for (int i = 0; i < view.test_count(); ++i) {
    const auto expected = std::as_bytes(view.test_output(i).data).first(bytes_of(output));
    std::vector<std::vector<std::byte>> results;
    for (const Kernels* kernels : {&portable_kernels(), &host_kernels()}) {
      Prepared prepared(bytes, *kernels);
      results.push_back(prepared.run(std::as_bytes(view.test_input(i).data).first(bytes_of(input))));
    }
    EXPECT_EQ(results[0], results[1]) << path;
    most = std::max(most, distance(results[0], expected, output.type));
  }
  return most;
}

// In 8 bits equal. In 16 bits the reference computes convolutions and activations in float32, whose last bits
// differ: one layer behind another makes two of them.
TEST(Engine, gives_the_outputs_inside_of_every_reference_file_it_takes) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  std::set<std::string> refusals;
  int equal = 0, close = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared_folder("reference-operators"))) {
    if (entry.path().extension() != ".espdl") continue;
    const std::string name = entry.path().stem();
    const bool wide = name.find("_s16") != name.npos;
    const auto off = distance_in_own_test(entry.path(), refusals);
    if (!off) continue;
    EXPECT_LE(*off, wide ? 2 : 0) << name;
    ++(wide ? close : equal);
  }
  EXPECT_EQ(equal, 26);
  EXPECT_EQ(close, 33);
  // Dilations, groups, ceil_mode, int8 weights in int16 nodes, and operations that the engine does not have.
  EXPECT_THAT(refusals,
              testing::ElementsAre("avgpool2", "avgpool2_s16", "avgpool3p1_incl", "avgpool3p1_incl_s16",
                                   "avgpool_big_s16", "avgpoolgap", "conv5_w8forced", "convT", "dilated",
                                   "gelu", "groupconv", "logsoftmax", "matmul", "maxpoolceil", "pad",
                                   "reducemean", "reducemean_s16", "resid_w8forced", "resize_linear",
                                   "resize_nearest", "resize_nearest_s16", "slice", "softmax", "softmax_s16",
                                   "split", "sub", "transpose", "twogemm_w8forced", "zeropad"));
}

// The vendor's own: small ones with a test inside, and two MobileNetV2 without.
TEST(Engine, runs_the_vendors_models) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  std::set<std::string> refusals;
  const auto folder = shared_folder("vendor-models");
  for (const char* name :
       {"s3_model", "Gemm_linear_ishap_1_16_kshap_16_16_relu_s8",
        "Gemm_linear_ishap_1_31_kshap_32_31_relu_s8", "Gemm_linear_ishap_1_64_kshap_32_64_relu_s8"})
    EXPECT_EQ(distance_in_own_test(folder / (std::string(name) + ".espdl"), refusals), 0) << name;
  for (const char* name : {"s3_mobilenetv2_0_5_128_128_gesture", "s3_imagenet_cls_mobilenetv2_s8_v1"}) {
    const auto path = folder / (std::string(name) + ".espdl");
    const auto file = format::load_espdl(path);
    const graph::Values input = random_input(file.graph, 1);
    const auto expected = sim::Simulator(file.graph).run(input)[static_cast<std::size_t>(file.graph.output)];
    Prepared prepared(read_file(path), host_kernels());
    EXPECT_EQ(prepared.run(bytes_of(input)), bytes_of(expected)) << name;
    EXPECT_EQ(prepared.run_by_rows(bytes_of(input)), bytes_of(expected)) << name;
  }
  EXPECT_TRUE(refusals.empty());
}

}  // namespace
}  // namespace mudra::device
