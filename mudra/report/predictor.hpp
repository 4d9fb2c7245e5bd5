// What judges need of a network, wherever it runs: pictures in, scores out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::report {

// What a network gives for pictures, [B, classes]: real numbers, or the chip's integers as they are.
struct Scores {
  graph::Values values;
  int exponent = 0;  // of integers: value = integer * 2^exponent
};

struct Predictor {
  std::string format;                         // "pth", "espdl"
  std::vector<std::string> class_names;       // in the order of the scores
  std::uint64_t bytes = 0;                    // of the model file
  std::uint64_t test_vector_bytes = 0;        // of these, the ones for self-tests
  data::PictureShape picture;                 // that it takes
  std::size_t max_batch = 1;                  // the most images of one call
  double threshold = 0;                       // that its metadata shows a class from; 0: it says nothing
  std::optional<std::size_t> arena_bytes;     // of integer networks: on the chip
  std::optional<std::int64_t> multiply_adds;  // of one picture, where they are known
  // images: [B, picture.bytes()]. Called from one thread at a time; may use all threads itself.
  std::function<Scores(std::span<const std::uint8_t> images)> score;
};

// Each picture's scores as probabilities, which add up to 1; 0 classes: they are one picture's. Throws Error
// when a score is not finite.
std::vector<double> softmax(const Scores& scores, std::size_t classes = 0);

// Of each picture the place of the largest score, the first of equals. Throws Error when a score is not
// finite.
std::vector<std::size_t> best_classes(const Scores& scores, std::size_t classes);

}  // namespace mudra::report
