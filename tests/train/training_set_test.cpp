#include "mudra/train/training_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "mudra/data/dataset_io.hpp"
#include "mudra/data/synthetic_hands.hpp"

namespace mudra::train {
namespace {

using Input = std::array<float, data::kImagePixels>;

struct Drawn {
  Input input;
  std::int32_t label;
};

Drawn draw(const TrainingSet& set, int epoch, std::uint32_t example) {
  Drawn drawn{};
  drawn.label = draw_example(set, epoch, example, graph::PixelValues(), drawn.input);
  return drawn;
}

TEST(TrainingSet, an_epoch_holds_every_example_once_in_an_order_of_its_own) {
  const TrainingSet set{.chosen = {0, 1, 2}, .rendered = 61};
  auto first = epoch_order(set, 0), second = epoch_order(set, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, epoch_order(set, 0));
  std::ranges::sort(first);
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(first[i], i);
}

TEST(TrainingSet, hands_are_new_each_epoch_and_gestures_take_turns) {
  const TrainingSet set{.rendered = 16};
  for (std::uint32_t i = 0; i < 16; ++i) EXPECT_EQ(draw(set, 0, i).label, static_cast<int>(i % 8));
  EXPECT_EQ(draw(set, 0, 3).input, draw(set, 0, 3).input);
  EXPECT_NE(draw(set, 0, 3).input, draw(set, 1, 3).input);
  EXPECT_NE(draw(set, 0, 3).input, draw(set, 0, 11).input);
}

TEST(TrainingSet, pictures_come_unchanged_without_augmentation_and_changed_with_it) {
  const data::Dataset pictures = data::render_dataset({.people = 1, .images_per_class = 1, .seed = 3});
  TrainingSet set{.pictures = &pictures, .chosen = {5}};
  Input expected{};
  graph::PixelValues().convert(pictures.image(5), expected);
  EXPECT_EQ(draw(set, 0, 0).input, expected);
  EXPECT_EQ(draw(set, 0, 0).label, pictures.labels[5]);
  set.augmentation = data::augmentation_preset("mild");
  EXPECT_NE(draw(set, 0, 0).input, expected);
  EXPECT_NE(draw(set, 0, 0).input, draw(set, 1, 0).input);
}

TEST(TrainingSet, gives_hands_and_pictures_in_its_shape) {
  const data::PictureShape shape{.height = 24, .width = 32, .channels = 3};
  data::Dataset pictures = data::render_dataset({.people = 1, .images_per_class = 1, .seed = 3});
  resize_pictures(pictures, shape);
  const TrainingSet set{.shape = shape, .pictures = &pictures, .chosen = {5}, .rendered = 8};
  std::vector<float> input(shape.bytes());
  const graph::PixelValues plain, imagenet(graph::normalization_named("imagenet", 3));
  EXPECT_EQ(draw_example(set, 0, 0, plain, input), pictures.labels[5]);
  EXPECT_EQ(input, plain.of(pictures.image(5)));
  EXPECT_EQ(draw_example(set, 0, 0, imagenet, input), pictures.labels[5]);
  EXPECT_EQ(input, imagenet.of(pictures.image(5)));
  EXPECT_EQ(draw_example(set, 0, 1 + 3, plain, input), 3);
  EXPECT_GT(std::ranges::max(input), 0.1f);
  for (std::size_t i = 0; i < input.size(); i += 3) ASSERT_EQ(input[i], input[i + 2]);  // gray, in colour
}

}  // namespace
}  // namespace mudra::train
