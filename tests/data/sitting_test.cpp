#include "mudra/data/sitting.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "mudra/data/folders.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr PictureShape kShape{};
using Pixels = std::vector<std::uint8_t>;

Pixels gray(int value) { return Pixels(kShape.bytes(), static_cast<std::uint8_t>(value)); }

// Every file below a folder, relative to it.
std::set<std::string> files_in(const fs::path& root) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file()) files.insert(fs::relative(entry.path(), root).string());
  return files;
}

TEST(Sitting, writes_pictures_where_training_reads_them) {
  const TemporaryFolder folder;
  for (const char* person : {"ana", "ben"}) {
    Sitting sitting(folder.path(), person, "", kShape);
    int value = 10;
    for (const char* name : {"fist", "palm"})
      for (int i = 0; i < 3; ++i) EXPECT_TRUE(sitting.keep(name, gray(value += 5)));
  }
  const Dataset set = read_folder(folder.path()).dataset;
  EXPECT_EQ(set.size(), 12u);
  EXPECT_EQ(set.subject_names, (std::vector<std::string>{"ana-1", "ben-1"}));
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"fist", "palm"}));
  const auto first = set.image(0);
  EXPECT_EQ(Pixels(first.begin(), first.end()), gray(15));  // as they are
}

TEST(Sitting, takes_the_next_number_and_goes_on_where_it_is_named) {
  const TemporaryFolder folder;
  const auto subject_after = [&](const std::string& session) {
    Sitting sitting(folder.path(), "ana", session, kShape);
    EXPECT_TRUE(sitting.keep("fist", gray(50)));
    return sitting.subject();
  };
  EXPECT_EQ(subject_after(""), "ana-1");
  EXPECT_EQ(subject_after(""), "ana-2");
  EXPECT_EQ(subject_after("7"), "ana-7");
  EXPECT_EQ(subject_after(""), "ana-8");
  EXPECT_EQ(subject_after("evening"), "ana-evening");
  EXPECT_EQ(subject_after("2"), "ana-2");
  EXPECT_THAT(files_in(folder / "ana-2"), testing::ElementsAre("fist/0001.png", "fist/0002.png"));
  Sitting again(folder.path(), "ana", "2", kShape);
  EXPECT_EQ(again.count("fist"), 2u);
  EXPECT_EQ(again.count("palm"), 0u);
}

TEST(Sitting, is_not_there_before_its_first_picture_nor_after_its_last_was_taken_back) {
  const TemporaryFolder folder;
  {
    Sitting sitting(folder / "out", "ana", "", kShape);
    EXPECT_FALSE(fs::exists(folder / "out"));
    EXPECT_FALSE(sitting.take_back());
    EXPECT_TRUE(sitting.keep("fist", gray(1)));
    EXPECT_TRUE(sitting.take_back());
  }
  EXPECT_TRUE(fs::is_empty(folder / "out"));
}

TEST(Sitting, skips_twins_of_the_picture_kept_last_and_of_no_other) {
  const TemporaryFolder folder;
  Sitting sitting(folder.path(), "ana", "", kShape);
  EXPECT_TRUE(sitting.keep("fist", gray(100)));
  EXPECT_FALSE(sitting.keep("fist", gray(101)));
  EXPECT_FALSE(sitting.keep("palm", gray(100)));  // nor under another name
  Pixels nearly = gray(100);
  std::fill_n(nearly.begin(), nearly.size() / 2, std::uint8_t{104});
  nearly[0] = 103;
  EXPECT_LT(mean_difference(gray(100), nearly), kTwinLevels);
  EXPECT_FALSE(sitting.keep("fist", nearly));
  nearly[0] = 104;  // two levels exactly
  EXPECT_TRUE(sitting.keep("fist", nearly));
  EXPECT_TRUE(sitting.keep("fist", gray(110)));
  EXPECT_TRUE(sitting.keep("fist", gray(100)));
  EXPECT_EQ(sitting.kept(), 4u);
  EXPECT_EQ(sitting.twins(), 3u);
}

