// How an .espdl for the ESP32-S3 orders the weights of a convolution or a fully connected layer.
// (espdl-format.md, section 6)
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

namespace mudra::format {

struct WeightForm {
  std::size_t out = 0, in = 1;  // channels; in = 1 when depthwise
  std::size_t kernel_h = 1, kernel_w = 1;
  bool depthwise = false;

  std::size_t size() const { return out * in * kernel_h * kernel_w; }
};

// Output channels that the vector unit takes at once, and so lie side by side.
template <typename Integer>
constexpr std::size_t kBlock = sizeof(Integer) == 1 ? 16 : 8;

// Calls take(i, j) for the element that is stored at place i and is number j in OIHW order, for every i from
// 0 on: first the whole blocks, [block][kernel_h][kernel_w][in][kBlock]; then the channels that fill none,
// each by itself, [channel][kernel_h][kernel_w][in], or side by side when depthwise,
// [kernel_h][kernel_w][channel].
template <typename Integer, typename Take>
void for_each_weight(const WeightForm& form, Take take) {
  const std::size_t whole = form.out / kBlock<Integer> * kBlock<Integer>;
  std::size_t place = 0;
  const auto visit = [&](std::size_t first, std::size_t channels) {
    for (std::size_t y = 0; y < form.kernel_h; ++y)
      for (std::size_t x = 0; x < form.kernel_w; ++x)
        for (std::size_t c = 0; c < form.in; ++c)
          for (std::size_t n = first; n < first + channels; ++n)
            take(place++, ((n * form.in + c) * form.kernel_h + y) * form.kernel_w + x);
  };
  for (std::size_t n = 0; n < whole; n += kBlock<Integer>) visit(n, kBlock<Integer>);
  if (form.depthwise) {
    visit(whole, form.out - whole);
  } else {
    for (std::size_t n = whole; n < form.out; ++n) visit(n, 1);
  }
}

template <typename Integer>
std::vector<Integer> oihw_from_stored(const WeightForm& form, std::span<const Integer> stored) {
  assert(stored.size() == form.size());
  std::vector<Integer> oihw(stored.size());
  for_each_weight<Integer>(form, [&](std::size_t i, std::size_t j) { oihw[j] = stored[i]; });
  return oihw;
}

template <typename Integer>
std::vector<Integer> stored_from_oihw(const WeightForm& form, std::span<const Integer> oihw) {
  assert(oihw.size() == form.size());
  std::vector<Integer> stored(oihw.size());
  for_each_weight<Integer>(form, [&](std::size_t i, std::size_t j) { stored[i] = oihw[j]; });
  return stored;
}

}  // namespace mudra::format
