#include "mudra/data/leakage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/data/small_dataset.hpp"

namespace mudra::data {
namespace {

// Adds picture `of` again with `changes` of its pixels one level off.
void add_near_copy(Dataset& set, std::size_t of, std::size_t changes, std::int32_t label,
                   std::int32_t subject) {
  std::vector<std::uint8_t> pixels(set.image(of).begin(), set.image(of).end());
  for (std::size_t i = 0; i < changes; ++i) {
    std::uint8_t& pixel = pixels[i * kImagePixels / changes];
    pixel = static_cast<std::uint8_t>(pixel < 255 ? pixel + 1 : pixel - 1);
  }
  set.images.insert(set.images.end(), pixels.begin(), pixels.end());
  set.labels.push_back(label);
  set.subjects.push_back(subject);
  set.paths.emplace_back();
}

TEST(Duplicates, are_counted_with_those_of_another_class) {
  Dataset set = small_dataset(1, 2, 3);
  add_near_copy(set, 0, 0, 0, 0);
  add_near_copy(set, 0, 0, 1, 0);
  add_near_copy(set, 1, 0, 0, 0);
  add_near_copy(set, 2, 1, 0, 0);  // one pixel differs
  const Duplicates found = find_duplicates(set);
  EXPECT_EQ(found.copies, 3u);
  EXPECT_EQ(found.originals, 2u);
  EXPECT_EQ(found.conflicting, 1u);
  EXPECT_EQ(find_duplicates(small_dataset(1, 2, 3)).copies, 0u);
}

TEST(Leakage, is_the_share_of_test_pictures_with_a_near_one_in_training) {
  Dataset set = small_dataset(1, 1, 4);
  add_near_copy(set, 0, 900, 0, 0);           // a tenth of a level on average
  add_near_copy(set, 1, kImagePixels, 0, 0);  // exactly one level
  Split split;
  split.train = {0, 1, 2};
  split.test = {3, 4, 5};
  EXPECT_EQ(measure_leakage(set, split, 0.05).leaked, 0u);
  EXPECT_EQ(measure_leakage(set, split, 0.5).leaked, 1u);
  EXPECT_EQ(measure_leakage(set, split, 1.0).leaked, 2u);
  EXPECT_EQ(measure_leakage(set, split).tested, 3u);
  EXPECT_DOUBLE_EQ(measure_leakage(set, split).share(), 2.0 / 3);
}

TEST(Leakage, equals_the_search_through_all_pairs) {
  Dataset set = small_dataset(1, 1, 1);
  Random random(5);
  for (int i = 0; i < 60; ++i)
    add_near_copy(set, random.below(static_cast<std::uint32_t>(set.size())), 1 + random.below(kImagePixels),
                  0, 0);
  Split split;
  for (std::uint32_t i = 0; i < set.size(); ++i) (i % 3 == 0 ? split.test : split.train).push_back(i);
  const auto check = [&](double levels) {
    std::size_t leaked = 0;
    for (const std::uint32_t test : split.test)
      leaked += std::ranges::any_of(split.train, [&](std::uint32_t train) {
        int sum = 0;
        for (std::size_t i = 0; i < kImagePixels; ++i)
          sum += std::abs(set.image(test)[i] - set.image(train)[i]);
        return sum <= levels * kImagePixels;
      });
    EXPECT_EQ(measure_leakage(set, split, levels).leaked, leaked) << levels << text_of(set.shape);
  };
  for (const PictureShape& shape :
       {PictureShape{}, PictureShape{.height = 12, .width = 256, .channels = 3}}) {
    set.shape = shape;  // of as many bytes
    for (const double levels : {0.1, 0.3, 0.7, 1.2}) check(levels);
  }
}

TEST(Leakage, between_subjects_ignores_what_one_person_repeats) {
  Dataset set = small_dataset(3, 1, 2);
  add_near_copy(set, 0, 10, 0, 0);  // of the same person
  EXPECT_EQ(leakage_between_subjects(set).leaked, 0u);
  add_near_copy(set, 2, 10, 0, 2);  // of p1, said to be p2
  EXPECT_EQ(leakage_between_subjects(set).leaked, 2u);
  EXPECT_EQ(leakage_between_subjects(set).tested, set.size());
}

}  // namespace
}  // namespace mudra::data
