#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "mudra/base/files.hpp"
#include "mudra/base/random.hpp"
#include "mudra/format/pth.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/train/inference.hpp"
#include "mudra/train/initialise.hpp"
#include "torch_python.hpp"

namespace mudra::format {
namespace {

constexpr std::size_t kTorchImages = 4, kTorchPixels = 96 * 96, kClasses = 8;

template <typename T>
std::span<const std::uint8_t> raw(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

// Initialised, with statistics and scales as training might leave them.
graph::Graph used_network() {
  graph::Graph network = graph::light_gesture_net({});
  train::initialise(network, 1);
  Random random(2);
  for (const graph::Node& node : network.nodes) {
    if (!std::holds_alternative<graph::BatchNormalization>(node.operation)) continue;
    for (float& mean : float_values(network, node.inputs[3])) mean = random.uniform(-0.2f, 0.2f);
    for (float& variance : float_values(network, node.inputs[4])) variance = random.uniform(0.2f, 2.0f);
    for (float& scale : float_values(network, node.inputs[1])) scale = random.uniform(0.5f, 1.5f);
    for (float& shift : float_values(network, node.inputs[2])) shift = random.uniform(-0.5f, 0.5f);
  }
  for (graph::Tensor& tensor : network.tensors)
    if (tensor.type == graph::Type::kInt64) tensor.values = graph::Values(std::vector<std::int64_t>{2100});
  return network;
}

std::vector<float> logits_of(const graph::Graph& network, const std::vector<float>& images) {
  std::vector<float> logits(kTorchImages * kClasses);
  train::Inference(network, kTorchImages).run(images, logits);
  return logits;
}

TEST(NetworkInTorch, takes_every_array_and_gives_our_logits) {
  if (!has_torch()) GTEST_SKIP() << "python3-torch is not installed";
  std::vector<float> images(kTorchImages * kTorchPixels);
  Random random(3);
  for (float& pixel : images) pixel = random.uniform();
  const graph::Graph network = used_network();
  const std::string start = testing::TempDir() + "/mudra_network_in_torch_";
  write_file(start + "model.pth", write_pth(state_dict(network), "{}"));
  write_file(start + "images", raw(images));
  ASSERT_EQ(run_python(MUDRA_TEST_FOLDER "/torch_logits.py " + start + "model.pth " + start + "images " +
                       start + "logits"),
            0);

  const auto torch_bytes = read_file(start + "logits");
  const auto ours = logits_of(network, images);
  ASSERT_EQ(torch_bytes.size(), raw(ours).size());
  std::vector<float> torchs(ours.size());
  std::memcpy(torchs.data(), torch_bytes.data(), torch_bytes.size());
  float spread = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_NEAR(ours[i], torchs[i], 1e-4);
    spread = std::max(spread, std::fabs(ours[i] - ours[0]));
  }
  EXPECT_GT(spread, 0.1f);  // otherwise equality would say little
}

TEST(NetworkInTorch, a_network_survives_its_file) {
  const graph::Graph network = used_network();
  const auto state = read_pth(write_pth(state_dict(network))).state;
  EXPECT_EQ(state, state_dict(network));
  graph::Graph back = light_gesture_net(graph::light_gesture_net_of(state));
  put(back, state);
  EXPECT_EQ(back, network);
}

}  // namespace
}  // namespace mudra::format
