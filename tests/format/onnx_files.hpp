// ONNX files written as text, for the tests of the reader.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mudra::format {

inline std::vector<std::uint8_t> bytes_of(const onnx::ModelProto& model) {
  std::vector<std::uint8_t> bytes(model.ByteSizeLong());
  model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

// A network whose input "x" is [batch, channels, 4, 6] and whose output is "y"; `nodes` is protobuf's text of
// the nodes. More is added to what graph() gives.
class OnnxText {
 public:
  OnnxText(int opset, int channels, const std::string& nodes) {
    model_.set_ir_version(7);
    model_.add_opset_import()->set_version(opset);
    const std::string text =
        "name: 'small' output { name: 'y' } input { name: 'x' type { tensor_type { elem_type: 1 shape { "
        "dim { dim_param: 'n' } dim { dim_value: " +
        std::to_string(channels) + " } dim { dim_value: 4 } dim { dim_value: 6 } } } } }" + nodes;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, model_.mutable_graph())) << text;
  }

  OnnxText& floats(const std::string& name, const std::vector<int>& dims, const std::vector<float>& values) {
    onnx::TensorProto& tensor = add(name, dims, onnx::TensorProto::FLOAT);
    for (const float value : values) tensor.add_float_data(value);
    return *this;
  }
  OnnxText& integers(const std::string& name, const std::vector<int>& dims, const std::vector<int>& values) {
    onnx::TensorProto& tensor = add(name, dims, onnx::TensorProto::INT64);
    for (const int value : values) tensor.add_int64_data(value);
    return *this;
  }

  onnx::ModelProto& model() { return model_; }
  onnx::GraphProto& graph() { return *model_.mutable_graph(); }
  std::vector<std::uint8_t> bytes() const { return bytes_of(model_); }

 private:
  onnx::TensorProto& add(const std::string& name, const std::vector<int>& dims, int type) {
    onnx::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const int size : dims) tensor.add_dims(size);
    return tensor;
  }

  onnx::ModelProto model_;
};

}  // namespace mudra::format
