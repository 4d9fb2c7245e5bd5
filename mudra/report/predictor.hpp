// What judges need of a network, wherever it runs: pictures in, scores out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::report {

struct Predictor {
  std::string format;                         // "pth", "espdl"
  std::vector<std::string> class_names;       // in the order of the scores
  std::uint64_t bytes = 0;                    // of the model file
  std::uint64_t test_vector_bytes = 0;        // of these, the ones for self-tests
  data::PictureShape picture;                 // that it takes
  std::size_t max_batch = 1;                  // the most images of one call
  std::optional<int> exponent;                // of integer networks: logit = integer * 2^exponent
  std::optional<std::size_t> arena_bytes;     // of integer networks: on the chip
  std::optional<std::int64_t> multiply_adds;  // of one picture, where they are known
  // images: [B, picture.bytes()]; one logit per class and image, [B, classes], come out. Called from one
  // thread at a time; may use all threads itself.
  std::function<void(std::span<const std::uint8_t> images, std::span<float> logits)> score;
};

// The logits as probabilities, which add up to 1. Throws Error when a logit is not finite.
std::vector<double> softmax(std::span<const float> logits);

// The place of the largest logit, the first of equals. Throws Error when a logit is not finite.
std::size_t best_class(std::span<const float> logits);

}  // namespace mudra::report
