// gesture_model FILE.espdl [WRONG | classes=N | name_bytes=N | input_rule=RULE | decision_enter=PERCENT |
// color | tests=N]: a small model for a
// board, with recorded inputs. It takes 96x96 gray pictures, with color 64x48 colour ones. With WRONG one of
// the recorded outputs is another than the model gives. gesture_model FILE.onnx: a float network whose last
// class always wins, by less than int8 can tell.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/sim/trace.hpp"
#include "tests/firmware/gesture_model.hpp"
#include "tests/graph/small_nets.hpp"

namespace {

mudra::graph::Graph network_of_ties() {
  mudra::graph::Graph graph = mudra::graph::random_net(
      {.block_channels = {16}, .architecture = {.block_strides = {2}, .activation = {}, .image_side = 96}});
  const mudra::graph::Node& classifier = graph.nodes.back();
  const auto values = [&](std::size_t input) -> std::vector<float>& {
    return std::get<std::vector<float>>(*graph.tensor(classifier.inputs[input]).values);
  };
  std::vector<float>&weights = values(1), &biases = values(2);
  const std::size_t row = weights.size() / biases.size();
  for (std::size_t i = row; i < weights.size(); ++i) weights[i] = weights[i % row];
  for (std::size_t c = 1; c < biases.size(); ++c) biases[c] = biases[c - 1] + 1e-4f;
  return graph;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::filesystem::path path = argv[1];
  if (path.extension() == ".onnx") {
    mudra::write_file(path, mudra::format::write_onnx(network_of_ties()));
    return 0;
  }
  const std::string_view how = argc > 2 ? argv[2] : "";
  const std::string value(how.substr(how.find('=') + 1));
  using mudra::firmware::Traces;
  const mudra::device::PictureShape color{.height = 48, .width = 64, .channels = 3};
  auto file = mudra::firmware::gesture_file(Traces::kAll, how.starts_with("classes=") ? std::stoi(value) : 4,
                                            how == "color" ? color : mudra::device::PictureShape{});
  if (how.starts_with("tests=")) {  // of 9,216 bytes
    while (file.tests.size() < std::stoul(value)) file.tests.push_back(file.tests[file.tests.size() - 2]);
    mudra::sim::add_traces(file);
  }
  if (how == "WRONG") std::get<std::vector<std::int8_t>>(file.tests[1].output)[2] ^= 1;
  if (how.starts_with("input_rule=") || how.starts_with("decision_"))
    file.graph.metadata[std::string(how.substr(0, how.find('=')))] = value;
  if (how.starts_with("name_bytes="))
    for (std::string& name : file.graph.class_names) name.resize(std::stoul(value), 'x');
  mudra::write_file(path, mudra::format::write_espdl(file));
}
