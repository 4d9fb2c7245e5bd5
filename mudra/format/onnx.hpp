// ONNX files: networks of this family in, with or without folded normalisations, and out for any runtime.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::format {

// Newer files are read as if they were of the newest opset known here.
inline constexpr int kOldestOnnxOpset = 7, kNewestOnnxOpset = 25;

// What a reader left out or took for granted, one sentence each.
using Notes = std::vector<std::string>;

// The network in an ONNX file of opset 7 and later: Conv (also depthwise), BatchNormalization, Clip, Relu,
// Add, GlobalAveragePool, AveragePool and ReduceMean over the whole map, Flatten, Reshape, Squeeze, Gemm,
// MatMul with a constant, Identity, Dropout, Constant, and the Shape, Gather, Unsqueeze and Concat that
// compute Reshape's shape; a Transpose or Reshape that makes an NHWC input NCHW; a Softmax, LogSoftmax or
// ArgMax at the end, which is left out with a note. Names are the file's; maps become NHWC and the batch
// size 1. Verified. Throws Error for anything else: all unknown operations with their counts, or the nodes
// that are not supported and why.
graph::Graph read_onnx(std::span<const std::uint8_t> bytes, Notes* notes = nullptr);

// The file at `path`, with the constants it keeps in other files of its folder: regular ones, by plain names.
// Errors begin with the path.
graph::Graph load_onnx(const std::filesystem::path& path, Notes* notes = nullptr);

// The bytes of an ONNX file (opset 13) with the names of `graph`, a dynamic batch size, maps as NCHW, the
// metadata of the graph and its class names. `graph` must be float and verified. Equal graphs give equal
// bytes.
std::vector<std::uint8_t> write_onnx(const graph::Graph& graph);

}  // namespace mudra::format
