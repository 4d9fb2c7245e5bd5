// A MODEL of the command line: the network in a .pth, .onnx or .tflite file or in a RUN folder, with the
// names of its classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mudra/cli/pth_model.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/graph.hpp"
#include "mudra/report/predictor.hpp"

namespace mudra::cli {

enum class ClassNames { kStored, kAssumed };

struct Model {
  std::string format;  // "pth", "onnx", "tflite"
  std::variant<graph::Graph, format::TfliteModel>
      network;                            // a float graph with folded normalisations, or int8
  std::optional<train::Network> trained;  // of a .pth: as it was trained
  std::vector<std::string> class_names;   // in the order of the outputs
  ClassNames names_are = ClassNames::kStored;
  std::uint64_t bytes = 0;  // of the file
};

// `path`: a file of one of these formats, told by its extension (.pth where it has another one), or a RUN
// folder with a model.pth. Classes without stored names are the eight gestures, or "class 0", "class 1", ...
// when there is another number of them. Throws Error with the path in front, for networks of other pictures
// than 96x96 gray too.
Model load_model(const std::filesystem::path& path);

// Judges with the weights as they are now.
report::Predictor predictor_of(const Model& model);

// A MODEL ready to judge pictures.
struct LoadedPredictor {
  report::Predictor predictor;
  ClassNames names_are = ClassNames::kStored;
};

// As load_model, and of an .espdl file.
LoadedPredictor load_predictor(const std::filesystem::path& path);

// The eight gestures, or "class 0", "class 1", ...
std::vector<std::string> assumed_class_names(int classes);

// Prints a line on stderr when the names of the classes are assumed.
void tell_assumed_names(const LoadedPredictor& model, const std::filesystem::path& path);

}  // namespace mudra::cli
