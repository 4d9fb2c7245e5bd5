// What an epoch is made of: pictures of data sets and freshly rendered hands, in a new order each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mudra/data/augment.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/data/synthetic_set.hpp"
#include "mudra/graph/pixel_values.hpp"

namespace mudra::train {

// The pictures of all of them.
std::size_t rendered_images(const std::vector<data::SyntheticSet>& rendered);

// Every example is a pure function of (seed, epoch, position): any thread may draw it, and a resumed training
// draws the same ones.
struct TrainingSet {
  data::PictureShape shape = {};            // of every example; rendered hands are resized to it
  const data::Dataset* pictures = nullptr;  // of this shape; may be null when hands are rendered
  std::vector<std::uint32_t> chosen = {};   // which of the pictures
  std::size_t drawn = 0;                    // of them an epoch, in turns; 0: each once
  data::Augmentation augmentation = {};     // of the pictures; rendered hands vary by themselves
  // Drawn anew each epoch, every picture of a person of its own.
  std::vector<data::SyntheticSet> rendered = {};
  std::vector<std::int32_t> rendered_labels = {};  // by gesture; empty: as they are
  std::uint64_t seed = 1;

  std::size_t pictures_an_epoch() const { return drawn > 0 ? drawn : chosen.size(); }
  std::size_t size() const { return pictures_an_epoch() + rendered_images(rendered); }
};

// The order of an epoch: order[position] is an example. Below pictures_an_epoch() it is a picture, else a
// rendered hand. Every batch has its share of both.
std::vector<std::uint32_t> epoch_order(const TrainingSet& set, int epoch);

// Draws one example as the network's input [height, width, channels], by the network's `values`. Returns its
// label.
std::int32_t draw_example(const TrainingSet& set, int epoch, std::uint32_t example,
                          const graph::PixelValues& values, std::span<float> input);

}  // namespace mudra::train
