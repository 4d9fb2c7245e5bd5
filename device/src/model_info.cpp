#include "mudra/device/model_info.hpp"

namespace mudra::device {
namespace {

// NHWC with a batch of one, or [1, channels].
Status read_tensor(const TensorView& tensor, TensorInfo& info) {
  if (!tensor) return Status::kNoGraph;
  if (tensor.type != DataType::kInt8 && tensor.type != DataType::kInt16) return Status::kBadType;
  const Dimensions& shape = tensor.dimensions;
  if ((shape.rank != 4 && shape.rank != 2) || shape.size[0] != 1) return Status::kBadShape;
  for (int i = 1; i < shape.rank; ++i)
    if (shape.size[i] < 1 || shape.size[i] > kMaxSide) return Status::kBadShape;
  const bool picture = shape.rank == 4;
  info = {.height = picture ? static_cast<int>(shape.size[1]) : 1,
          .width = picture ? static_cast<int>(shape.size[2]) : 1,
          .channels = static_cast<int>(shape.size[shape.rank - 1]),
          .type = tensor.type == DataType::kInt8 ? Width::kInt8 : Width::kInt16,
          .exponent = tensor.exponent};
  const std::int64_t elements = std::int64_t{info.height} * info.width * info.channels;
  return elements <= kMaxElements ? Status::kOk : Status::kBadShape;
}

}  // namespace

bool read_input_rule(std::string_view name, std::string_view normalization, InputRule& rule) {
  rule = name == "published" ? InputRule::kPublished : InputRule::kRounded;
  if (!normalization.empty() && !read_normalization(normalization, rule.normalization)) return false;
  return name.empty() || name == "rounded" || name == "published";
}

Status read_model_info(ModelView& view, ModelInfo& info) {
  Status status = read_tensor(view.activation(view.input_name()), info.input);
  if (status == Status::kOk) status = read_tensor(view.activation(view.output_name()), info.output);
  if (status != Status::kOk) return view.status() == Status::kOk ? status : view.status();
  if (info.output.height != 1 || info.output.width != 1) return Status::kBadShape;
  if (info.output.channels > kMaxClasses) return Status::kTooManyClasses;
  if (info.input.exponent < kMinInputExponent || info.input.exponent > kMaxInputExponent)
    return Status::kBadExponent;
  if (!read_input_rule(view.metadata(kInputRuleKey), view.metadata(kNormalizationKey), info.rule) ||
      !info.rule.normalization.suits(info.input.channels) ||
      !read_smoothing_rule(view.metadata(kDecisionPicturesKey), view.metadata(kDecisionEnterKey),
                           view.metadata(kDecisionLeaveKey), info.decision))
    return Status::kBadAttribute;
  info.tests = view.test_count();
  info.named = info.classes.read(view.metadata(kClassNamesKey), info.output.channels);
  return view.status();
}

Status prepare(std::span<const std::uint8_t> pixels, const TensorInfo& input, const InputRule& rule,
               std::span<std::byte> out) {
  if (pixels.size() != shape_of(input).bytes() || out.size() != pixels.size() * bytes_of(input.type))
    return Status::kBadSize;
  if (!rule.normalization.suits(input.channels)) return Status::kBadAttribute;
  if (input.type == Width::kInt8)
    return to_model_input(pixels, input.exponent, rule,
                          std::span(reinterpret_cast<std::int8_t*>(out.data()), pixels.size()));
  return to_model_input(pixels, input.exponent, rule,
                        std::span(reinterpret_cast<std::int16_t*>(out.data()), pixels.size()));
}

}  // namespace mudra::device
