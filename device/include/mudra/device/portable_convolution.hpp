// The portable kernels of convolutions and fully connected layers, a part of portable_kernels(), and what
// they share with the others.
#pragma once

#include <cstddef>

#include "mudra/device/operation.hpp"

namespace mudra::device {

template <typename T>
const T* as(const std::byte* bytes) {
  return reinterpret_cast<const T*>(bytes);
}

template <typename T>
T* as(std::byte* bytes) {
  return reinterpret_cast<T*>(bytes);
}

Kernel portable_convolution(const Operation& convolution);

}  // namespace mudra::device
