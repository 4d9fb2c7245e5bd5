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
  const TrainingSet set{.chosen = {0, 1, 2},
                        .rendered = {{.hands = 48}, {.hands = 7, .rendering = {.none = 0}}}};
  auto first = epoch_order(set, 0), second = epoch_order(set, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, epoch_order(set, 0));
  std::ranges::sort(first);
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(first[i], i);
}

TEST(TrainingSet, every_batch_has_its_share_of_pictures_and_hands) {
  const TrainingSet set{.chosen = {0, 1, 2}, .drawn = 24, .rendered = {{.hands = 64}}};
  const auto order = epoch_order(set, 1);
  for (std::size_t begin = 0; begin < order.size(); begin += 8)
    EXPECT_EQ(std::count_if(order.begin() + static_cast<std::ptrdiff_t>(begin),
                            order.begin() + static_cast<std::ptrdiff_t>(begin) + 8,
                            [](std::uint32_t example) { return example < 24; }),
              2);
}

TEST(TrainingSet, few_pictures_are_drawn_in_turns_each_time_otherwise) {
  const data::Dataset pictures = data::render_dataset({.people = 1, .images_per_class = 1, .seed = 3});
  TrainingSet set{.pictures = &pictures, .chosen = {1, 4, 6}, .drawn = 4, .rendered = {{.hands = 8}}};
  ASSERT_EQ(set.size(), 4u + 8 + 1);
  std::array<int, data::kGestures> shown{};
  for (int epoch = 0; epoch < 3; ++epoch)
    for (std::uint32_t i = 0; i < 4; ++i) ++shown.at(static_cast<std::size_t>(draw(set, epoch, i).label));
  EXPECT_EQ(shown, (std::array{0, 4, 0, 0, 4, 0, 4, 0}));
  EXPECT_EQ(draw(set, 0, 4 + 5).label, 5);  // a hand
  set.augmentation = data::augmentation_preset("mild");
  EXPECT_NE(draw(set, 0, 0).input, draw(set, 0, 3).input);
}

TEST(TrainingSet, hands_have_the_labels_that_a_network_of_other_classes_gives_them) {
  const TrainingSet set{.rendered = {{.hands = 16}}, .rendered_labels = {8, 1, 2, 3, 4, 5, 6, 7}};
  EXPECT_EQ(draw(set, 0, 8).label, 8);
  EXPECT_EQ(draw(set, 0, 9).label, 1);
}

TEST(TrainingSet, hands_are_new_each_epoch_and_gestures_take_turns) {
  const TrainingSet set{.rendered = {{.hands = 16}, {.hands = 8}}};
  ASSERT_EQ(set.size(), 16u + 2 + 8 + 1);
  for (std::uint32_t i = 0; i < 16; ++i) EXPECT_EQ(draw(set, 0, i).label, static_cast<int>(i % 8));
  EXPECT_EQ(draw(set, 0, 17).label, data::kGestures) << "none";
  EXPECT_EQ(draw(set, 0, 18 + 3).label, 3) << "of the second set";
  EXPECT_EQ(draw(set, 0, 26).label, data::kGestures);
  EXPECT_EQ(draw(set, 0, 3).input, draw(set, 0, 3).input);
  EXPECT_NE(draw(set, 0, 3).input, draw(set, 1, 3).input);
  EXPECT_NE(draw(set, 0, 3).input, draw(set, 0, 11).input);
  EXPECT_NE(draw(set, 0, 3).input, draw(set, 0, 18 + 3).input);
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
  const TrainingSet set{.shape = shape, .pictures = &pictures, .chosen = {5}, .rendered = {{.hands = 8}}};
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
