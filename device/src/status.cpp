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
  }
  return "unknown status";
}

}  // namespace mudra::device
