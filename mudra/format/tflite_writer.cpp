#include <algorithm>

#include <tflite_generated.h>
#include "mudra/format/class_names.hpp"
#include "mudra/format/tflite.hpp"

namespace mudra::format {
namespace {

using flatbuffers::Offset;
using graph::Type;

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kDataAlignment = 16;  // of constants in the file, as the schema asks for

tflite::TensorType code_of(Type type) {
  return type == Type::kFloat32 ? tflite::TensorType::FLOAT32
         : type == Type::kInt8  ? tflite::TensorType::INT8
                                : tflite::TensorType::INT32;
}

tflite::ActivationFunctionType code_of(TfliteActivation activation) {
  return static_cast<tflite::ActivationFunctionType>(activation);
}

tflite::Padding code_of(TflitePadding padding) { return static_cast<tflite::Padding>(padding); }

struct OperatorKind {
  tflite::BuiltinOperator code;
  int version;  // the oldest that knows the operator's types

  bool operator==(const OperatorKind&) const = default;
};

class TfliteWriter {
 public:
  explicit TfliteWriter(const TfliteModel& model) : model_(model) {}

  std::vector<std::uint8_t> write() {
    add_buffer({});  // number 0: of tensors that are computed
    std::vector<Offset<tflite::Tensor>> tensors;
    for (const TfliteTensor& tensor : model_.tensors) tensors.push_back(write_tensor(tensor));
    std::vector<Offset<tflite::Operator>> operators;
    for (const TfliteOperator& written : model_.operators)
      operators.push_back(std::visit(
          [&](const auto& operation) { return write_operator(written, operation); }, written.operation));
    const auto inputs = builder_.CreateVector(std::vector<std::int32_t>{model_.input});
    const auto outputs = builder_.CreateVector(std::vector<std::int32_t>{model_.output});
    const auto tensor_list = builder_.CreateVector(tensors);
    const auto operator_list = builder_.CreateVector(operators);
    const auto name = builder_.CreateString("main");
    const auto subgraph = tflite::CreateSubGraph(builder_, tensor_list, inputs, outputs, operator_list, name);
    std::vector<Offset<tflite::OperatorCode>> codes;
    for (const OperatorKind& kind : kinds_)
      codes.push_back(tflite::CreateOperatorCode(builder_, static_cast<std::int8_t>(kind.code), 0,
                                                 kind.version, kind.code));
    const auto metadata = builder_.CreateVector(write_metadata());
    const auto description = builder_.CreateString(model_.description);
    const auto code_list = builder_.CreateVector(codes);
    const auto subgraphs = builder_.CreateVector(std::vector{subgraph});
    const auto buffers = builder_.CreateVector(buffers_);
    tflite::FinishModelBuffer(builder_, tflite::CreateModel(builder_, kSchemaVersion, code_list, subgraphs,
                                                            description, buffers, metadata));
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

 private:
  std::uint32_t add_buffer(std::span<const std::uint8_t> bytes) {
    Offset<flatbuffers::Vector<std::uint8_t>> data = 0;
    if (!bytes.empty()) {
      builder_.ForceVectorAlignment(bytes.size(), 1, kDataAlignment);
      data = builder_.CreateVector(bytes.data(), bytes.size());
    }
    buffers_.push_back(tflite::CreateBuffer(builder_, data));
    return static_cast<std::uint32_t>(buffers_.size() - 1);
  }

  std::uint32_t add_values(const graph::Values& values) {
    return std::visit(
        [&](const auto& numbers) {
          return add_buffer(
              {reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size() * sizeof(numbers[0])});
        },
        values);
  }

  Offset<tflite::Tensor> write_tensor(const TfliteTensor& tensor) {
    const std::uint32_t buffer = tensor.values ? add_values(*tensor.values) : 0;
    Offset<tflite::QuantizationParameters> quantization = 0;
    if (!tensor.quantization.scales.empty()) {
      const auto scales = builder_.CreateVector(tensor.quantization.scales);
      const auto zero_points = builder_.CreateVector(tensor.quantization.zero_points);
      quantization =
          tflite::CreateQuantizationParameters(builder_, scales, zero_points, tensor.quantization.axis);
    }
    const auto shape = builder_.CreateVector(tensor.shape);
    const auto name = builder_.CreateString(tensor.name);
    return tflite::CreateTensor(builder_, shape, code_of(tensor.type), buffer, name, quantization);
  }

  // An operator of a kind that reads int8 from `int8_version` on.
  template <typename Options>
  Offset<tflite::Operator> add(const TfliteOperator& written, tflite::BuiltinOperator code, int int8_version,
                               Offset<Options> options) {
    const OperatorKind kind{code, model_.is_int8() ? int8_version : 1};
    auto known = std::ranges::find(kinds_, kind);
    if (known == kinds_.end()) known = kinds_.insert(kinds_.end(), kind);
    const auto index = static_cast<std::uint32_t>(known - kinds_.begin());
    const auto inputs = builder_.CreateVector(written.inputs);
    const auto outputs = builder_.CreateVector(std::vector<std::int32_t>{written.output});
    return tflite::CreateOperator(builder_, index, inputs, outputs,
                                  tflite::BuiltinOptionsTraits<Options>::enum_value, options.Union());
  }

  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteConv2d& conv) {
    const TfliteSliding& sliding = conv.sliding;
    return add(written, tflite::BuiltinOperator::CONV_2D, 3,
               tflite::CreateConv2DOptions(builder_, code_of(sliding.padding), sliding.stride_w,
                                           sliding.stride_h, code_of(conv.activation)));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteDepthwiseConv2d& conv) {
    const TfliteSliding& sliding = conv.sliding;
    return add(written, tflite::BuiltinOperator::DEPTHWISE_CONV_2D, 3,
               tflite::CreateDepthwiseConv2DOptions(builder_, code_of(sliding.padding), sliding.stride_w,
                                                    sliding.stride_h, 1, code_of(conv.activation)));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TflitePad&) {
    return add(written, tflite::BuiltinOperator::PAD, 2, tflite::CreatePadOptions(builder_));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteAdd& sum) {
    return add(written, tflite::BuiltinOperator::ADD, 2,
               tflite::CreateAddOptions(builder_, code_of(sum.activation)));
  }
  Offset<tflite::Pool2DOptions> options_of(const TfliteFilter& filter) {
    const TfliteSliding& sliding = filter.sliding;
    return tflite::CreatePool2DOptions(builder_, code_of(sliding.padding), sliding.stride_w, sliding.stride_h,
                                       filter.width, filter.height);
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteAveragePool2d& pool) {
    return add(written, tflite::BuiltinOperator::AVERAGE_POOL_2D, 2, options_of(pool.filter));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteMaxPool2d& pool) {
    return add(written, tflite::BuiltinOperator::MAX_POOL_2D, 2, options_of(pool.filter));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteTranspose&) {
    return add(written, tflite::BuiltinOperator::TRANSPOSE, 2, tflite::CreateTransposeOptions(builder_));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteReshape&) {
    const auto shape = builder_.CreateVector(model_.tensor(written.output).shape);
    return add(written, tflite::BuiltinOperator::RESHAPE, 1, tflite::CreateReshapeOptions(builder_, shape));
  }
  Offset<tflite::Operator> write_operator(const TfliteOperator& written, const TfliteFullyConnected& layer) {
    return add(written, tflite::BuiltinOperator::FULLY_CONNECTED, 4,
               tflite::CreateFullyConnectedOptions(builder_, code_of(layer.activation)));
  }

  std::vector<Offset<tflite::Metadata>> write_metadata() {
    std::vector<Offset<tflite::Metadata>> entries;
    const auto add_entry = [&](const std::string& key, const std::string& text) {
      const std::uint32_t buffer =
          add_buffer({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
      const auto name = builder_.CreateString(key);
      entries.push_back(tflite::CreateMetadata(builder_, name, buffer));
    };
    for (const auto& [key, value] : model_.metadata)
      if (key != kClassesKey) add_entry(key, value);
    if (!model_.class_names.empty()) add_entry(kClassesKey, json_of_class_names(model_.class_names));
    return entries;
  }

  const TfliteModel& model_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<Offset<tflite::Buffer>> buffers_;
  std::vector<OperatorKind> kinds_;
};

}  // namespace

std::vector<std::uint8_t> write_tflite(const TfliteModel& model) { return TfliteWriter(model).write(); }

}  // namespace mudra::format
