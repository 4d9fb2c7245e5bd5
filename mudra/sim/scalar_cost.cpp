#include "mudra/sim/scalar_cost.hpp"

#include "mudra/device/s3/kernels.hpp"

namespace mudra::sim {
namespace {

using device::Operation, device::Width, device::s3::Form;
using Kind = Operation::Kind;

constexpr NamedCost kDense8{"dense, 8 bits", {.product = 7.5}}, kDense16{"dense, 16 bits", {.product = 15}},
    kSaturatingDense8{"saturating dense, 8 bits", {.product = 25}},
    kSaturatingDense16{"saturating dense, 16 bits", {.product = 30}},
    kDepthwise8{"depthwise, 8 bits", {.product = 14}}, kDepthwise16{"depthwise, 16 bits", {.product = 20}},
    kSaturatingDepthwise8{"saturating depthwise, 8 bits", {.product = 25}},
    kSaturatingDepthwise16{"saturating depthwise, 16 bits", {.product = 30}},
    kMaxPool{"max pool", {.product = 10}}, kAveragePool{"average pool", {.product = 10}},
    kClamp{"clamp", {.element = 10}}, kConvert{"convert", {.element = 10}}, kAdd{"add", {.element = 10}},
    kMultiply{"multiply", {.element = 10}}, kTable{"table", {.element = 10}},
    kActivation{"activation in float", {.element = 10}}, kPRelu{"prelu", {.element = 10}},
    kTurn{"turn", {.element = 10}}, kCopy{"copy", {.element = 10}}, kJoin{"join", {.element = 10}};

constexpr NamedCost kFirst{"call of first", {.tile = 60}}, kExpand{"call of expand", {.tile = 60}},
    kPointwise{"call of pointwise", {.tile = 60}}, kDepthwise3{"call of depthwise 3x3", {.tile = 60}},
    kAnyConvolution{"call of convolution", {.tile = 60}}, kAnyDepthwise{"call of depthwise", {.tile = 60}},
    kVectorAdd{"call of add", {.tile = 60}}, kVectorClamp{"call of clamp", {.tile = 60}},
    kAverage{"call of average", {.tile = 60}};

constexpr NamedCost kEngine{"engine", {.tile = 60}};

const NamedCost& convolution_cost(const Operation& operation) {
  const bool wide = operation.in == Width::kInt16;
  if (operation.convolution.depthwise)
    return operation.convolution.saturates ? (wide ? kSaturatingDepthwise16 : kSaturatingDepthwise8)
           : wide                          ? kDepthwise16
                                           : kDepthwise8;
  return operation.convolution.saturates ? (wide ? kSaturatingDense16 : kSaturatingDense8)
         : wide                          ? kDense16
                                         : kDense8;
}

}  // namespace

const NamedCost& portable_cost(const Operation& operation) {
  switch (operation.kind) {
    case Kind::kConvolution:
      return convolution_cost(operation);
    case Kind::kMaxPool:
      return kMaxPool;
    case Kind::kAveragePool:
      return kAveragePool;
    case Kind::kClamp:
      return kClamp;
    case Kind::kConvert:
      return kConvert;
    case Kind::kAdd:
      return kAdd;
    case Kind::kMultiply:
      return kMultiply;
    case Kind::kTable:
      return kTable;
    case Kind::kActivation:
      return kActivation;
    case Kind::kPRelu:
      return kPRelu;
    case Kind::kTurn:
      return kTurn;
    case Kind::kCopy:
      return kCopy;
    case Kind::kJoin:
      break;
  }
  return kJoin;
}

const NamedCost& calling_cost(const Operation& operation) {
  switch (device::s3::form_of(operation)) {
    case Form::kPortable:
      break;
    case Form::kFirst:
      return kFirst;
    case Form::kExpand:
      return kExpand;
    case Form::kPointwise:
      return kPointwise;
    case Form::kDepthwise3:
      return kDepthwise3;
    case Form::kConvolution:
      return kAnyConvolution;
    case Form::kDepthwise:
      return kAnyDepthwise;
    case Form::kAdd:
      return kVectorAdd;
    case Form::kClamp:
      return kVectorClamp;
    case Form::kAverage:
      return kAverage;
  }
  return portable_cost(operation);
}

const NamedCost& engine_cost() { return kEngine; }

}  // namespace mudra::sim
