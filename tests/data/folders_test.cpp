#include "mudra/data/folders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/base/zip.hpp"
#include "mudra/data/layout.hpp"
#include "tests/data/jpeg_files.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kGestureList(std::begin(kGestureNames), std::end(kGestureNames));

std::string folder_refusal(const std::filesystem::path& root, const FolderConfig& config = {}) {
  return refusal([&] { read_folder(root, config); });
}

TEST(Folders, a_leap_tree_becomes_its_eight_gestures_without_moved_ones) {
  const TemporaryFolder folder;
  folder.add_image("00/10_down/frame_00_10_0001.png");
  folder.add_image("00/01_palm/frame_00_01_0002.png", 7);
  folder.add_image("00/04_fist_moved/frame_00_04_0001.png");
  folder.add_image("01/08_palm_moved/frame_01_08_0001.png");
  folder.add_image("01/07_ok/frame_01_07_0001.png");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_EQ(set.class_names, kGestureList);
  EXPECT_THAT(set.labels, ElementsAre(0, 7, 5));
  EXPECT_THAT(set.subjects, ElementsAre(0, 0, 1));
  EXPECT_THAT(set.subject_names, ElementsAre("00", "01"));
  EXPECT_THAT(set.paths, ElementsAre("00/01_palm/frame_00_01_0002.png", "00/10_down/frame_00_10_0001.png",
                                     "01/07_ok/frame_01_07_0001.png"));
  EXPECT_EQ(set.image(0)[0], 7);
  EXPECT_EQ(report.left_out, 2u);
  EXPECT_EQ(report.layout, "SUBJECT/CLASS/*");
}

TEST(Folders, one_person_of_a_leap_tree_has_no_subject) {
  const TemporaryFolder folder;
  folder.add_image("03_fist/a.png");
  folder.add_image("05_thumb/a.png");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_EQ(set.class_names, kGestureList);
  EXPECT_THAT(set.labels, ElementsAre(2, 3));
  EXPECT_THAT(set.subjects, ElementsAre(kUnknownSubject, kUnknownSubject));
  EXPECT_FALSE(set.knows_subjects());
  EXPECT_EQ(report.layout, "CLASS/*");
}

TEST(Folders, classes_are_ordered_naturally_and_only_leap_trees_lose_moved_ones) {
  const TemporaryFolder folder;
  for (const char* name : {"pose10", "pose2", "pose1", "fist_moved"})
    folder.add_image(std::string(name) + "/a.png");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_THAT(set.class_names, ElementsAre("fist_moved", "pose1", "pose2", "pose10"));
  EXPECT_EQ(report.left_out, 0u);
}

TEST(Folders, the_eight_gestures_by_name_have_their_canonical_order) {
  const TemporaryFolder folder;
  for (const std::string& name : kGestureList) folder.add_image(name + "/a.png");
  EXPECT_EQ(read_folder(folder.path()).dataset.class_names, kGestureList);
}

TEST(Folders, pictures_of_no_gesture_are_the_class_none_whatever_their_folder_is_called_and_it_is_the_last) {
  std::vector<std::string> with_none = kGestureList;
  with_none.emplace_back(kNoneName);
  for (const char* name : {"none", "unknown", "_Unknown_", "BACKGROUND", "no_gesture"}) {
    const TemporaryFolder by_name, leap;
    for (const std::string& gesture : kGestureList) by_name.add_image(gesture + "/a.png");
    by_name.add_image(std::string(name) + "/a.png");
    EXPECT_EQ(read_folder(by_name.path()).dataset.class_names, with_none) << name;
    leap.add_image("00/07_ok/a.png");
    leap.add_image("00/04_fist_moved/a.png");
    leap.add_image("00/" + std::string(name) + "/a.png");
    const auto [set, report] = read_folder(leap.path());
    EXPECT_EQ(set.class_names, with_none) << name;
    EXPECT_THAT(set.labels, ElementsAre(5, 8));
  }
  const TemporaryFolder others;
  for (const char* name : {"wave", "background", "unknown", "arm", "unknowns"})
    others.add_image(std::string(name) + "/a.png");
  const auto [set, report] = read_folder(others.path());
  EXPECT_THAT(set.class_names, ElementsAre("arm", "unknowns", "wave", "none"));
  EXPECT_THAT(set.labels, ElementsAre(0, 3, 3, 1, 2));
}

