#include "mudra/data/layout.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/base/lower_case.hpp"

namespace mudra::data {
namespace {

using NameSet = std::set<std::string>;

struct LeapClass {
  const char* folder;
  const char* gesture;
};
// In the order of kGestureNames.
constexpr std::array<LeapClass, kGestures> kLeapClasses = {{{"01_palm", "palm"},
                                                            {"02_l", "l"},
                                                            {"03_fist", "fist"},
                                                            {"05_thumb", "thumb"},
                                                            {"06_index", "index"},
                                                            {"07_ok", "ok"},
                                                            {"09_c", "c"},
                                                            {"10_down", "down"}}};
constexpr std::array<const char*, 2> kLeapMoved = {"04_fist_moved", "08_palm_moved"};

NameSet names_on(const std::vector<Names>& pictures, std::size_t level) {
  NameSet names;
  for (const Names& picture : pictures) names.insert(picture[level]);
  return names;
}

// "palm, fist", or the first of many.
std::string some_of(const NameSet& names) {
  constexpr std::size_t kMost = 4;
  const std::vector<std::string> first(
      names.begin(), std::next(names.begin(), static_cast<std::ptrdiff_t>(std::min(kMost, names.size()))));
  return fmt::format("{}{}", fmt::join(first, ", "), names.size() > kMost ? ", ..." : "");
}

// The level of split folders; none when no level has any. Throws Error for a level that mixes several with
// others.
std::optional<std::size_t> split_level(const std::vector<Names>& pictures) {
  for (std::size_t level = 0; level + 1 < pictures.front().size(); ++level) {
    std::set<Part> parts;
    NameSet others, named;
    for (const std::string& name : names_on(pictures, level)) {
      const auto part = part_called(name);
      (part ? named : others).insert(name);
      if (part) parts.insert(*part);
    }
    if (!parts.empty() && others.empty()) return level;
    if (parts.size() > 1)
      fail("folders {} are parts of a split, {} beside them are not", some_of(named), some_of(others));
  }
  return std::nullopt;
}

bool is_gesture(const std::string& folder) {
  const std::string name = lower_case(folder);
  return leap_gesture(folder) != nullptr || is_leap_moved(folder) ||
         (name.size() > 1 && std::ranges::find(kGestureNames, name) != std::end(kGestureNames));
}

// Why the outer folders cannot be subjects and the inner ones classes; empty when they may be.
std::string contradiction(const std::vector<Names>& pictures, std::size_t outer, std::size_t inner) {
  const NameSet subjects = names_on(pictures, outer), classes = names_on(pictures, inner);
  for (const std::string& name : subjects)
    if (classes.contains(name)) return fmt::format("'{}' is a folder on both levels", name);
  if (std::ranges::any_of(classes, is_gesture)) return {};
  if (std::ranges::any_of(subjects, is_gesture))
    return fmt::format("{} are gestures, {} may be people", some_of(subjects), some_of(classes));
  if (std::ranges::all_of(classes, is_numbered_person) && !std::ranges::all_of(subjects, is_numbered_person))
    return fmt::format("{} are called as people are", some_of(classes));
  std::map<std::string, NameSet> subjects_of;
  for (const Names& picture : pictures) subjects_of[picture[inner]].insert(picture[outer]);
  const bool shared =
      std::ranges::any_of(subjects_of, [](const auto& of_class) { return of_class.second.size() > 1; });
  if (subjects.size() > 1 && !shared)
    return fmt::format("no folder of the inner level is in two of the outer one ({})", some_of(subjects));
  return {};
}

}  // namespace

Layout parse_layout(const std::string& text) {
  const std::map<std::string, Folder> words = {{"-", Folder::kNothing},
                                               {"split", Folder::kSplit},
                                               {"person", Folder::kSubject},
                                               {"subject", Folder::kSubject},
                                               {"class", Folder::kClass}};
  Layout layout;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const auto word = words.find(text.substr(begin, end - begin));
    if (word == words.end())
      fail("'{}' is none of the words split, person, class and - of a layout such as person/class",
           text.substr(begin, end - begin));
    if (word->second != Folder::kNothing && std::ranges::find(layout, word->second) != layout.end())
      fail("'{}' has '{}' twice", text, word->first);
    layout.push_back(word->second);
    begin = end + 1;
  }
  return layout;
}

std::string text_of(const Layout& layout) {
  constexpr std::array<const char*, 4> kNames = {"-", "SPLIT", "SUBJECT", "CLASS"};
  std::string text;
  for (const Folder folder : layout) text += fmt::format("{}/", kNames[static_cast<std::size_t>(folder)]);
  return text + "*";
}

std::optional<Part> part_called(const std::string& folder) {
  const std::map<std::string, Part> names = {{"train", Part::kTrain},           {"training", Part::kTrain},
                                             {"val", Part::kValidation},        {"valid", Part::kValidation},
                                             {"validation", Part::kValidation}, {"test", Part::kTest},
                                             {"testing", Part::kTest}};
  const auto it = names.find(lower_case(folder));
  return it == names.end() ? std::nullopt : std::optional(it->second);
}

std::string class_called(const std::string& folder) {
  constexpr std::array kNames = {kNoneName, "unknown", "_unknown_", "background", "no_gesture"};
  return std::ranges::find(kNames, lower_case(folder)) == kNames.end() ? folder : kNoneName;
}

Layout guess_layout(const std::vector<Names>& pictures) {
  Layout layout(pictures.front().size() - 1, Folder::kNothing);
  const auto split = split_level(pictures);
  if (split) layout[*split] = Folder::kSplit;
  std::vector<std::size_t> unknown;
  for (std::size_t level = 0; level < layout.size(); ++level)
    if (!split || level > *split || (level < *split && names_on(pictures, level).size() > 1))
      unknown.push_back(level);
  while (unknown.size() > 2 && names_on(pictures, unknown.front()).size() == 1)
    unknown.erase(unknown.begin());
  if (unknown.size() > 2)
    fail(
        "pictures below {} folders, such as {}: what does each say? Add for example --layout person/-/class, "
        "as `mudra data prepare` takes it",
        layout.size(), fmt::join(pictures.front(), "/"));
  if (unknown.empty()) return layout;
  layout[unknown.back()] = Folder::kClass;
  if (unknown.size() == 1) return layout;
  layout[unknown.front()] = Folder::kSubject;
  const std::string text = contradiction(pictures, unknown.front(), unknown.back());
  if (!text.empty()) {
    Layout other = layout;
    std::swap(other[unknown.front()], other[unknown.back()]);
    fail("{} or {}? {}; add --layout class/person or --layout person/class, as `mudra data prepare` takes it",
         text_of(layout), text_of(other), text);
  }
  return layout;
}

bool is_numbered_person(const std::string& folder) {
  constexpr std::array kWords = {"s",      "p",    "subject",     "subj",  "person",
                                 "people", "user", "participant", "signer"};
  std::string name = lower_case(folder);
  const std::size_t word_end = name.find_last_not_of("0123456789") + 1;
  if (word_end == name.size()) return false;
  name.resize(word_end);
  while (!name.empty() && (name.back() == '_' || name.back() == '-' || name.back() == ' ')) name.pop_back();
  return std::ranges::find(kWords, name) != kWords.end();
}

bool is_leap_moved(const std::string& folder) {
  return std::ranges::find(kLeapMoved, folder) != kLeapMoved.end();
}

const char* leap_gesture(const std::string& folder) {
  const auto it = std::ranges::find(kLeapClasses, folder, &LeapClass::folder);
  return it == kLeapClasses.end() ? nullptr : it->gesture;
}

}  // namespace mudra::data
