// One batch, and ten training steps on it, against the numbers PyTorch gave: golden/make_golden.py and
// golden/make_pooling_golden.py wrote them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <sstream>

#include "mudra/base/files.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/layers.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/train/adam.hpp"
#include "mudra/train/train_step.hpp"

namespace mudra::train {
namespace {

constexpr int kBatch = 4, kSide = 96, kSteps = 10;
constexpr double kLearningRate = 0.001;
constexpr std::size_t kSeed = 35, kPoolingSeed = 14;

using Records = std::map<std::string, std::vector<float>>;

Records read_records(const std::string& file) {
  const std::string bytes = read_text(MUDRA_GOLDEN "/" + file);
  Records records;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find('\n', at);
    std::istringstream line(bytes.substr(at, end - at));
    std::string name;
    std::size_t count = 0;
    line >> name >> count;
    records[name].resize(count);
    std::memcpy(records[name].data(), bytes.data() + end + 1, count * sizeof(float));
    at = end + 1 + count * sizeof(float);
  }
  return records;
}

// The scripts' formulas.
std::uint32_t hashed(std::size_t seed, std::size_t array, std::size_t index) {
  auto h = static_cast<std::uint32_t>((index + 1) * 2654435761u + (array + 1 + 10000 * seed) * 2246822519u);
  h = (h ^ (h >> 15)) * 2246822519u;
  h = (h ^ (h >> 13)) * 3266489917u;
  return h ^ (h >> 16);
}
double unit(std::size_t seed, std::size_t array, std::size_t index) {
  return (hashed(seed, array, index) >> 8) / 8388608.0 - 1.0;
}

std::vector<float> golden_images() {
  std::vector<float> images;
  for (std::size_t b = 0; b < kBatch; ++b)
    for (std::size_t y = 0; y < kSide; ++y)
      for (std::size_t x = 0; x < kSide; ++x)
        images.push_back(static_cast<float>(static_cast<double>((x * (b + 1) + y * 2) % 96 * 2 +
                                                                hashed(kSeed, 1000 + b, y * kSide + x) % 64) /
                                            255.0));
  return images;
}

std::vector<std::int32_t> golden_labels() { return {0, 3, 6, 1}; }

graph::Graph golden_network(graph::Graph network = graph::light_gesture_net({}), std::size_t seed = kSeed) {
  std::size_t array = 0;
  for (const graph::TensorIndex i : learnt_constants(network)) {
    const auto& [name, shape, layout, type, exponent, constant] = network.tensor(i);
    double centre = 0, half_width = 0.5;
    if (shape.size() == 4)
      half_width = std::sqrt(6.0 / static_cast<double>(shape[0] * shape[2] * shape[3]));
    else if (shape.size() == 1 && name.ends_with(".weight"))
      centre = 1.0;
    std::vector<float>& values = float_values(network, i);
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] = static_cast<float>(centre + half_width * unit(seed, array, k));
    ++array;
  }
  return network;
}

double largest(const std::vector<float>& values) {
  double most = 0;
  for (const float value : values) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

// Gradients that are 0 in exact arithmetic, a shift that the next normalisation takes away again: each engine
// has its own rounding noise there, and Adam makes a full step of it in a random direction.
bool has_no_effect(const std::string& name) {
  return name == "layers.0.conv.7.bias" || name == "layers.1.conv.7.bias";
}

// PyTorch's float gradients are up to 5e-6 of an array's largest away from its double ones (the script prints
// it), and so are ours: 2e-5 for the difference of the two.
void expect_same_batch(const Records& records, graph::Graph network, const std::vector<float>& images,
                       const std::vector<std::int32_t>& labels) {
  TrainStep step(network, static_cast<int>(labels.size()));
  const BatchResult result = step.forward_backward(images, labels);
  const float loss = records.at("loss").at(0);
  EXPECT_NEAR(result.loss, loss, 1e-6f * loss);
  const std::vector<float>& logits = records.at("logits");
  ASSERT_EQ(logits.size(), step.logits().size());
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(step.logits()[i], logits[i], 1e-5);
  for (const graph::TensorIndex tensor : learnt_constants(network)) {
    const std::string& name = network.tensor(tensor).name;
    const std::vector<float>&expected = records.at("grad/" + name),
          &gradients = step.gradients()[static_cast<std::size_t>(tensor)];
    ASSERT_EQ(expected.size(), gradients.size());
    const double tolerance = has_no_effect(name) ? 1e-6 : 2e-5 * largest(expected);
    for (std::size_t i = 0; i < expected.size(); ++i)
      ASSERT_NEAR(gradients[i], expected[i], tolerance) << name << ' ' << i;
  }
}

TEST(PyTorch, gives_the_same_logits_loss_and_gradients) {
  expect_same_batch(read_records("pytorch_batch.bin"), golden_network(), golden_images(), golden_labels());
}

// make_pooling_golden.py's: pools, branches that are concatenated, two fully connected layers.
graph::Graph pooling_network() {
  graph::Layers layers("pooling", {20, 17, 1});
  layers.conv("first", 8, 5);
  layers.add("first.relu", graph::Relu{});
  layers.add("first.pool", graph::MaxPool{{3, 3, 2, 2, 1, 1, 1, 1}});
  const graph::TensorIndex from = layers.at();
  layers.conv_and_normalisation("a", 0, 6, 1);
  layers.add("a.relu", graph::Relu{});
  const graph::TensorIndex a = layers.at();
  layers.go_to(from);
  layers.conv("b", 12, 3);
  layers.add("b.relu", graph::Relu{});
  const graph::TensorIndex b = layers.at();
  layers.go_to(from);
  layers.add("c.pool", graph::MaxPool{{3, 3, 1, 1, 1, 1, 1, 1}});
  layers.concat("concat", {a, b, layers.at()});
  layers.add("mean.inside", graph::AveragePool{{3, 3, 2, 2, 1, 1, 1, 1}, false});
  layers.add("mean", graph::AveragePool{{2, 2, 2, 2, 1, 1, 1, 1}, true});
  layers.flatten("flatten");
  layers.gemm("hidden", 24);
  layers.add("hidden.relu", graph::Relu{});
  layers.gemm("scores", 5);
  return layers.finish();
}

TEST(PyTorch, agrees_on_pools_concatenated_branches_and_fully_connected_layers) {
  constexpr std::size_t kHeight = 20, kWidth = 17;
  const Records records = read_records("pytorch_pooling.bin");
  std::vector<float> images;
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t y = 0; y < kHeight; ++y)
      for (std::size_t x = 0; x < kWidth; ++x)
        images.push_back(
            static_cast<float>(static_cast<double>((x * (n + 1) + y * 2) % 20 * 9 +
                                                   hashed(kPoolingSeed, 1000 + n, y * kWidth + x) % 64) /
                               255.0));
  const std::vector<std::int32_t> labels = {0, 2, 4};
  graph::Graph network = golden_network(pooling_network(), kPoolingSeed);
  expect_same_batch(records, network, images, labels);

  TrainStep step(network, 3);
  Adam adam(network);
  for (const float expected : records.at("losses")) {
    EXPECT_NEAR(step.forward_backward(images, labels).loss, expected, 1e-3 * expected);
    adam.step(network, step.gradients(), kLearningRate);
  }
  for (const char* name : {"a.1.running_mean", "a.1.running_var"}) {
    const std::vector<float>&expected = records.at(std::string("running/") + name),
          &values = float_values(network.tensor(find_tensor(network, name).value()));
    for (std::size_t c = 0; c < expected.size(); ++c)
      EXPECT_NEAR(values[c], expected[c], 1e-3 * largest(expected)) << name;
  }
}

