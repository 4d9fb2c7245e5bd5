// LightGestureNet and its relatives: a MobileNetV2-like network with its weights, running statistics and
// gradients, ready to be trained.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mudra::train {

enum class Activation { kRelu6, kRelu };

struct BlockConfig {
  int out_channels = 0;
  int stride = 1;  // 1 or 2

  bool operator==(const BlockConfig&) const = default;
};

// Conv 3x3 1 -> first_channels stride 2, BatchNorm, activation; inverted residuals; global average pool;
// Linear. Channels are multiples of 8.
struct NetworkConfig {
  int classes = 8;
  int first_channels = 16;
  int expansion = 6;  // hidden channels of a block = expansion * its input channels; at least 2
  std::vector<BlockConfig> blocks = {{24, 2}, {24, 1}, {32, 2}, {32, 1}};
  Activation activation = Activation::kRelu6;
  int image_side = 96;  // images are square; not part of the weights

  bool operator==(const NetworkConfig&) const = default;
};

// One trainable array.
struct Parameter {
  std::string name;                 // PyTorch's: "layers.0.conv.0.weight"
  std::vector<std::int64_t> shape;  // PyTorch's: [out, in, kernel_h, kernel_w] for a convolution
  std::vector<float> values;        // row-major
  std::vector<float> gradients;     // of the mean loss over the last batch; same layout
};

// A convolution without bias and the batch normalisation behind it.
struct NormalisedConv {
  Parameter weight;
  Parameter scale;  // BatchNorm's weight, gamma
  Parameter shift;  // BatchNorm's bias, beta
  std::vector<float> running_mean;
  std::vector<float> running_variance;  // unbiased, as PyTorch's
  std::int64_t batches_tracked = 0;

  int channels() const { return static_cast<int>(running_mean.size()); }
};

// MobileNetV2's block: 1x1 expansion, activation, depthwise 3x3, activation, 1x1 projection, and the shortcut
// where input and output have the same shape.
struct InvertedResidual {
  int in_channels = 0;
  int out_channels = 0;
  int stride = 1;
  NormalisedConv expand, depthwise, project;

  int hidden_channels() const { return depthwise.channels(); }
  bool has_shortcut() const { return stride == 1 && in_channels == out_channels; }
};

// A value: copying it keeps a snapshot. Invariant: every array has the size that config() asks for.
class Network {
 public:
  // Weights 0, BatchNorm 1/0, running mean 0 and variance 1; see initialise(). Throws Error for a config that
  // is out of range.
  explicit Network(const NetworkConfig& config);

  const NetworkConfig& config() const { return config_; }

  // Everything trainable, in the order of PyTorch's parameters().
  std::vector<Parameter*> parameters();
  std::vector<const Parameter*> parameters() const;

  // Every convolution with its normalisation, from input to output.
  std::vector<NormalisedConv*> convolutions();
  std::vector<const NormalisedConv*> convolutions() const;

  NormalisedConv first;
  std::vector<InvertedResidual> blocks;
  Parameter classifier_weight, classifier_bias;

 private:
  NetworkConfig config_;
};

// As users write it: "relu6", "relu".
const char* name_of(Activation activation);

// The largest value an activation lets through: 6, or infinity.
float limit_of(Activation activation);

}  // namespace mudra::train
