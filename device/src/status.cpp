#include "mudra/device/status.hpp"

namespace mudra::device {

const char* describe(Status status) {
  switch (status) {
    case Status::kOk:
      return "no error";
    case Status::kBadSize:
      return "picture size is not supported";
    case Status::kTooManyRows:
      return "more rows than the picture has";
    case Status::kBadExponent:
      return "model input exponent is not supported";
    case Status::kNotEspdl:
      return "not an .espdl file";
    case Status::kEncrypted:
      return "encrypted model";
    case Status::kTruncated:
      return "file is shorter than its header says";
    case Status::kBadOffset:
      return "an offset leads out of the file";
    case Status::kTooLarge:
      return "more bytes, nodes, tensors, recorded inputs, products or letters than supported";
    case Status::kTooManyClasses:
      return "more classes than supported";
    case Status::kMisaligned:
      return "misaligned memory";
    case Status::kNoGraph:
      return "no graph with one input and one output";
    case Status::kUnknownTensor:
      return "reads a tensor that nothing makes";
    case Status::kBadOrder:
      return "reads a tensor that only a later node makes";
    case Status::kDuplicateTensor:
      return "makes a tensor that exists already";
    case Status::kUnusedTensor:
      return "makes a tensor that is never read";
    case Status::kUnsupportedNode:
      return "operation is not supported";
    case Status::kUnsupportedTopology:
      return "the way nodes are joined is not supported";
    case Status::kBadAttribute:
      return "attribute is missing or not supported";
    case Status::kBadShape:
      return "shape is wrong or not supported";
    case Status::kBadType:
      return "type is not supported";
    case Status::kBadWeights:
      return "weights, bias or bounds are missing or wrong";
    case Status::kLeftShift:
      return "exponents ask for a shift to the left";
    case Status::kUnequalExponents:
      return "exponents differ that have to be equal";
    case Status::kBadTable:
      return "look-up table differs from the operation";
    case Status::kNoPackedWeights:
      return "no packed weights";
    case Status::kBadChecksum:
      return "checksum is wrong";
    case Status::kOtherKernels:
      return "made for other kernels";
    case Status::kOtherModel:
      return "made of another model";
    case Status::kTooManyOperations:
      return "more operations than the engine has room for";
    case Status::kArenaTooSmall:
      return "arena is too small";
    case Status::kNotPrepared:
      return "no model is prepared";
  }
  return "unknown status";
}

}  // namespace mudra::device
