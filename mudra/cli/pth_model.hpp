// A trained network in a .pth file of ours or of PyTorch's, with what its shapes do not tell.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/train/network.hpp"

namespace mudra::cli {

// How pictures become the network's input; said in every file that has room for it.
inline constexpr std::string_view kPixels = "gray, 96x96, value / 255";

struct PthModel {
  train::Network network;
  std::vector<std::string> class_names;  // in the order of the outputs; empty when the file does not say
};

// Where the file does not say otherwise, the network is the article's (ReLU6). Throws Error with the path in
// front.
PthModel load_pth_model(const std::filesystem::path& path);

// Writes a .pth that load_model and PyTorch read. Throws Error{kIo}.
void save_model(const std::filesystem::path& path, const train::Network& network,
                const std::vector<std::string>& class_names);

}  // namespace mudra::cli
