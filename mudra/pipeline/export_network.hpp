// A float network in the formats of other programs, each file read back and compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mudra::pipeline {

struct ExportSettings {
  std::string model, out;                             // out: a folder
  std::vector<std::string> sets = {"synthetic:512"};  // to calibrate the int8 file with, and to compare on
  std::string classes{};                              // "A,B,...", for a network that does not name them
  std::string normalize{};  // none, imagenet or "MEAN/STD", for a network that does not state it
  bool keep_going = false;  // an int8 .tflite that names other classes than the network is no failure
};

// A file's outputs beside the network's.
struct Comparison {
  float largest_difference = 0;  // of two logits
  float largest_logit = 0;
  double agreement = 0;  // share of pictures with the same best class
};

struct Exported {
  std::filesystem::path file;
  const char* format;  // "ONNX"
  std::uint64_t bytes;
  Comparison comparison;
};

// What was not kept, and why.
struct LeftOut {
  std::filesystem::path file;
  const char* format;
  std::string reason;
};

struct Exports {
  std::vector<Exported> files;
  std::vector<LeftOut> left_out;
  std::string set;           // compared on
  std::size_t pictures = 0;  // of it
};

// Writes model.pth (of LightGestureNet), .onnx, .tflite and model_int8.tflite: a file is there only when it
// was read back and gives what the network gives. Throws Error unless they do; the int8 .tflite, which no
// chip needs, is then left out.
Exports export_network(const ExportSettings& settings);

}  // namespace mudra::pipeline