// On the way some activation's input falls within rounding of 0 or 6 and one engine lets a gradient through
// that the other stops, a thousandth of it; Adam, which moves every weight alike, takes that over. Ten steps
// move a weight by up to 0.01: the engines end a thousandth of that apart on average, the tolerances are five
// times that.
TEST(PyTorch, goes_the_same_way_for_ten_steps_of_adam) {
  const Records records = read_records("pytorch_batch.bin");
  graph::Graph network = golden_network();
  TrainStep step(network, kBatch);
  Adam adam(network);
  for (int i = 0; i < kSteps; ++i) {
    const double loss = step.forward_backward(golden_images(), golden_labels()).loss;
    const double expected = records.at("losses").at(static_cast<std::size_t>(i));
    EXPECT_NEAR(loss, expected, 1e-3 * expected) << "step " << i;
    adam.step(network, step.gradients(), kLearningRate);
  }
  double sum = 0, count = 0;
  for (const graph::TensorIndex tensor : learnt_constants(network)) {
    const std::string& name = network.tensor(tensor).name;
    const std::vector<float>&expected = records.at("final/" + name), &values = float_values(network, tensor);
    ASSERT_EQ(expected.size(), (values.size() + 7) / 8);
    if (has_no_effect(name)) continue;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double difference = std::abs(values[8 * i] - expected[i]);
      EXPECT_LT(difference, 2e-3) << name << ' ' << i;
      sum += difference;
      ++count;
    }
  }
  EXPECT_LT(sum / count, 5e-5);
}

// Shifts without effect on the loss do move the running means behind them: those are left out.
TEST(PyTorch, keeps_the_same_running_statistics_for_ten_steps) {
  const Records records = read_records("pytorch_batch.bin");
  graph::Graph network = golden_network();
  TrainStep step(network, kBatch);
  Adam adam(network);
  for (int i = 0; i < kSteps; ++i) {
    step.forward_backward(golden_images(), golden_labels());
    adam.step(network, step.gradients(), kLearningRate);
  }
  for (const graph::Node& node : network.nodes) {
    if (!std::holds_alternative<graph::BatchNormalization>(node.operation)) continue;
    const std::string& norm = node.name;
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(
                  *network.tensor(find_tensor(network, norm + ".num_batches_tracked").value()).values),
              std::vector<std::int64_t>{kSteps});
    const bool is_behind_free_shift = norm == "layers.1.conv.1" || norm == "layers.2.conv.1";
    const auto expect_near = [&](const std::vector<float>& values, const std::string& name) {
      const std::vector<float>& expected = records.at("running/" + norm + name);
      ASSERT_EQ(values.size(), expected.size());
      for (std::size_t c = 0; c < values.size(); ++c)
        EXPECT_NEAR(values[c], expected[c], 1e-3 * largest(expected)) << norm << name << ' ' << c;
    };
    if (!is_behind_free_shift && !has_no_effect(norm + ".bias"))
      expect_near(float_values(network, node.inputs[3]), ".running_mean");
    expect_near(float_values(network, node.inputs[4]), ".running_var");
  }
}

}  // namespace
}  // namespace mudra::train
