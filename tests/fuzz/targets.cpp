#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/data/image.hpp"
#include "mudra/data/npz.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/format/tflite_int8.hpp"
#include "mudra/graph/describe.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/s3/machine.hpp"
#include "mudra/sim/diagnosis.hpp"
#include "mudra/sim/simulator.hpp"
#include "mudra/train/checkpoint.hpp"
#include "tests/format/onnx_disguise.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/graph/float_tolerance.hpp"
#include "tests/graph/random_graphs.hpp"

namespace mudra::fuzz {
namespace {

// Networks that a file describes are run only while that is quick.
constexpr std::int64_t kMaxRunProducts = 1'000'000, kMaxRunValues = 1'000'000;

bool is_quick(const graph::Graph& graph) {
  std::int64_t products = 0, values = graph::element_count(graph.tensor(graph.input).shape);
  for (const graph::Node& node : graph.nodes) {
    products += multiply_adds(graph, node);
    values += graph::element_count(graph.tensor(node.output).shape);
    if (products > kMaxRunProducts || values > kMaxRunValues) return false;
  }
  return values <= kMaxRunValues;
}

bool has_numbers_only(const graph::Graph& graph) {
  return std::ranges::all_of(graph.tensors, [](const graph::Tensor& tensor) {
    return !tensor.is_constant() ||
           std::ranges::all_of(float_values(tensor), [](float value) { return std::isfinite(value); });
  });
}

void run(const graph::Graph& graph) {
  (void)describe(graph);
  const graph::Graph folded = fold_batch_normalization(graph);
  if (!is_quick(folded)) return;
  const auto input = graph::random_values(graph::element_count(folded.tensor(folded.input).shape), -1, 1, 1);
  if (!has_numbers_only(folded)) {
    graph::FloatRunner runner(folded);
    std::vector<float> output(runner.output_size());
    runner.run(input, output);
  } else if (float_run_differs(folded, input, {})) {
    __builtin_trap();
  }
}

void run(const format::TfliteModel& model) {
  (void)describe(model);
  if (!model.is_int8()) return run(graph_of(model));
  std::size_t values = 0, weights = 1;
  for (const format::TfliteTensor& tensor : model.tensors) {
    std::size_t size = 1;
    for (const int side : tensor.shape) size *= static_cast<std::size_t>(side);
    values += size;
    if (tensor.values) weights += size;
  }
  const format::TfliteInt8Runner runner(model);
  if (values > static_cast<std::size_t>(kMaxRunValues) / weights) return;
  const std::vector<std::int8_t> input(runner.input_size(), 5);
  std::vector<std::int8_t> output(runner.output_size());
  runner.run(std::span<const std::int8_t>(input), std::span<std::int8_t>(output));
}

void run(const format::EspdlFile& file) {
  (void)describe(file);
  (void)sim::diagnose(file.graph);
  // Written, it reads as it was; but biases in the type of the other generation change the first time.
  const auto again = [](const format::EspdlFile& same) {
    return format::read_espdl(format::write_espdl(same));
  };
  const format::EspdlFile once = again(file);
  if (again(once) != once) __builtin_trap();
  if (!is_quick(file.graph)) return;
  const graph::Tensor& input = file.graph.tensor(file.graph.input);
  const auto count = static_cast<std::size_t>(graph::element_count(input.shape));
  const auto values = input.type == graph::Type::kInt8
                          ? graph::Values(std::vector<std::int8_t>(count, -128))
                          : graph::Values(std::vector<std::int16_t>(count, -32768));
  const sim::Activations fast = sim::Simulator(file.graph).run(values);
  if (sim::Simulator(file.graph, sim::Sums::kInOrder).run(values) != fast) __builtin_trap();
}

template <typename Work>
void accept_errors(Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.text.find('\n') != std::string::npos) __builtin_trap();  // an error is one line
  }
}

}  // namespace

void read_pth(Bytes bytes) {
  accept_errors([&] {
    const format::PthFile file = format::read_pth(bytes);
    (void)format::write_pth(file.state, file.metadata);
    graph::Graph network = light_gesture_net(graph::light_gesture_net_of(file.state));
    put(network, file.state);
  });
}

void read_npz(Bytes bytes) {
  accept_errors([&] { (void)data::write_npz(data::read_npz(bytes)); });
  accept_errors([&] { (void)data::read_npy(bytes); });
}

void read_onnx(Bytes bytes) {
  accept_errors([&] { run(format::read_onnx(bytes)); });
}

void read_tflite(Bytes bytes) {
  accept_errors([&] { run(format::read_tflite(bytes)); });
}

void read_espdl(Bytes bytes) {
  accept_errors([&] { run(format::read_espdl(bytes)); });
  accept_errors([&] { (void)format::read_espdl_pack(bytes); });
  accept_errors([&] { (void)format::inspect_espdl(bytes); });
}

void read_graph(Bytes bytes) {
  graph::Choices choices(bytes);
  const graph::Graph graph = random_graph(choices);
  run(graph);
  const auto input = graph::random_values(graph::element_count(graph.tensor(graph.input).shape), -1, 1, 1);
  const auto output_of = [&](const graph::Graph& same) {
    return run_reference(same, input)[static_cast<std::size_t>(same.output)];
  };
  // Products of products may leave the floats: then neither is a number.
  const auto same = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  if (!std::ranges::equal(output_of(format::read_onnx(format::disguised_onnx(graph, choices))),
                          output_of(graph), same))
    __builtin_trap();
}

void read_checkpoint(Bytes bytes) {
  accept_errors([&] {
    const train::TrainingConfig config = checkpoint_config();
    const train::TrainingState state = train::checkpoint_of(bytes, config, kCheckpointConfiguration);
    train::Adam(state.network).restore(state.adam);
    (void)train::checkpoint_of(train::checkpoint_bytes(state, kCheckpointConfiguration), config,
                               kCheckpointConfiguration);
  });
}

void read_image(Bytes bytes) {
  accept_errors([&] {
    const data::Image image = data::decode_image(bytes);
    for (const data::PictureShape& shape : {data::PictureShape{}, data::PictureShape{9, 31, 3}}) {
      std::vector<std::uint8_t> pixels(shape.bytes());
      data::prepare(image, shape, pixels);
    }
  });
}

void read_assembly(Bytes bytes) {
  accept_errors([&] {
    const s3::Program program =
        s3::assemble({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "fuzz.S");
    std::vector<std::uint8_t> in(256, 3), out(256);
    s3::Memory memory;
    const std::uint32_t a2 = memory.map(std::span<const std::uint8_t>(in), "in"),
                        a3 = memory.map(std::span(out), "out");
    s3::Machine machine;
    for (const s3::Function& function : program.functions())
      accept_errors([&] {
        (void)machine.run(program, function, memory, std::array{a2, a3, 2u, 16u}, 10'000);
      });
  });
}

}  // namespace mudra::fuzz
