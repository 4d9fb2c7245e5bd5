#include "mudra/sim/scalar_cost.hpp"

#include "mudra/device/s3/kernels.hpp"

namespace mudra::sim {
namespace {

using device::Operation, device::Width, device::s3::Form;
using Kind = Operation::Kind;

// From bench/profile_figures.sh.
constexpr NamedCost kDense8{"dense, 8 bits", {.product = 7.2, .element = 32, .pixel = 234}},
    kDense16{"dense, 16 bits", {.product = 10.4, .element = 141, .pixel = 85}},
    kDepthwise8{"depthwise, 8 bits", {.product = 7.4, .element = 53, .pixel = 57}},
    kDepthwise16{"depthwise, 16 bits", {.product = 13.7, .element = 54, .pixel = 311}},
    // Counted for dense ones of 8 bits; the others saturate in the same way.
    kSaturating{"saturating dense, 8 bits", {.product = 12.5, .element = 820, .pixel = 6000}},
    kMaxPool{"max pool", {.product = 35, .tile = 226}},
    kAveragePool{"average pool", {.product = 46, .element = 116, .tile = 501}},
    kClamp{"clamp", {.element = 10.6, .tile = 54}}, kConvert{"convert", {.element = 22, .tile = 57}},
    kAdd{"add", {.element = 26, .tile = 51}}, kMultiply{"multiply", {.element = 88, .tile = 70}},
    kTable{"table", {.element = 9, .tile = 41}},
    kActivation{"activation in float", {.element = 415, .tile = 35000}},
    kPRelu{"prelu", {.element = 21, .tile = 180}}, kTurn{"turn", {.element = 6, .tile = 45}},
    kCopy{"copy", {.element = 0.3, .tile = 30}}, kJoin{"join", {}};

constexpr NamedCost kFirst{"call of first", {.tile = 38, .routine = 38}},
    kExpand{"call of expand", {.tile = 49}}, kPointwise{"call of pointwise", {.tile = 53}},
    kDepthwise3{"call of depthwise 3x3", {.tile = 79}},
    kAnyConvolution{"call of convolution", {.pixel = 21, .routine = 353}},
    kAnyDepthwise{"call of depthwise", {.pixel = 11, .routine = 747}},
    kVectorAdd{"call of add", {.tile = 47}}, kVectorClamp{"call of clamp", {.tile = 44}},
    kVectorConvert{"call of convert", {.tile = 46}},
    kAverage{"call of average", {.element = 181, .tile = 53}};

constexpr NamedCost kEngine{"engine", {.row = 48, .tile = 35}};

const NamedCost& convolution_cost(const Operation& operation) {
  const bool wide = operation.in == Width::kInt16;
  if (operation.convolution.saturates) return kSaturating;
  if (operation.convolution.depthwise) return wide ? kDepthwise16 : kDepthwise8;
  return wide ? kDense16 : kDense8;
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
    case Form::kConvert:
      return kVectorConvert;
    case Form::kAverage:
      return kAverage;
  }
  return portable_cost(operation);
}

const NamedCost& engine_cost() { return kEngine; }

}  // namespace mudra::sim