TEST(Folders, a_class_missing_for_some_people_is_no_error) {
  const TemporaryFolder folder;
  folder.add_image("anna/left/1.png");
  folder.add_image("anna/right/1.png");
  folder.add_image("ben/right/1.png");
  make_folder(folder / "ben/left");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_THAT(set.class_names, ElementsAre("left", "right"));
  EXPECT_THAT(set.subjects, ElementsAre(0, 0, 1));
  EXPECT_THAT(report.empty_folders, ElementsAre("ben/left"));
}

TEST(Folders, pictures_without_folders_have_no_labels) {
  const TemporaryFolder folder;
  folder.add_image("b10.png");
  folder.add_image("b9.png");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_FALSE(set.knows_labels());
  EXPECT_THAT(set.paths, ElementsAre("b9.png", "b10.png"));
  EXPECT_THAT(set.labels, ElementsAre(kUnknownLabel, kUnknownLabel));
}

TEST(Folders, stray_files_are_ignored_and_counted) {
  const TemporaryFolder folder;
  folder.add_image("a/1.png");
  folder.add_image("a/2.PNG");
  folder.add_image("stray.png");
  folder.add_image("a/.hidden.png");
  folder.add_image(".cache/x/1.png");
  folder.add_file("a/Thumbs.db", "x");
  folder.add_file("README.md", "x");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(report.misplaced, 1u);
  EXPECT_EQ(report.ignored_files, 3u);
}

TEST(Folders, links_that_lead_in_circles_are_followed_once) {
  const TemporaryFolder folder;
  folder.add_image("a/1.png");
  folder.add_image("b/1.png");
  std::filesystem::create_directory_symlink(folder / "a", folder / "a/again");
  std::filesystem::create_directory_symlink(folder.path(), folder / "b/root");
  std::filesystem::create_directory_symlink("itself", folder / "itself");
  const auto [set, report] = read_folder(folder.path());
  EXPECT_THAT(set.paths, ElementsAre("a/1.png", "b/1.png"));
}

TEST(Folders, unreadable_pictures_are_named_and_stop_the_reading_beyond_their_share) {
  const TemporaryFolder folder;
  for (int i = 0; i < 9; ++i) folder.add_image(fmt::format("a/{}.png", i), 10 * i);
  folder.add_file("a/4.png", "no picture");
  folder.add_file("a/empty.jpg", "");
  std::filesystem::create_symlink("nowhere", folder / "a/broken.png");
  const auto [set, report] = read_folder(folder.path(), {.unreadable_limit = 0.3});
  EXPECT_EQ(set.size(), 8u);
  EXPECT_EQ(set.image(4)[0], 50);
  ASSERT_EQ(report.unreadable.size(), 3u);
  EXPECT_EQ(report.unreadable[0].path, "a/4.png");
  EXPECT_THAT(report.unreadable[0].reason, HasSubstr("is no PNG, JPEG, WebP or BMP picture"));
  EXPECT_EQ(report.unreadable[1].reason, "No such file or directory");
  EXPECT_EQ(report.unreadable[2].reason, "is empty");
  EXPECT_THAT(folder_refusal(folder.path()),
              HasSubstr("3 of 11 pictures are unreadable, more than 1 %; the first is a/4.png: "));
}

TEST(Folders, unreadable_pictures_alone_are_an_error_at_any_share) {
  const TemporaryFolder folder;
  folder.add_file("a/1.png", "x");
  EXPECT_THAT(folder_refusal(folder.path(), {.unreadable_limit = 1}),
              HasSubstr("1 of 1 pictures are unreadable"));
}

TEST(Folders, without_pictures_are_an_error_that_helps) {
  const TemporaryFolder folder;
  EXPECT_THAT(folder_refusal(folder.path()), HasSubstr("no pictures (.png, .jpg, .webp, .bmp) as CLASS/*"));
  EXPECT_THAT(folder_refusal(folder / "missing"), HasSubstr("No such file or directory"));
  folder.add_file("file", "x");
  EXPECT_THAT(folder_refusal(folder / "file"), HasSubstr("Not a directory"));
}

TEST(Folders, of_a_split_are_its_parts_and_never_people) {
  for (const auto& [train, valid, test] : {std::tuple{"train", "valid", "test"},
                                           {"Training", "VAL", "testing"},
                                           {"train", "validation", "test"}}) {
    const TemporaryFolder folder;
    folder.add_image(fmt::format("{}/fist/1.png", train));
    folder.add_image(fmt::format("{}/palm/1.png", train));
    folder.add_image(fmt::format("{}/fist/2.png", valid));
    folder.add_image(fmt::format("{}/fist/3.png", test));
    const auto [set, report] = read_folder(folder.path());
    EXPECT_EQ(report.layout, "SPLIT/CLASS/*");
    EXPECT_FALSE(set.knows_subjects());
    EXPECT_THAT(set.class_names, ElementsAre("fist", "palm"));
    EXPECT_EQ(parts_text(set), "2 train, 1 valid, 1 test");
    for (std::size_t i = 0; i < set.size(); ++i)
      EXPECT_EQ(set.parts[i], *part_called(set.paths[i].substr(0, set.paths[i].find('/'))));
  }
}

