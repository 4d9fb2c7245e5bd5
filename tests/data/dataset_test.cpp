#include "mudra/data/dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "tests/data/small_dataset.hpp"
#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Dataset, merging_follows_classes_and_subjects_by_name) {
  Dataset a = small_dataset(2, 3, 1);
  Dataset b;
  b.name = "other";
  b.class_names = {"class2", "class0"};
  b.subject_names = {"p9", "p1"};
  add_picture(b, 0, 0, 100);
  add_picture(b, 1, 1, 101);
  add_picture(b, 1, kUnknownSubject, 102);
  const Dataset all = merge({b, a});
  EXPECT_EQ(all.name, "other + small");
  EXPECT_THAT(all.class_names, ElementsAre("class0", "class1", "class2"));
  EXPECT_THAT(all.subject_names, ElementsAre("p9", "p1", "p0"));
  EXPECT_THAT(all.labels, ElementsAre(2, 0, 0, 0, 1, 2, 0, 1, 2));
  EXPECT_THAT(all.subjects, ElementsAre(0, 1, kUnknownSubject, 2, 2, 2, 1, 1, 1));
  EXPECT_EQ(all.images.size(), 9 * kImagePixels);
  EXPECT_EQ(all.paths[0], "100.png");
}

TEST(Dataset, sets_of_other_classes_or_without_labels_are_not_merged) {
  Dataset foreign = small_dataset(1, 1, 1);
  foreign.class_names = {"wave"};
  EXPECT_THAT(refusal([&] {
                merge({small_dataset(1, 2, 1), foreign});
              }),
              HasSubstr("small: class 'wave' is not one of class0 class1"));
  Dataset unlabelled = small_dataset(1, 1, 1);
  unlabelled.name = "bare.npy";
  unlabelled.class_names.clear();
  unlabelled.labels = {kUnknownLabel};
  EXPECT_THAT(refusal([&] {
                merge({small_dataset(1, 2, 1), unlabelled});
              }),
              HasSubstr("bare.npy: its pictures have no labels"));
  EXPECT_THAT(refusal([&] { merge({}); }), HasSubstr("no data set"));
}

TEST(Dataset, sets_of_other_classes_are_merged_as_those_of_a_network_that_knows_all) {
  Dataset foreign = small_dataset(1, 1, 1);
  foreign.class_names = {"wave"};
  const Dataset plain = small_dataset(1, 2, 1);
  const std::vector<std::string> known = {"wave", "class1", "class0"};
  EXPECT_EQ(merge({plain, foreign}, known).class_names, known);
  EXPECT_THAT(merge({plain, foreign}, known).labels, ElementsAre(2, 1, 0));
  EXPECT_THAT(refusal([&] {
                merge({plain, foreign}, {"class0", "class1"});
              }),
              HasSubstr("class 'wave' is not"));
  foreign.class_names = {"none"};
  EXPECT_THAT(merge({plain, foreign}, known).class_names, ElementsAre("wave", "class1", "class0", "none"));
}

TEST(Dataset, merging_takes_none_as_the_last_class_of_all_where_some_sets_have_it) {
  Dataset with = small_dataset(1, 1, 1);
  with.class_names = {"none"};
  const Dataset plain = small_dataset(1, 2, 1);
  for (const std::vector<Dataset>& sets : {std::vector{with, plain}, std::vector{plain, with}})
    EXPECT_THAT(merge(sets).class_names, ElementsAre("class0", "class1", "none"));
  EXPECT_THAT(merge({with, plain}).labels, ElementsAre(2, 0, 1));
  Dataset first = small_dataset(1, 3, 1);
  first.class_names = {"none", "class1", "class0"};
  EXPECT_THAT(merge({plain, first, with}).labels, ElementsAre(0, 1, 2, 1, 0, 2));
}

TEST(Dataset, without_none_says_what_it_leaves_out) {
  Dataset set = small_dataset(1, 3, 2);
  set.class_names[1] = "none";
  set.notes = {"a note"};
  const Dataset rest = without_none(set);
  EXPECT_THAT(rest.class_names, ElementsAre("class0", "class2"));
  EXPECT_THAT(rest.labels, ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(rest.paths[2], "4.png");
  EXPECT_THAT(rest.notes, ElementsAre("a note", "small: left out 2 of 6 pictures, of 'none'"));
  EXPECT_EQ(none_in(rest.class_names), std::nullopt);
  EXPECT_EQ(without_none(rest).size(), 4u);
}

TEST(Dataset, merged_with_one_that_states_a_split_trains) {
  Dataset given = small_dataset(1, 2, 1);
  given.parts = {Part::kTest, Part::kTrain};
  const Dataset plain = small_dataset(1, 2, 1);
  EXPECT_THAT(merge({given, plain}).parts,
              testing::ElementsAre(Part::kTest, Part::kTrain, Part::kTrain, Part::kTrain));
  EXPECT_THAT(merge({plain, given}).parts,
              testing::ElementsAre(Part::kTrain, Part::kTrain, Part::kTest, Part::kTrain));
  EXPECT_FALSE(merge({plain, plain}).states_split());
  const std::vector<std::uint32_t> first = {0};
  EXPECT_THAT(subset(given, first).parts, testing::ElementsAre(Part::kTest));
}

TEST(Dataset, a_subset_keeps_the_order_asked_for) {
  const Dataset set = small_dataset(1, 2, 2);
  const std::vector<std::uint32_t> indices = {3, 0};
  const Dataset part = subset(set, indices);
  EXPECT_THAT(part.paths, ElementsAre("3.png", "0.png"));
  EXPECT_THAT(part.labels, ElementsAre(1, 0));
  EXPECT_TRUE(std::ranges::equal(part.image(0), set.image(3)));
}

TEST(Dataset, pictures_are_counted_by_class_and_subject) {
  Dataset set = small_dataset(2, 2, 3);
  set.class_names.push_back("never");
  add_picture(set, 0, kUnknownSubject, 50);
  EXPECT_THAT(class_counts(set), ElementsAre(7u, 6u, 0u));
  EXPECT_THAT(subject_counts(set), ElementsAre(6u, 6u));
}

}  // namespace
}  // namespace mudra::data
