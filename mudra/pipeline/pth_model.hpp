// A trained network in a .pth file of ours or of PyTorch's, with what its shapes do not tell.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/graph/graph.hpp"
#include "mudra/graph/pixel_values.hpp"

namespace mudra::pipeline {

// How pictures become the network's input, "gray, 96x96, value / 255" or "RGB, 128x96, (value / 255 - mean) /
// deviation", whose numbers stand beside it as "normalization"; said in every file that has room for it.
std::string preprocessing_of(const data::PictureShape& shape, const device::Normalization& normalization);

// States in the metadata of `network`, which takes these pictures, how they become its input, and the
// version.
void state_preprocessing(graph::Graph& network, const data::PictureShape& shape);

// How a model's metadata states that these pictures become its input, with "normalization" or, of value /
// 255, in "preprocessing" alone; nothing: it does not. Throws Error for what is none, or not of these
// pictures.
std::optional<device::Normalization> stated_normalization(const std::map<std::string, std::string>& metadata,
                                                          const data::PictureShape& shape);

struct PthModel {
  graph::Graph network;                  // LightGestureNet as it was trained, its normalisations apart
  std::vector<std::string> class_names;  // in the order of the outputs; empty when the file does not say
};

// Where the file does not say otherwise, the network is the article's (ReLU6). Throws Error with the path in
// front.
PthModel load_pth_model(const std::filesystem::path& path);

// Whether it is LightGestureNet as light_gesture_net() builds it, which a .pth alone can hold.
bool is_light_gesture_net(const graph::Graph& network);

// Writes a trained network to a RUN folder: LightGestureNet as model.pth, any other as model.onnx, its
// normalisations apart, with its constants by name in weights.pth. Returns the model's file. Throws
// Error{kIo}.
std::filesystem::path save_trained(const std::filesystem::path& folder, const graph::Graph& network,
                                   const std::vector<std::string>& class_names);

// Writes a .pth of LightGestureNet that load_model and PyTorch read. Throws Error{kIo}.
void save_model(const std::filesystem::path& path, const graph::Graph& network,
                const std::vector<std::string>& class_names);

}  // namespace mudra::pipeline
