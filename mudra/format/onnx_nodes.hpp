// How each supported ONNX operation becomes nodes of a graph; the table of them is onnx_nodes.cpp's.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mudra/format/onnx_import.hpp"

namespace mudra::format {

using Integers = std::vector<std::int64_t>;

// A node of the file, its name in the graph, and the graph it goes to.
struct Source {
  OnnxImport& to;
  const onnx::NodeProto& node;
  const std::string& name;
  OnnxAttributes attributes{node};

  graph::TensorIndex activation(int i) const { return to.activation(node, i); }
  const OnnxConstant& constant(int i) const { return to.constant(node, i); }
  bool has_input(int i) const { return OnnxImport::has_input(node, i); }
  void add(graph::Operation operation, std::vector<graph::TensorIndex> inputs) const {
    to.add(node, name, std::move(operation), std::move(inputs));
  }
};

// Windows that slide over a map.
void import_conv(const Source& source);
void import_max_pool(const Source& source);
void import_average_pool(const Source& source);
void import_global_average_pool(const Source& source);
void import_global_max_pool(const Source& source);
void import_reduce_mean(const Source& source);
void import_pad(const Source& source);

// Values that keep their places, and features.
void import_batch_normalization(const Source& source);
void import_clip(const Source& source);
void import_relu(const Source& source);
void import_activation(const Source& source);
void import_prelu(const Source& source);
void import_add(const Source& source);
void import_sub(const Source& source);
void import_mul(const Source& source);
void import_div(const Source& source);
void import_gemm(const Source& source);
void import_mat_mul(const Source& source);

// What moves values, joins them or does nothing.
void import_flatten(const Source& source);
void import_reshape(const Source& source);
void import_squeeze(const Source& source);
void import_transpose(const Source& source);
void import_concat(const Source& source);
void import_identity(const Source& source);
void import_dropout(const Source& source);
void leave_out(const Source& source);

// What computes the integers of a Reshape's shape.
void import_constant(const Source& source);
void import_shape(const Source& source);
void import_gather(const Source& source);
void import_unsqueeze(const Source& source);

// The axes of a map, sorted: an attribute before opset `since`, an input from then on.
Integers axes_of(const Source& source, int since);
// Throws Error for others than 2 and 3.
void check_rows_and_columns(const Integers& axes);

}  // namespace mudra::format