TEST(Sitting, takes_back_the_last_one_and_the_one_before) {
  const TemporaryFolder folder;
  Sitting sitting(folder.path(), "ana", "", kShape);
  sitting.keep("fist", gray(10));
  sitting.keep("fist", gray(20));
  sitting.keep("palm", gray(30));
  EXPECT_TRUE(sitting.take_back());
  EXPECT_TRUE(sitting.take_back());
  EXPECT_THAT(files_in(folder.path()), testing::ElementsAre("ana-1/fist/0001.png"));
  EXPECT_FALSE(fs::exists(folder / "ana-1/palm"));
  EXPECT_EQ(sitting.count("palm"), 0u);
  EXPECT_FALSE(sitting.keep("fist", gray(11)));  // what is kept last is the first again
  EXPECT_TRUE(sitting.keep("palm", gray(20)));
  EXPECT_EQ(sitting.count("palm"), 1u);
}

TEST(Sitting, does_not_touch_what_is_there) {
  const TemporaryFolder folder;
  folder.add_image("ana-1/fist/0004.png");
  folder.add_file("ana-1/fist/notes.txt", "mine");
  Sitting sitting(folder.path(), "ana", "1", kShape);
  sitting.keep("fist", gray(10));
  EXPECT_THAT(files_in(folder / "ana-1/fist"), testing::ElementsAre("0004.png", "0005.png", "notes.txt"));
  sitting.take_back();
  EXPECT_FALSE(sitting.take_back());
  EXPECT_THAT(files_in(folder / "ana-1/fist"), testing::ElementsAre("0004.png", "notes.txt"));
}

TEST(Sitting, is_written_by_one_program_at_a_time) {
  const TemporaryFolder folder;
  Sitting first(folder.path(), "ana", "1", kShape), second(folder.path(), "ana", "1", kShape);
  EXPECT_TRUE(first.keep("fist", gray(10)));
  EXPECT_NE(refusal([&] { second.keep("fist", gray(10)); }), "");
  EXPECT_EQ(files_in(folder.path()).size(), 1u);
}

TEST(Sitting, two_that_chose_the_same_number_get_two) {
  const TemporaryFolder folder;
  Sitting first(folder.path(), "ana", "", kShape), second(folder.path(), "ana", "", kShape);
  EXPECT_TRUE(first.keep("fist", gray(10)));
  EXPECT_TRUE(second.keep("fist", gray(10)));
  EXPECT_EQ(first.subject(), "ana-1");
  EXPECT_EQ(second.subject(), "ana-2");
}

TEST(Sitting, refuses_names_that_are_no_folder_or_would_be_read_as_something_else) {
  const TemporaryFolder folder;
  const auto begin = [&](const std::string& person, const std::string& session) {
    return refusal([&] { const Sitting sitting(folder.path(), person, session, kShape); });
  };
  for (const char* name : {"", "..", "a/b", "../a", ".hidden", "a\nb", "\x1b[2J"})
    EXPECT_NE(begin(name, ""), "") << name;
  for (const char* name : {"..", "a/b", "/", "a\nb", "a-b"}) EXPECT_NE(begin("ana", name), "") << name;
  EXPECT_THAT(begin("person", ""), HasSubstr("would be read as a person in a row"));
  EXPECT_EQ(begin("person", "evening"), "");
  Sitting sitting(folder.path(), "ana", "", kShape);
  for (const char* name : {"", "..", "a/b", "/etc", ".x", "train", "04_fist_moved", "a\tb"})
    EXPECT_NE(refusal([&] { sitting.keep(name, gray(1)); }), "") << name;
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Sitting, a_folder_that_cannot_be_written_is_said) {
  const TemporaryFolder folder;
  folder.add_file("file", "");
  const std::string why = refusal([&] {
    Sitting sitting(folder / "file", "ana", "", kShape);
    sitting.keep("fist", gray(1));
  });
  EXPECT_THAT(why, HasSubstr("file: "));
}

}  // namespace
}  // namespace mudra::data
