// A program of someone else's: renders a hand and asks the network in an .onnx file which gesture it shows.
#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "mudra/data/synthetic_hands.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/float_runner.hpp"

int main(int, char** arguments) {
  std::array<std::uint8_t, mudra::data::kImagePixels> picture{};
  mudra::data::render_hand({.seed = 1, .person = 2, .gesture = 0, .frame = 3}, picture);
  std::vector<float> values;
  for (const std::uint8_t pixel : picture) values.push_back(static_cast<float>(pixel) / 255.0f);

  const mudra::graph::Graph network = mudra::format::load_onnx(arguments[1]);
  std::vector<float> scores(mudra::data::kGestures);
  mudra::graph::FloatRunner(network, {.max_batch = 1, .keep = {}}).run(values, scores);
  const auto best = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
  std::printf("%s\n", network.class_names[best].c_str());

  mudra::device::Engine engine;
  return engine.prepare({}, {}) == mudra::device::Status::kOk ? 1 : 0;  // there is no model in no bytes
}
