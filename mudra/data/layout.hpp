// What the folders above a picture say: a part of a split, a person, a class, or nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mudra/data/dataset.hpp"

namespace mudra::data {

enum class Folder { kNothing, kSplit, kSubject, kClass };
using Layout = std::vector<Folder>;      // from the outermost folder to the innermost
using Names = std::vector<std::string>;  // those folders' names and the file's

// "person/class", "split/class", "person/-/class" ("-": says nothing; "subject" is "person"). Throws Error
// for other words and for one twice.
Layout parse_layout(const std::string& text);

// "SUBJECT/CLASS/*"; "*" without folders.
std::string text_of(const Layout& layout);

// Which part a folder of a split is called after: train and training, val, valid and validation, test and
// testing, in any case; none for another name.
std::optional<Part> part_called(const std::string& folder);

// The class of pictures in `folder`: `none` for unknown, _unknown_, background, no_gesture and none in any
// case, else the folder's name.
std::string class_called(const std::string& folder);

// What the folders of these pictures (all as deep, one at least) say: a level of split folders is recognised
// by its names, single folders above it say nothing; what remains is CLASS, or SUBJECT/CLASS. Throws Error
// naming --layout when there are more levels, or when names contradict that reading: a name on both levels, a
// known gesture among the subjects, numbered persons as classes, no class of two subjects.
Layout guess_layout(const std::vector<Names>& pictures);

// Whether a folder is called as people in a row are: "person_3", "s01", "User 7".
bool is_numbered_person(const std::string& folder);

// LeapGestRecog's class folders: whether `folder` is called so, as 01_palm or 04_fist_moved.
bool is_leap_moved(const std::string& folder);
const char* leap_gesture(const std::string& folder);  // "palm" of "01_palm"; nullptr for others

}  // namespace mudra::data
