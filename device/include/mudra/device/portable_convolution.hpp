// The portable kernels of convolutions and fully connected layers, a part of portable_kernels().
#pragma once

#include "mudra/device/operation.hpp"

namespace mudra::device {

Kernel portable_convolution(const Operation& convolution);

}  // namespace mudra::device
