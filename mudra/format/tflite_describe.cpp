#include <fmt/ranges.h>

#include "mudra/base/printable.hpp"
#include "mudra/format/tflite.hpp"

namespace mudra::format {
namespace {

// "int8 [1, 48, 48, 16] * 0.0235 from -128"; weights have one scale per channel.
std::string form_of(const TfliteTensor& tensor) {
  std::string text = fmt::format("{} [{}]", graph::name_of(tensor.type), fmt::join(tensor.shape, ", "));
  const TfliteQuantization& quantization = tensor.quantization;
  if (quantization.scales.size() == 1)
    text += fmt::format(" * {:.6g} from {}", quantization.scales[0], quantization.zero_points[0]);
  else if (!quantization.scales.empty())
    text += fmt::format(" * {} scales along axis {}", quantization.scales.size(), quantization.axis);
  return text;
}

const char* name_of(TfliteActivation activation) {
  constexpr const char* kNames[] = {"", "RELU", "RELU_N1_TO_1", "RELU6"};
  return kNames[static_cast<std::size_t>(activation)];
}

std::string details(const TfliteSliding& sliding, TfliteActivation activation) {
  return fmt::format("stride {}x{} {} {}", sliding.stride_h, sliding.stride_w,
                     sliding.padding == TflitePadding::kSame ? "SAME" : "VALID", name_of(activation));
}
std::string details(const TfliteConv2d& conv) { return details(conv.sliding, conv.activation); }
std::string details(const TfliteDepthwiseConv2d& conv) { return details(conv.sliding, conv.activation); }
std::string details(const TfliteAdd& sum) { return name_of(sum.activation); }
std::string details(const TfliteFullyConnected& layer) { return name_of(layer.activation); }
std::string details(const TfliteFilter& filter) {
  return fmt::format("{}x{} {}", filter.height, filter.width,
                     details(filter.sliding, TfliteActivation::kNone));
}
std::string details(const TfliteAveragePool2d& pool) { return details(pool.filter); }
std::string details(const TfliteMaxPool2d& pool) { return details(pool.filter); }
template <typename Operation>
std::string details(const Operation&) {
  return "";
}

}  // namespace

std::string describe(const TfliteModel& model) {
  std::string text = fmt::format("{}: {} -> {}\n", model.description, form_of(model.tensor(model.input)),
                                 form_of(model.tensor(model.output)));
  if (!model.class_names.empty()) text += fmt::format("classes: {}\n", fmt::join(model.class_names, ", "));
  for (const auto& [key, value] : model.metadata) text += printable(fmt::format("{}: {}", key, value)) + "\n";
  for (const TfliteOperator& described : model.operators) {
    const std::string more = std::visit([](const auto& o) { return details(o); }, described.operation);
    text += fmt::format("\n{} {}\n", name_of(described.operation), more);
    for (const int i : described.inputs) {
      const TfliteTensor& tensor = model.tensor(i);
      text += fmt::format("    {} {}  {}\n", tensor.values ? "with" : "from", tensor.name, form_of(tensor));
    }
    const TfliteTensor& output = model.tensor(described.output);
    text += fmt::format("    to   {}  {}\n", output.name, form_of(output));
  }
  return text;
}

}  // namespace mudra::format
