#include "mudra/data/split.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mudra/base/error.hpp"
#include "tests/data/small_dataset.hpp"
#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

using testing::HasSubstr;
using Indices = std::vector<std::uint32_t>;

void expect_every_picture_once(const Dataset& set, const Split& split) {
  std::vector<int> seen(set.size());
  for (const Indices* part : {&split.train, &split.validation, &split.test}) {
    EXPECT_TRUE(std::ranges::is_sorted(*part));
    EXPECT_FALSE(part->empty());
    for (const std::uint32_t i : *part) ++seen.at(i);
  }
  EXPECT_TRUE(std::ranges::all_of(seen, [](int n) { return n == 1; }));
}

std::set<std::int32_t> subjects_of(const Dataset& set, const Indices& indices) {
  std::set<std::int32_t> subjects;
  for (const std::uint32_t i : indices) subjects.insert(set.subjects[i]);
  return subjects;
}

TEST(SplitBySubject, nobody_is_in_two_parts) {
  for (const int people : {3, 4, 10, 23}) {
    const Dataset set = small_dataset(people, 2, 2);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Split split = split_by_subject(set, seed);
      expect_every_picture_once(set, split);
      const auto train = subjects_of(set, split.train), validation = subjects_of(set, split.validation),
                 test = subjects_of(set, split.test);
      EXPECT_EQ(train.size() + validation.size() + test.size(), static_cast<std::size_t>(people));
      EXPECT_EQ(test.size(), std::max<std::size_t>(1, (static_cast<std::size_t>(people) * 20 + 50) / 100));
    }
  }
}

TEST(SplitBySubject, is_drawn_by_its_seed_and_says_who_tests) {
  const Dataset set = small_dataset(10, 2, 1);
  EXPECT_EQ(split_by_subject(set, 1).test, split_by_subject(set, 1).test);
  std::set<Indices> draws;
  for (std::uint64_t seed = 0; seed < 8; ++seed) draws.insert(split_by_subject(set, seed).test);
  EXPECT_GT(draws.size(), 3u);
  const Split split = split_by_subject(set, 1);
  const std::string first =
      set.subject_names[static_cast<std::size_t>(*subjects_of(set, split.test).begin())];
  EXPECT_THAT(split.name, HasSubstr("by subject: test " + first));
  EXPECT_THAT(split.name, HasSubstr(", validation p"));
}

TEST(SplitBySubject, many_people_are_counted_instead_of_named) {
  EXPECT_THAT(split_by_subject(small_dataset(60, 1, 1), 1).name,
              HasSubstr("by subject: test 12 people, validation 6 people"));
}

TEST(SplitBySubject, leaves_every_class_to_training_and_prefers_full_tests) {
  Dataset set = small_dataset(2, 4, 3);  // p0 and p1 show everything, p2 one class
  set.subject_names.push_back("p2");
  for (std::uint64_t i = 0; i < 9; ++i) add_picture(set, 2, 2, 1000 + i);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Split split = split_by_subject(set, seed);
    EXPECT_EQ(subjects_of(set, split.validation), std::set<std::int32_t>{2});
  }
}

TEST(SplitBySubject, of_two_people_validates_on_the_last_frames_of_the_one_that_trains) {
  const Dataset set = small_dataset(2, 3, 20);
  const Split split = split_by_subject(set, 1);
  expect_every_picture_once(set, split);
  EXPECT_EQ(split.test.size(), 60u);
  EXPECT_EQ(split.validation.size(), 6u);
  for (const std::uint32_t i : split.validation) EXPECT_GE(i % 20, 18u);
  EXPECT_THAT(split.name, HasSubstr("validation on the last tenth of the training people's frames"));
}

TEST(SplitBySubject, that_is_impossible_is_refused_in_words) {
  EXPECT_THAT(refusal([] { split_by_subject(small_dataset(1, 2, 5), 1); }), HasSubstr("one subject only"));
  Dataset unknown = small_dataset(3, 2, 2);
  unknown.subjects[4] = kUnknownSubject;
  EXPECT_THAT(refusal([&] { split_by_subject(unknown, 1); }),
              HasSubstr("the subject of 1 pictures is not known"));
  EXPECT_FALSE(can_split_by_subject(unknown));
  Dataset apart = small_dataset(3, 3, 1);  // each person shows a class of their own
  for (std::size_t i = 0; i < apart.size(); ++i) apart.labels[i] = apart.subjects[i];
  EXPECT_THAT(refusal([&] { split_by_subject(apart, 1); }),
              HasSubstr("no choice of people to train on shows every class"));
}

