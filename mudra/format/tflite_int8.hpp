// Runs an int8 TensorFlow Lite model in integers, with the roundings of TensorFlow Lite's optimised kernels.
// (Its reference kernels, which TensorFlow Lite Micro has, round a tie of a dense layer's negative sum the
// other way: such a sum is one unit lower there.)
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "mudra/format/tflite.hpp"

namespace mudra::format {

// Keeps its own copy of the weights.
class TfliteInt8Runner {
 public:
  // Throws Error for a float model, for one whose sums could overflow 32 bits, and for one whose activations
  // take more than 64 MB.
  explicit TfliteInt8Runner(const TfliteModel& model);
  TfliteInt8Runner(TfliteInt8Runner&&) noexcept;
  ~TfliteInt8Runner();

  // inputs: [B, input's size], outputs: [B, output's size]. Images are shared among the threads.
  void run(std::span<const std::int8_t> inputs, std::span<std::int8_t> outputs) const;

  // The same from real values to real values: the input is quantized (rounded half away from 0 and clamped),
  // the output dequantized.
  void run(std::span<const float> inputs, std::span<float> outputs) const;

  std::size_t input_size() const;  // of one image
  std::size_t output_size() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace mudra::format
