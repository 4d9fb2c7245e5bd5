// What a training was asked for: the options of `mudra train`, kept in RUN/config.json so that it can be
// resumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mudra/train/loop.hpp"

namespace mudra::pipeline {

struct TrainOptions {
  std::vector<std::string> data;  // SETs; "synthetic[:N]" is N freshly rendered hands an epoch
  std::string split;              // given, subject, loso or random; empty until the sets are read
  std::string shares = "80/10/10";
  std::string augment = "mild";
  std::string network = "light-gesture-net";    // a name of graph::built_in_networks(), or an .onnx
  std::string from;                             // a MODEL whose weights training starts from; "": none
  std::string activation = "relu6";             // as channels and expansion: of light-gesture-net
  std::string channels = "16,24/2,24,32/2,32";  // first convolution, then blocks; /2: stride 2
  int expansion = 6;
  bool without_rendered = false;  // goes on `from` without rendered hands of its own accord
  int epochs = 0;                 // as patience, batch and learning_rate: 0 until choose_by_size
  int batch = 0;
  double learning_rate = 0;
  std::string normalize;  // none, imagenet or MEAN/STD; "": as the network's file states, else none
  int average = 3;
  int patience = 0;
  std::uint64_t seed = 1;
};

// The names of graph::built_in_networks(): "light-gesture-net, lenet, ...".
std::string network_names();

// Chooses what was not given of epochs, batch, patience and learning rate: 12, 32, 5 and 3e-3, but for few
// examples (an epoch's) smaller batches and so many epochs that there are 300 steps, and patience for 125 of
// them. With `from`: 2e-3, and so many epochs, 3 at least, that there are 600 steps, all of which are taken.
void choose_by_size(TrainOptions& options, std::size_t examples);

nlohmann::ordered_json to_json(const TrainOptions& options);
// Throws Error for a document that is not what to_json gives.
TrainOptions options_from_json(const nlohmann::ordered_json& json);

// With `from`: an epoch has so many pictures at least, and twice as many rendered hands where they are mixed
// in.
inline constexpr std::size_t kFewPictures = 640;

// The class names of `from`; empty when there is none or its file does not say.
std::vector<std::string> known_classes(const TrainOptions& options);

// The training these options describe, for these classes and pictures. Throws Error for what is not a
// network, or none for them, or cannot be trained.
train::TrainingConfig training_config(const TrainOptions& options, const std::vector<std::string>& classes,
                                      const data::PictureShape& pictures);

// What pictures the network takes; nothing where it is made for whatever they are.
std::optional<data::PictureShape> wanted_pictures(const TrainOptions& options);

// The file that the network comes from, which must not change until a training is resumed; empty: none.
std::string network_file(const TrainOptions& options);

}  // namespace mudra::pipeline
