#include "mudra/train/packing.hpp"

#include <cstddef>

#include "mudra/train/batch_map.hpp"

namespace mudra::train {
namespace {

// element(index in the parameter, index in the packed array, transposed or not), for every value.
template <class Element>
void for_each_value(const Parameter& parameter, bool transposed, const Element& element) {
  const auto out = static_cast<std::size_t>(parameter.shape[0]),
             in = static_cast<std::size_t>(parameter.shape[1]);
  const std::size_t rest = parameter.values.size() / out, taps = rest / in;
  const std::size_t stride = map_floats(1, static_cast<int>(transposed ? out : rest));
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t t = 0; t < taps; ++t) {
        const std::size_t r = t * in + i;
        element((o * in + i) * taps + t, transposed ? r * stride + o : o * stride + r);
      }
}

}  // namespace

void pack(const Parameter& parameter, AlignedBuffer& packed) {
  for_each_value(parameter, false,
                 [&](std::size_t from, std::size_t to) { packed.data()[to] = parameter.values[from]; });
}

void pack_transposed(const Parameter& parameter, AlignedBuffer& packed) {
  for_each_value(parameter, true,
                 [&](std::size_t from, std::size_t to) { packed.data()[to] = parameter.values[from]; });
}

void unpack_gradients(std::span<const double> packed, const Parameter& parameter) {
  for_each_value(parameter, false, [&](std::size_t to, std::size_t from) {
    parameter.gradients[to] = static_cast<float>(packed[from]);
  });
}

void unpack_transposed_gradients(std::span<const double> packed, const Parameter& parameter) {
  for_each_value(parameter, true, [&](std::size_t to, std::size_t from) {
    parameter.gradients[to] = static_cast<float>(packed[from]);
  });
}

}  // namespace mudra::train
