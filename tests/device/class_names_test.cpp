#include "mudra/device/class_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "mudra/format/class_names.hpp"

namespace mudra::device {
namespace {

std::vector<std::string> read(const std::string& json, int count, bool good = true) {
  ClassNames names;
  EXPECT_EQ(names.read(json, count), good) << json;
  std::vector<std::string> result;
  for (int i = 0; i < names.size(); ++i) result.emplace_back(names[i]);
  return result;
}

using testing::ElementsAre;

TEST(ClassNames, are_those_the_writer_of_models_writes) {
  const std::vector<std::string> names{"palm", "thumb up", "", "a \"quoted\" \\ one", "Hände"};
  EXPECT_EQ(read(format::json_of_class_names(names), 5), names);
  EXPECT_EQ(std::string(format::kClassesKey), kClassNamesKey);
}

TEST(ClassNames, may_have_spaces_between_them_and_escapes_in_them) {
  EXPECT_THAT(read(" [ \"a\" ,\n\"b\\/c\\n\\u00e4\" ] ", 2), ElementsAre("a", "b/c ?"));
}

TEST(ClassNames, are_numbers_for_any_other_text) {
  for (const std::string json :
       {"", "[", "[]", "[\"a\"]", "[\"a\",\"b\",\"c\"]", "[\"a\",1]", "[\"a\" \"b\"]", "[\"a\",\"b\"]x",
        "[\"a\",\"b", "[\"a\",\"b\\", "[\"a\",\"b\\q\"]", "[\"a\",\"\\u00"})
    EXPECT_THAT(read(json, 2, false), ElementsAre("0", "1")) << json;
}

TEST(ClassNames, are_numbers_if_their_letters_are_more_than_there_is_room_for) {
  const std::string name(600, 'x');
  EXPECT_EQ(read("[\"" + name + "\"]", 1), std::vector{name});
  EXPECT_THAT(read("[\"" + name + "\",\"" + name + "\"]", 2, false), ElementsAre("0", "1"));
}

TEST(ClassNames, are_numbers_of_two_digits_from_ten_on) {
  EXPECT_EQ(read("", kMaxClasses, false).back(), "63");
}

TEST(ClassNames, have_none_for_no_class) {
  ClassNames names;
  names.read("[\"a\"]", 1);
  EXPECT_EQ(names[-1], "none");
  EXPECT_EQ(names[1], "none");
}

}  // namespace
}  // namespace mudra::device
