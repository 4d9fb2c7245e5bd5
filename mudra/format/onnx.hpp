// ONNX files: networks of this family in, with or without folded normalisations, and out for any runtime.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::format {

inline constexpr int kOldestOnnxOpset = 7, kNewestOnnxOpset = 21;

// The network in an ONNX file of opset 7 to 21: Conv (also depthwise), BatchNormalization, Clip, Relu, Add,
// GlobalAveragePool, AveragePool and ReduceMean over the whole map, Flatten, Reshape, Gemm, MatMul with a
// constant, Identity, Constant, and the Shape, Gather, Unsqueeze and Concat that compute Reshape's shape.
// Names are the file's; maps become NHWC and the batch size 1. Verified. Throws Error for anything else,
// naming the node and what is supported.
graph::Graph read_onnx(std::span<const std::uint8_t> bytes);

// The file at `path`; errors begin with it.
graph::Graph load_onnx(const std::filesystem::path& path);

// The bytes of an ONNX file (opset 13) with the names of `graph`, a dynamic batch size, maps as NCHW, the
// metadata of the graph and its class names. `graph` must be float and verified. Equal graphs give equal
// bytes.
std::vector<std::uint8_t> write_onnx(const graph::Graph& graph);

}  // namespace mudra::format
