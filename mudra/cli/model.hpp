// A MODEL of the command line: the network in a .pth file or in a RUN folder, with the names of its classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mudra/report/predictor.hpp"
#include "mudra/train/network.hpp"

namespace mudra::cli {

enum class ClassNames { kStored, kAssumed };

struct Model {
  train::Network network;
  std::vector<std::string> class_names;  // in the order of the outputs
  ClassNames names_are = ClassNames::kStored;
  std::uint64_t bytes = 0;  // of the file
};

// `path`: a .pth file, or a RUN folder with a model.pth. Where the file does not say otherwise, the network
// is the article's (ReLU6) and its classes are the eight gestures, or "class 0", "class 1", ... when it has
// another number of them. Throws Error with the path in front.
Model load_model(const std::filesystem::path& path);

// Prints a line on stderr when the names of the classes are assumed.
void tell_assumed_names(const Model& model, const std::filesystem::path& path);

// Judges with the weights as they are now.
report::Predictor predictor_of(const Model& model);

// Writes a .pth that load_model and PyTorch read. Throws Error{kIo}.
void save_model(const std::filesystem::path& path, const train::Network& network,
                const std::vector<std::string>& class_names);

}  // namespace mudra::cli
