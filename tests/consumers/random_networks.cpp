// random_networks COUNT FOLDER: random networks as FOLDER/I.onnx, I from 0 on, each with an input and what
// the reference run makes of it (I.in.f32, I.out.f32), as the file lays them out; index.json says their
// shapes.
#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/graph/random_graphs.hpp"

namespace mudra {
namespace {

using nlohmann::json;

bool is_map(const graph::Tensor& tensor) { return tensor.layout == graph::Layout::kNhwc; }

graph::Shape stored_shape(const graph::Tensor& tensor) {
  const graph::Shape& shape = tensor.shape;
  return is_map(tensor) ? graph::Shape{1, shape[3], shape[1], shape[2]} : shape;
}

// Channels before rows.
void write_values(const std::filesystem::path& path, const graph::Tensor& tensor,
                  const std::vector<float>& values) {
  std::vector<float> stored = values;
  if (is_map(tensor)) {
    const auto channels = static_cast<std::size_t>(tensor.shape[3]), pixels = values.size() / channels;
    for (std::size_t i = 0; i < values.size(); ++i) stored[i % channels * pixels + i / channels] = values[i];
  }
  std::vector<std::uint8_t> bytes(stored.size() * sizeof(float));
  std::memcpy(bytes.data(), stored.data(), bytes.size());
  write_file(path, bytes);
}

void run(std::uint64_t count, const std::filesystem::path& folder) {
  make_folder(folder);
  json index = json::array();
  for (std::uint64_t seed = 0; seed < count; ++seed) {
    const graph::Graph network = graph::random_graph(seed);
    const graph::Tensor &input = network.tensor(network.input), &output = network.tensor(network.output);
    const auto values = graph::random_values(graph::element_count(input.shape), -1, 1, seed);
    write_file(folder / fmt::format("{}.onnx", seed), format::write_onnx(network));
    write_values(folder / fmt::format("{}.in.f32", seed), input, values);
    write_values(folder / fmt::format("{}.out.f32", seed), output,
                 run_reference(network, values)[static_cast<std::size_t>(network.output)]);
    index.push_back(stored_shape(input));
  }
  write_text(folder / "index.json", index.dump());
}

}  // namespace
}  // namespace mudra

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    mudra::run(std::stoull(argv[1]), argv[2]);
  } catch (const mudra::Error& error) {
    fmt::print(stderr, "random_networks: {}\n", error.text);
    return 1;
  }
}