TEST(Folders, of_a_split_may_lie_within_classes_above_people_or_in_another_folder) {
  const TemporaryFolder folder;
  for (const char* part : {"train", "test"})
    for (const char* class_name : {"fist", "palm"}) {
      folder.add_image(fmt::format("inner/{}/{}/1.png", class_name, part));
      folder.add_image(fmt::format("people/{}/anna/{}/1.png", part, class_name));
      folder.add_image(fmt::format("people/{}/ben/{}/1.png", part, class_name));
      folder.add_image(fmt::format("wrapped/set/{}/{}/1.png", part, class_name));
    }
  EXPECT_EQ(read_folder(folder / "inner").report.layout, "CLASS/SPLIT/*");
  const auto [set, report] = read_folder(folder / "people");
  EXPECT_EQ(report.layout, "SPLIT/SUBJECT/CLASS/*");
  EXPECT_THAT(set.subject_names, ElementsAre("anna", "ben"));
  EXPECT_EQ(read_folder(folder / "wrapped").report.layout, "-/SPLIT/CLASS/*");
  folder.add_image("inner/fist/extra/1.png");
  EXPECT_THAT(folder_refusal(folder / "inner"),
              HasSubstr("test, train are parts of a split, extra beside them"));
}

TEST(Folders, of_classes_above_people_are_refused_until_that_is_said) {
  const TemporaryFolder folder;
  for (const char* name : {"palm/anna/1.png", "palm/ben/1.png", "fist/anna/1.png", "fist/ben/1.png"})
    folder.add_image(name);
  EXPECT_THAT(
      folder_refusal(folder.path()),
      HasSubstr("SUBJECT/CLASS/* or CLASS/SUBJECT/*? fist, palm are gestures, anna, ben may be people; "
                "add --layout class/person"));
  const auto [set, report] = read_folder(folder.path(), {.layout = "class/person"});
  EXPECT_EQ(report.layout, "CLASS/SUBJECT/*");
  EXPECT_THAT(set.class_names, ElementsAre("fist", "palm"));
  EXPECT_THAT(set.subject_names, ElementsAre("anna", "ben"));
  EXPECT_THAT(set.paths,
              ElementsAre("fist/anna/1.png", "palm/anna/1.png", "fist/ben/1.png", "palm/ben/1.png"));
  EXPECT_THAT(set.labels, ElementsAre(0, 1, 0, 1));
}

TEST(Layout, that_contradicts_itself_is_refused) {
  const auto refusal_of = [](const std::vector<Names>& pictures) {
    try {
      guess_layout(pictures);
      return std::string();
    } catch (const Error& error) {
      return error.text;
    }
  };
  EXPECT_EQ(refusal_of({{"anna", "cup", "1.png"}, {"ben", "cup", "1.png"}}), "");
  EXPECT_EQ(refusal_of({{"anna", "cup", "1.png"}, {"anna", "pen", "1.png"}}), "");
  EXPECT_EQ(refusal_of({{"s01", "p1", "1.png"}, {"s02", "p1", "1.png"}}), "");
  EXPECT_THAT(refusal_of({{"cup", "pen", "1.png"}, {"pen", "cup", "1.png"}}), HasSubstr("both levels"));
  EXPECT_THAT(refusal_of({{"cup", "person_1", "1.png"}, {"pen", "person_1", "1.png"}}),
              HasSubstr("person_1 are called as people are"));
  EXPECT_THAT(refusal_of({{"cup", "anna", "1.png"}, {"pen", "ben", "1.png"}}),
              HasSubstr("no folder of the inner level is in two"));
  EXPECT_THAT(refusal_of({{"a", "x", "cup", "1.png"}, {"b", "x", "cup", "1.png"}}),
              HasSubstr("pictures below 3 folders, such as a/x/cup/1.png"));
}

TEST(Layout, in_words_that_say_nothing_is_refused) {
  EXPECT_EQ(text_of(parse_layout("split/person/-/class")), "SPLIT/SUBJECT/-/CLASS/*");
  for (const char* text : {"", "class/", "klass", "class/class"})
    EXPECT_THROW(parse_layout(text), Error) << text;
}

