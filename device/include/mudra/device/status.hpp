// What a device function says instead of throwing.
#pragma once

#include <cstdint>

namespace mudra::device {

enum class [[nodiscard]] Status : std::uint8_t{
    kOk,
    kBadSize,      // a picture without pixels or larger than kMaxImageSide
    kTooManyRows,  // more rows pushed than the picture has
    kBadExponent,  // the model's input exponent is outside what the conversion supports
};

// A few words for a person, such as "picture size is not supported".
const char* describe(Status status);

}  // namespace mudra::device
