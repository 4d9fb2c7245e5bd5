#include <algorithm>
#include <bit>
#include <cstring>

#include <tflite_generated.h>
#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/operation_counts.hpp"
#include "mudra/format/tflite.hpp"

namespace mudra::format {
namespace {

using graph::Type;

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

// Networks of this family have 0.2 MB, 40 tensors and 25 operators.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxTensors = 4096, kMaxOperators = 4096, kMaxInputs = 8, kMaxRank = 6,
                      kMaxText = 1 << 16;
constexpr std::size_t kMaxScales = 1 << 16, kMaxMetadata = 256;
constexpr std::size_t kMaxTables = 50'000;
constexpr std::size_t kMaxConstantBytes = std::size_t{256} << 20;  // when tensors share a buffer

// What the file need not align is copied as bytes.
template <typename T>
std::vector<T> copy_of(const flatbuffers::Vector<T>* list, const char* what, std::size_t most) {
  if (list == nullptr) return {};
  if (list->size() > most) fail("{} of {} entries, more than {}", what, list->size(), most);
  std::vector<T> copy(list->size());
  if (!copy.empty()) std::memcpy(copy.data(), list->Data(), copy.size() * sizeof(T));
  return copy;
}

std::string text_of(const flatbuffers::String* text) {
  if (text == nullptr) return {};
  if (text->size() > kMaxText) fail("a text of {} characters, more than {}", text->size(), kMaxText);
  check_printable(text->str(), "name");
  return text->str();
}

template <typename List>
std::size_t size_of(const List* list, const char* what, std::size_t most) {
  if (list == nullptr) return 0;
  if (list->size() > most) fail("{} {}, more than {}", list->size(), what, most);
  return list->size();
}

template <typename T>
std::vector<T> numbers_in(std::span<const std::uint8_t> bytes) {
  if (bytes.size() % sizeof(T) != 0) fail("{} bytes are no whole number of values", bytes.size());
  std::vector<T> numbers(bytes.size() / sizeof(T));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

TfliteActivation activation_of(tflite::ActivationFunctionType code) {
  if (code < tflite::ActivationFunctionType::NONE || code > tflite::ActivationFunctionType::RELU6)
    fail("activation {} is not supported", static_cast<int>(code));
  return static_cast<TfliteActivation>(code);
}

TflitePadding padding_of(tflite::Padding code) {
  if (code != tflite::Padding::SAME && code != tflite::Padding::VALID)
    fail("padding {} is not supported", static_cast<int>(code));
  return static_cast<TflitePadding>(code);
}

template <typename Options>
TfliteSliding sliding_of(const Options& options) {
  if (options.dilation_h_factor() != 1 || options.dilation_w_factor() != 1)
    fail("dilation {}x{}; only 1 is supported", options.dilation_h_factor(), options.dilation_w_factor());
  return {padding_of(options.padding()), options.stride_h(), options.stride_w()};
}

TfliteFilter filter_of(const tflite::Pool2DOptions& options) {
  if (options.fused_activation_function() != tflite::ActivationFunctionType::NONE)
    fail("an activation behind a pool is not supported");
  return {{padding_of(options.padding()), options.stride_h(), options.stride_w()},
          options.filter_height(),
          options.filter_width()};
}

class TfliteReader {
 public:
  explicit TfliteReader(const tflite::Model& source) : source_(source) {}

  TfliteModel read() {
    if (size_of(source_.subgraphs(), "subgraphs", 1) != 1) fail("it has no subgraph");
    const tflite::SubGraph& subgraph = *source_.subgraphs()->Get(0);
    model_.description = text_of(source_.description());
    const std::size_t tensors = size_of(subgraph.tensors(), "tensors", kMaxTensors);
    for (std::size_t i = 0; i < tensors; ++i) read_tensor(*subgraph.tensors()->Get(static_cast<unsigned>(i)));
    model_.input = only_one(subgraph.inputs(), "inputs");
    model_.output = only_one(subgraph.outputs(), "outputs");
    const std::size_t operators = check_operators(subgraph);
    for (std::size_t i = 0; i < operators; ++i)
      with_context(fmt::format("operator {}", i),
                   [&] { read_operator(*subgraph.operators()->Get(static_cast<unsigned>(i))); });
    read_metadata();
    return std::move(model_);
  }

 private:
  static int only_one(const flatbuffers::Vector<std::int32_t>* list, const char* what) {
    if (list == nullptr || list->size() != 1) fail("{} {}; one is supported", list ? list->size() : 0, what);
    return copy_of(list, what, 1)[0];
  }

  std::span<const std::uint8_t> buffer(std::uint32_t i) {
    if (source_.buffers() == nullptr || i >= source_.buffers()->size()) fail("there is no buffer {}", i);
    const auto* data = source_.buffers()->Get(i)->data();
    if (data == nullptr) return {};
    constant_bytes_ += data->size();
    if (constant_bytes_ > kMaxConstantBytes) fail("constants of more than {} MB", kMaxConstantBytes >> 20);
    return {data->Data(), data->size()};
  }

  void read_tensor(const tflite::Tensor& source) {
    TfliteTensor tensor{.name = text_of(source.name()),
                        .shape = copy_of(source.shape(), "a shape", kMaxRank),
                        .type = Type::kFloat32,
                        .quantization = {},
                        .values = {}};
    with_context(fmt::format("tensor '{}'", tensor.name), [&] {
      const std::span<const std::uint8_t> bytes = buffer(source.buffer());
      switch (source.type()) {
        case tflite::TensorType::FLOAT32:
          if (!bytes.empty()) tensor.values = numbers_in<float>(bytes);
          break;
        case tflite::TensorType::INT8:
          tensor.type = Type::kInt8;
          if (!bytes.empty()) tensor.values = numbers_in<std::int8_t>(bytes);
          break;
        case tflite::TensorType::INT32:
          tensor.type = Type::kInt32;
          if (!bytes.empty()) tensor.values = numbers_in<std::int32_t>(bytes);
          break;
        default:
          fail("type {}; supported are float32, int8 and int32", static_cast<int>(source.type()));
      }
      if (const auto* quantization = source.quantization())
        tensor.quantization = {copy_of(quantization->scale(), "scales", kMaxScales),
                               copy_of(quantization->zero_point(), "zero points", kMaxScales),
                               quantization->quantized_dimension()};
    });
    model_.tensors.push_back(std::move(tensor));
  }

  tflite::BuiltinOperator code_of(const tflite::Operator& source) const {
    const auto* codes = source_.operator_codes();
    if (codes == nullptr || source.opcode_index() >= codes->size())
      fail("there is no operator code {}", source.opcode_index());
    const tflite::OperatorCode& code = *codes->Get(source.opcode_index());
    // Files older than 2020 have the one-byte code only.
    return std::max(code.builtin_code(),
                    static_cast<tflite::BuiltinOperator>(code.deprecated_builtin_code()));
  }

  // Options that are absent have their defaults.
  template <typename Options>
  static const Options& options_of(const tflite::Operator& source) {
    const auto* options = source.builtin_options_as<Options>();
    if (options == nullptr) fail("its options are missing");
    return *options;
  }

  // How many operators are to be read: a softmax at the end is none. Throws Error for unknown ones.
  std::size_t check_operators(const tflite::SubGraph& subgraph) {
    using tflite::BuiltinOperator;
    static constexpr BuiltinOperator kKnown[] = {
        BuiltinOperator::CONV_2D,   BuiltinOperator::DEPTHWISE_CONV_2D, BuiltinOperator::PAD,
        BuiltinOperator::ADD,       BuiltinOperator::AVERAGE_POOL_2D,   BuiltinOperator::MAX_POOL_2D,
        BuiltinOperator::TRANSPOSE, BuiltinOperator::RESHAPE,           BuiltinOperator::FULLY_CONNECTED,
    };
    std::size_t operators = size_of(subgraph.operators(), "operators", kMaxOperators);
    const auto at = [&](std::size_t i) -> const tflite::Operator& {
      return *subgraph.operators()->Get(static_cast<unsigned>(i));
    };
    if (operators > 0 && is_softmax_of_output(at(operators - 1))) {
      --operators;
      const tflite::Operator& softmax = at(operators);
      model_.output = only_one(softmax.inputs(), "inputs");
      model_.notes.push_back(fmt::format("{} at the end is left out: the scores are those before it",
                                         name_of(code_of(softmax))));
    }
    OperationCounts unknown;
    for (std::size_t i = 0; i < operators; ++i)
      if (std::ranges::find(kKnown, code_of(at(i))) == std::end(kKnown)) unknown.add(name_of(code_of(at(i))));
    unknown.refuse(kKnown, name_of);
    return operators;
  }

  bool is_softmax_of_output(const tflite::Operator& source) const {
    const tflite::BuiltinOperator code = code_of(source);
    return (code == tflite::BuiltinOperator::SOFTMAX || code == tflite::BuiltinOperator::LOG_SOFTMAX) &&
           only_one(source.outputs(), "outputs") == model_.output;
  }

  static std::string name_of(tflite::BuiltinOperator code) {
    const std::string name = tflite::EnumNameBuiltinOperator(code);
    return name.empty() ? fmt::format("code {}", static_cast<int>(code)) : name;
  }

  void read_operator(const tflite::Operator& source) {
    TfliteOperator read{.operation = operation_of(source),
                        .inputs = copy_of(source.inputs(), "inputs", kMaxInputs),
                        .output = only_one(source.outputs(), "outputs")};
    model_.operators.push_back(std::move(read));
  }

  TfliteOperation operation_of(const tflite::Operator& source) const {
    using tflite::BuiltinOperator;
    switch (code_of(source)) {
      case BuiltinOperator::CONV_2D: {
        const auto& options = options_of<tflite::Conv2DOptions>(source);
        return TfliteConv2d{sliding_of(options), activation_of(options.fused_activation_function())};
      }
      case BuiltinOperator::DEPTHWISE_CONV_2D: {
        const auto& options = options_of<tflite::DepthwiseConv2DOptions>(source);
        if (options.depth_multiplier() > 1)
          fail("depth multiplier {}; only 1 is supported", options.depth_multiplier());
        return TfliteDepthwiseConv2d{sliding_of(options), activation_of(options.fused_activation_function())};
      }
      case BuiltinOperator::PAD:
        return TflitePad{};
      case BuiltinOperator::ADD:
        return TfliteAdd{activation_of(options_of<tflite::AddOptions>(source).fused_activation_function())};
      case BuiltinOperator::AVERAGE_POOL_2D:
        return TfliteAveragePool2d{filter_of(options_of<tflite::Pool2DOptions>(source))};
      case BuiltinOperator::MAX_POOL_2D:
        return TfliteMaxPool2d{filter_of(options_of<tflite::Pool2DOptions>(source))};
      case BuiltinOperator::TRANSPOSE:
        return TfliteTranspose{};
      case BuiltinOperator::RESHAPE:
        return TfliteReshape{};
      case BuiltinOperator::FULLY_CONNECTED: {
        const auto& options = options_of<tflite::FullyConnectedOptions>(source);
        if (options.weights_format() != 0 || options.keep_num_dims())
          fail("shuffled weights or kept dimensions");
        return TfliteFullyConnected{activation_of(options.fused_activation_function())};
      }
      default:  // check_operators knows no other
        fail("{} is not supported", name_of(code_of(source)));
    }
  }

  void read_metadata() {
    const std::size_t count = size_of(source_.metadata(), "metadata entries", kMaxMetadata);
    for (std::size_t i = 0; i < count; ++i) {
      const tflite::Metadata& entry = *source_.metadata()->Get(static_cast<unsigned>(i));
      const auto bytes = buffer(entry.buffer());
      const std::string key = text_of(entry.name()), text(bytes.begin(), bytes.end());
      if (key == kClassesKey) model_.class_names = class_names_in(text, output_count());
      if (key != kClassesKey || model_.class_names.empty()) model_.metadata[key] = text;
    }
  }
  std::int64_t output_count() const {
    const auto i = static_cast<std::size_t>(model_.output);
    return i < model_.tensors.size() && !model_.tensors[i].shape.empty() ? model_.tensors[i].shape.back() : 0;
  }

  const tflite::Model& source_;
  TfliteModel model_;
  std::size_t constant_bytes_ = 0;
};

}  // namespace

TfliteModel read_tflite(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kSmallest = 8;  // root offset and identifier
  if (bytes.size() < kSmallest || !tflite::ModelBufferHasIdentifier(bytes.data()))
    fail("not a TensorFlow Lite file");
  if (bytes.size() > kMaxBytes) fail("more than {} MB", kMaxBytes >> 20);
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 32, kMaxTables);
  if (!tflite::VerifyModelBuffer(verifier)) fail("a damaged TensorFlow Lite file");
  TfliteModel model = TfliteReader(*tflite::GetModel(bytes.data())).read();
  verify(model);
  return model;
}

TfliteModel load_tflite(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  return with_context(path.string(), [&] { return read_tflite(bytes); });
}

}  // namespace mudra::format