TEST(Folders, at_other_depths_are_counted_and_refused_when_they_have_most_pictures) {
  const TemporaryFolder folder;
  for (int i = 0; i < 3; ++i) folder.add_image(fmt::format("cup/{}.png", i));
  folder.add_image("cup/raw/today/1.png");
  const auto report = read_folder(folder.path()).report;
  EXPECT_EQ(report.found, 4u);
  EXPECT_EQ(report.misplaced, 1u);
  EXPECT_EQ(report.first_misplaced, "cup/raw/today/1.png");
  for (int i = 2; i < 4; ++i) folder.add_image(fmt::format("cup/raw/today/{}.png", i));
  for (int i = 0; i < 3; ++i) folder.add_image(fmt::format("cup/raw/{}.png", i));
  EXPECT_THAT(
      folder_refusal(folder.path()),
      HasSubstr(
          "pictures lie at different depths: 3 in 1 folder (cup/0.png), 3 in 2 folders (cup/raw/0.png), "
          "3 in 3 folders (cup/raw/today/1.png); say which to take with --layout, for example "
          "person/class, as `mudra data prepare` takes it"));
  const auto [set, deep] = read_folder(folder.path(), {.layout = "class/-/person"});
  EXPECT_EQ(set.size(), 3u);
  EXPECT_EQ(deep.misplaced, 6u);
  EXPECT_THAT(folder_refusal(folder.path(), {.layout = "-/-/-/class"}),
              HasSubstr("no pictures as -/-/-/CLASS/*; there are 3 in"));
  EXPECT_THAT(folder_refusal(folder.path(), {.layout = "split"}), HasSubstr("'cup' is no part of a split"));
}

TEST(Folders, in_a_zip_are_read_as_unpacked_and_names_in_it_lead_nowhere) {
  const TemporaryFolder folder;
  std::vector<ZipEntry> entries = {{"__MACOSX/fist/._1.png", {1}}, {"fist/", {}}, {"fist/notes.txt", {1}}};
  int value = 0;
  for (const char* name : {"./fist/1.png", "palm/2.png", "/palm/1.png"}) {
    folder.add_image("plain/" + std::string(name), ++value);
    entries.push_back({name, read_file(folder / ("plain/" + std::string(name)))});
  }
  entries.push_back({"../fist/up.png", entries.back().bytes});
  write_file(folder / "set.zip", write_zip(entries));
  const auto [zipped, report] = read_folder(folder / "set.zip");
  const Dataset plain = read_folder(folder / "plain").dataset;
  EXPECT_EQ(zipped.images, plain.images);
  EXPECT_EQ(zipped.labels, plain.labels);
  EXPECT_EQ(zipped.paths, plain.paths);
  EXPECT_EQ(zipped.class_names, plain.class_names);
  EXPECT_EQ(report.ignored_files, 3u);
  folder.add_file("broken.zip", "x");
  EXPECT_THAT(folder_refusal(folder / "broken.zip"), HasSubstr("broken.zip: not a whole zip archive"));
}

TEST(Folders, jpegs_without_their_end_are_read_and_counted) {
  const TemporaryFolder folder;
  folder.add_image("fist/1.png");
  auto jpeg = write_jpeg({.width = 8, .height = 8, .channels = 1, .pixels = std::vector<std::uint8_t>(64, 9)},
                         JCS_GRAYSCALE, JCS_GRAYSCALE);
  jpeg.resize(jpeg.size() - 2);
  write_file(folder / "fist/2.jpg", jpeg);
  const auto [set, report] = read_folder(folder.path());
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(report.without_end, 1u);
}

TEST(Folders, any_number_of_threads_reads_the_same) {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i) folder.add_image(fmt::format("a/{}.png", i), i);
  set_threads(1);
  const Dataset one = read_folder(folder.path()).dataset;
  set_threads(4);
  const Dataset four = read_folder(folder.path()).dataset;
  set_threads(0);
  EXPECT_EQ(one.images, four.images);
  EXPECT_EQ(one.paths, four.paths);
}

TEST(NaturalOrder, counts_digits_as_numbers) {
  for (const auto& [a, b] :
       {std::pair{"2", "10"}, {"a2b", "a10"}, {"a", "b"}, {"a", "a1"}, {"01", "1"}, {"x9", "x09b"}}) {
    EXPECT_TRUE(natural_less(a, b)) << a << " " << b;
    EXPECT_FALSE(natural_less(b, a)) << a << " " << b;
  }
  EXPECT_FALSE(natural_less("a1", "a1"));
}

}  // namespace
}  // namespace mudra::data