// People called so, with two classes of ten pictures each.
Dataset set_of(const std::vector<std::string>& subjects) {
  Dataset set = small_dataset(static_cast<int>(subjects.size()), 2, 10);
  set.subject_names = subjects;
  return set;
}

TEST(SplitBySubject, sessions_of_a_person_stay_together_where_there_are_several_people) {
  const Dataset set = set_of({"ana-1", "bo", "ana-2", "cy-kitchen", "cy-roof", "bo-2"});
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const Split split = split_by_subject(set, seed);
    expect_every_picture_once(set, split);
    for (const auto& sessions : {std::set{0, 2}, std::set{1, 5}, std::set{3, 4}}) {
      int parts = 0;
      for (const Indices* part : {&split.train, &split.validation, &split.test})
        for (const std::int32_t subject : subjects_of(set, *part))
          if (subject == *sessions.begin()) {
            ++parts;
            for (const std::int32_t other : sessions) EXPECT_TRUE(subjects_of(set, *part).contains(other));
          }
      EXPECT_EQ(parts, 1);
    }
    EXPECT_THAT(split.name, HasSubstr("by subject: test "));
  }
  const auto splits = leave_one_subject_out(set, 1);
  ASSERT_EQ(splits.size(), 3u);
  EXPECT_EQ(splits[0].left_out, "ana");
  EXPECT_EQ(subjects_of(set, splits[0].test), (std::set<std::int32_t>{0, 2}));
}

TEST(SplitBySubject, lets_those_test_first_whom_the_network_has_not_seen) {
  const Dataset set = set_of({"p0", "p1", "p2", "p3", "p4", "p5"});
  std::vector<bool> seen(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) seen[i] = set.subjects[i] != 4 && i % 2 == 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    EXPECT_EQ(subjects_of(set, split_by_subject(set, seed, seen).test), std::set<std::int32_t>{4});
  EXPECT_NE(subjects_of(set, split_by_subject(set, 1).test), std::set<std::int32_t>{4});
  EXPECT_EQ(split_by_subject(set, 1).test, split_by_subject(set, 1, std::vector<bool>(set.size())).test);
}

TEST(SplitBySubject, of_one_person_splits_by_session) {
  const Dataset set = set_of({"ana-1", "ana-2", "ana-3"});
  const Split split = split_by_subject(set, 1);
  expect_every_picture_once(set, split);
  for (const Indices* part : {&split.train, &split.validation, &split.test})
    EXPECT_EQ(subjects_of(set, *part).size(), 1u);
  EXPECT_THAT(split.name, HasSubstr("by session: test ana-"));
  const Dataset two = set_of({"ana-1", "ana-2"});
  EXPECT_THAT(split_by_subject(two, 1).name, HasSubstr("on the last tenth of the training sessions' frames"));
  EXPECT_EQ(leave_one_subject_out(two, 1)[1].left_out, "ana-2");
}

TEST(SplitBySubject, people_in_a_row_are_no_sessions) {
  const Dataset set = set_of({"person-1", "person-2", "person-3", "bo-1", "-", "x-"});
  EXPECT_EQ(leave_one_subject_out(set, 1).size(), 6u);
}

TEST(LeaveOneOut, every_person_tests_once_and_alone) {
  const Dataset set = small_dataset(5, 2, 2);
  const auto splits = leave_one_subject_out(set, 1);
  ASSERT_EQ(splits.size(), 5u);
  for (std::size_t i = 0; i < splits.size(); ++i) {
    expect_every_picture_once(set, splits[i]);
    EXPECT_EQ(subjects_of(set, splits[i].test), std::set<std::int32_t>{static_cast<std::int32_t>(i)});
    EXPECT_THAT(splits[i].name, HasSubstr(fmt::format("by subject: test p{}", i)));
    EXPECT_EQ(subjects_of(set, splits[i].validation).size(), 1u);
  }
}

TEST(LeaveOneOut, of_two_people_is_possible) {
  const Dataset set = small_dataset(2, 2, 10);
  for (const Split& split : leave_one_subject_out(set, 1)) expect_every_picture_once(set, split);
}

