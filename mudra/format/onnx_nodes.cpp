#include "mudra/format/onnx_nodes.hpp"

#include <algorithm>

#include "mudra/format/operation_counts.hpp"

namespace mudra::format {
namespace {

struct Importer {
  const char* type;
  void (*import)(const Source&);
};
constexpr Importer kImporters[] = {{"Conv", import_conv},
                                   {"BatchNormalization", import_batch_normalization},
                                   {"Clip", import_clip},
                                   {"Relu", import_relu},
                                   {"LeakyRelu", import_activation},
                                   {"PRelu", import_prelu},
                                   {"Elu", import_activation},
                                   {"Sigmoid", import_activation},
                                   {"Tanh", import_activation},
                                   {"HardSigmoid", import_activation},
                                   {"HardSwish", import_activation},
                                   {"Add", import_add},
                                   {"Sub", import_sub},
                                   {"Mul", import_mul},
                                   {"Div", import_div},
                                   {"MaxPool", import_max_pool},
                                   {"GlobalMaxPool", import_global_max_pool},
                                   {"Pad", import_pad},
                                   {"GlobalAveragePool", import_global_average_pool},
                                   {"AveragePool", import_average_pool},
                                   {"ReduceMean", import_reduce_mean},
                                   {"Flatten", import_flatten},
                                   {"Reshape", import_reshape},
                                   {"Gemm", import_gemm},
                                   {"MatMul", import_mat_mul},
                                   {"Squeeze", import_squeeze},
                                   {"Transpose", import_transpose},
                                   {"Dropout", import_dropout},
                                   {"Softmax", leave_out},
                                   {"LogSoftmax", leave_out},
                                   {"ArgMax", leave_out},
                                   {"Identity", import_identity},
                                   {"Constant", import_constant},
                                   {"Shape", import_shape},
                                   {"Gather", import_gather},
                                   {"Unsqueeze", import_unsqueeze},
                                   {"Concat", import_concat}};

// nullptr: unknown.
const Importer* importer_of(const onnx::NodeProto& node) {
  const auto* importer = std::ranges::find(kImporters, node.op_type(), &Importer::type);
  const bool is_standard = node.domain().empty() || node.domain() == "ai.onnx";
  return importer == std::end(kImporters) || !is_standard ? nullptr : importer;
}

}  // namespace

void check_operations(const onnx::GraphProto& source) {
  OperationCounts unknown;
  for (const onnx::NodeProto& node : source.node())
    if (importer_of(node) == nullptr)
      unknown.add(node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type());
  unknown.refuse(kImporters, &Importer::type);
}

void import_node(OnnxImport& import, const onnx::NodeProto& node, const std::string& name) {
  importer_of(node)->import(Source{import, node, name});
}

}  // namespace mudra::format
