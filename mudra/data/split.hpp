// Which pictures train, which choose the weights and which judge: by people, or by frames on request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::data {

// Indices into a data set, ascending; no picture is in two of the lists.
struct Split {
  std::string name;  // to print beside every accuracy: "by subject: test 02, validation 01"
  std::vector<std::uint32_t> train;
  std::vector<std::uint32_t> validation;
  std::vector<std::uint32_t> test;
  std::string left_out = {};  // who tests, where one subject is left out
};

// A subject PERSON-SESSION, as folders are called, is a session of a person: what is before the last '-',
// unless the name is one of a row of people ("person-3"). The sessions of a person are never apart where
// there are several people, and are what is split where there is one; "people" below are these.

// Whether every picture's subject is known and there are two at least, so that people can be split.
bool can_split_by_subject(const Dataset& dataset);

// A fifth of the people test and a tenth validates, one at least; the others train. Which ones is drawn by
// `seed`: of 64 draws the first of those that leave every class to training and have the most classes in
// test, then in validation. With two people only, one tests and the last tenth of the other's frames of each
// class validates. Throws Error: subjects unknown or only one, or no draw leaves every class to training.
// Where `seen`, one entry a picture, says which ones the network has learned from before, draws come first in
// which more of those test who are on none of these.
Split split_by_subject(const Dataset& dataset, std::uint64_t seed, const std::vector<bool>& seen = {});

// One split per subject, which tests alone; of the others a tenth validates, as above.
std::vector<Split> leave_one_subject_out(const Dataset& dataset, std::uint64_t seed);

// Whether the set states a split with pictures to train on and others.
bool can_split_as_given(const Dataset& dataset);

// How a set is split unless somebody says: "given" where it states a split, else "subject".
const char* default_split(const Dataset& dataset);

// The split that the set states. Without a part to validate on, the last tenth of each class of the training
// part does; without one to test on, the validation part tests. Throws Error: it states none, or one that
// trains on nothing, tests on nothing, leaves nothing to validate on, or tests or validates a class that
// training does not show.
Split split_as_given(const Dataset& dataset);

struct RandomShares {
  int validation_percent = 10;  // 15 for 70/15/15
  int test_percent = 10;
};

// Frames at random, the same shares of every class. Neighbouring frames of a recording land on both sides, so
// the accuracy says little about other people; the name says so. Throws Error for a class of fewer than three
// pictures and for shares that leave nothing.
Split split_random(const Dataset& dataset, const RandomShares& shares, std::uint64_t seed);

}  // namespace mudra::data