TEST(SplitRandom, takes_the_same_share_of_every_class) {
  Dataset set = small_dataset(1, 2, 40);
  for (std::uint64_t i = 0; i < 60; ++i) add_picture(set, 1, 0, 500 + i);
  for (const auto& [shares, tests] : {std::pair{RandomShares{}, std::vector<std::size_t>{4, 10}},
                                      std::pair{RandomShares{.validation_percent = 15, .test_percent = 15},
                                                std::vector<std::size_t>{6, 15}}}) {
    const Split split = split_random(set, shares, 1);
    expect_every_picture_once(set, split);
    EXPECT_EQ(class_counts(subset(set, split.test)), tests);
    EXPECT_EQ(class_counts(subset(set, split.validation)), tests);
  }
  EXPECT_NE(split_random(set, {}, 1).test, split_random(set, {}, 2).test);
  EXPECT_EQ(split_random(set, {}, 1).test, split_random(set, {}, 1).test);
}

// A set of ten pictures of each of two classes, in these parts one after the other in each class.
Dataset in_parts(std::size_t train, std::size_t validation) {
  Dataset set = small_dataset(1, 2, 10);
  for (std::size_t i = 0; i < set.size(); ++i)
    set.parts.push_back(i % 10 < train                ? Part::kTrain
                        : i % 10 < train + validation ? Part::kValidation
                                                      : Part::kTest);
  return set;
}

TEST(SplitAsGiven, has_the_parts_that_the_set_states) {
  const Dataset set = in_parts(6, 1);
  EXPECT_TRUE(can_split_as_given(set));
  const Split split = split_as_given(set);
  expect_every_picture_once(set, split);
  for (const std::uint32_t i : split.validation) EXPECT_EQ(set.parts[i], Part::kValidation);
  for (const std::uint32_t i : split.test) EXPECT_EQ(set.parts[i], Part::kTest);
  EXPECT_EQ(split.name, "as given: 12 train, 2 valid, 6 test");
}

TEST(SplitAsGiven, makes_do_without_one_part_and_says_so) {
  const Dataset no_test = in_parts(8, 2), no_validation = in_parts(8, 0);
  const Split on_valid = split_as_given(no_test);
  expect_every_picture_once(no_test, on_valid);
  for (const std::uint32_t i : on_valid.test) EXPECT_EQ(no_test.parts[i], Part::kValidation);
  EXPECT_EQ(on_valid.name,
            "as given: 16 train, 4 valid, 0 test; tested on valid; validated on the last tenth of train");
  const Split split = split_as_given(no_validation);
  expect_every_picture_once(no_validation, split);
  EXPECT_EQ(split.validation, (Indices{7, 17}));
}

TEST(SplitAsGiven, that_cannot_be_is_refused_in_words) {
  EXPECT_THAT(refusal([] { split_as_given(small_dataset(1, 2, 5)); }),
              HasSubstr("states no split of its own"));
  EXPECT_FALSE(can_split_as_given(small_dataset(1, 2, 5)));
  EXPECT_THAT(refusal([] { split_as_given(in_parts(0, 5)); }), HasSubstr("leaves nothing to train on"));
  EXPECT_THAT(refusal([] { split_as_given(in_parts(10, 0)); }), HasSubstr("leaves nothing to test on"));
  EXPECT_FALSE(can_split_as_given(in_parts(10, 0)));
  Dataset set = in_parts(5, 0);
  for (std::size_t i = 0; i < 10; ++i) set.parts[i] = Part::kTest;
  EXPECT_THAT(refusal([&] { split_as_given(set); }),
              HasSubstr("tests class 'class0', of which it trains on no"));
  for (std::size_t i = 0; i < 10; ++i) set.parts[i] = Part::kValidation;
  EXPECT_THAT(refusal([&] { split_as_given(set); }),
              HasSubstr("validates class 'class0', of which it trains on no"));
  EXPECT_THAT(refusal([] { split_as_given(in_parts(1, 0)); }),
              HasSubstr("small: of no class are there two pictures to train on"));
}

TEST(SplitRandom, says_in_its_name_what_it_is_worth) {
  EXPECT_EQ(split_random(small_dataset(1, 1, 10), {}, 1).name,
            "random 80/10/10 (frames of the same people in train and test)");
}

TEST(SplitRandom, that_is_impossible_is_refused_in_words) {
  EXPECT_THAT(refusal([] { split_random(small_dataset(1, 2, 2), {}, 1); }),
              HasSubstr("'class0' has too few pictures (2)"));
  EXPECT_THAT(refusal([] {
                split_random(small_dataset(1, 1, 9), {.validation_percent = 50, .test_percent = 50}, 1);
              }),
              HasSubstr("leave a part empty"));
}

}  // namespace
}  // namespace mudra::data
