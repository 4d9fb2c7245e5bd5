#include "mudra/data/dataset_io.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "mudra/data/npz.hpp"
#include "mudra/data/synthetic_set.hpp"
#include "tests/data/small_dataset.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The arrays of a valid set of two pictures, to be spoiled one at a time.
std::vector<NpzArray> valid_arrays() {
  return {{"images", {2, 96, 96}, std::vector<std::uint8_t>(2 * kImagePixels, 5)},
          {"labels", {2}, std::vector<std::int32_t>{1, 0}},
          {"subjects", {2}, std::vector<std::int32_t>{0, -1}},
          {"paths", {2}, std::vector<std::string>{"a", "b"}},
          {"class_names", {2}, std::vector<std::string>{"fist", "palm"}},
          {"subject_names", {1}, std::vector<std::string>{"p"}}};
}

std::string refusal_of(const std::vector<NpzArray>& arrays) {
  const TemporaryFolder folder;
  write_npz(folder / "set.npz", arrays);
  return refusal([&] { read_dataset(folder / "set.npz"); });
}

std::vector<NpzArray> with(const NpzArray& array) {
  auto arrays = valid_arrays();
  for (NpzArray& old : arrays)
    if (old.name == array.name) old = array;
  return arrays;
}

std::vector<NpzArray> without(const std::string& name) {
  auto arrays = valid_arrays();
  std::erase_if(arrays, [&](const NpzArray& array) { return array.name == name; });
  return arrays;
}

TEST(DatasetFile, is_read_back_as_written) {
  const TemporaryFolder folder;
  Dataset set = small_dataset(2, 3, 2);
  set.parts.assign(set.size(), Part::kTrain);
  set.parts[3] = Part::kTest;
  set.parts[5] = Part::kValidation;
  write_dataset(folder / "set.npz", set);
  const Dataset back = read_dataset(folder / "set.npz");
  EXPECT_EQ(back.name, (folder / "set.npz").string());
  EXPECT_EQ(back.images, set.images);
  EXPECT_EQ(back.labels, set.labels);
  EXPECT_EQ(back.subjects, set.subjects);
  EXPECT_EQ(back.paths, set.paths);
  EXPECT_EQ(back.class_names, set.class_names);
  EXPECT_EQ(back.subject_names, set.subject_names);
  EXPECT_EQ(back.parts, set.parts);
}

TEST(DatasetFile, needs_only_images_labels_and_class_names) {
  const TemporaryFolder folder;
  write_npz(folder / "set.npz",
            std::vector<NpzArray>{{"class_names", {2}, std::vector<std::string>{"fist", "palm"}},
                                  {"images", {1, 96, 96}, std::vector<std::uint8_t>(kImagePixels)},
                                  {"labels", {1}, std::vector<std::int64_t>{1}}});
  const Dataset set = read_dataset(folder / "set.npz");
  EXPECT_THAT(set.labels, ElementsAre(1));
  EXPECT_FALSE(set.knows_subjects());
}

TEST(DatasetFile, that_contradicts_itself_is_refused_in_words) {
  EXPECT_EQ(refusal_of(valid_arrays()), "");
  EXPECT_THAT(refusal_of(without("images")), HasSubstr("set.npz: the array 'images' is missing"));
  EXPECT_THAT(refusal_of(without("labels")), HasSubstr("'labels' is missing"));
  EXPECT_THAT(refusal_of(without("class_names")), HasSubstr("'class_names' is missing"));
  EXPECT_THAT(refusal_of(without("subject_names")), HasSubstr("'subjects' has the value 0"));
  EXPECT_THAT(refusal_of(with({"images", {2, 9216}, std::vector<std::uint8_t>(2 * kImagePixels)})),
              HasSubstr("shape [N, height, width]"));
  EXPECT_THAT(refusal_of(with({"images", {0, 96, 96}, std::vector<std::uint8_t>{}})), HasSubstr("no images"));
  EXPECT_THAT(refusal_of(with({"images", {1, 96, 96}, std::vector<float>(kImagePixels)})),
              HasSubstr("'images' is of the wrong type (float32)"));
  EXPECT_THAT(refusal_of(with({"labels", {2}, std::vector<std::int32_t>{2, 0}})),
              HasSubstr("'labels' has the value 2, which is not in 0 to 1"));
  EXPECT_THAT(refusal_of(with({"labels", {2}, std::vector<std::int64_t>{4294967296, 0}})),
              HasSubstr("4294967296"));
  EXPECT_THAT(refusal_of(with({"labels", {1}, std::vector<std::int32_t>{0}})),
              HasSubstr("each of the 2 images"));
  EXPECT_THAT(refusal_of(with({"labels", {2, 1}, std::vector<std::int32_t>{0, 0}})),
              HasSubstr("each of the 2 images"));
  EXPECT_THAT(refusal_of(with({"paths", {1}, std::vector<std::string>{"a"}})), HasSubstr("'paths'"));
  EXPECT_THAT(refusal_of(with({"class_names", {2}, std::vector<std::string>{"a", "a"}})),
              HasSubstr("a name twice"));
  auto arrays = valid_arrays();
  arrays.push_back({"parts", {2}, std::vector<std::uint8_t>{0, 3}});
  EXPECT_THAT(refusal_of(arrays), HasSubstr("'parts' has the value 3"));
  arrays.back() = {"parts", {1}, std::vector<std::uint8_t>{0}};
  EXPECT_THAT(refusal_of(arrays), HasSubstr("each of the 2 images"));
}

TEST(DatasetFile, without_labels_is_not_written) {
  const TemporaryFolder folder;
  Dataset set = small_dataset(1, 1, 1);
  set.class_names.clear();
  set.labels = {kUnknownLabel};
  EXPECT_THAT(refusal([&] { write_dataset(folder / "set.npz", set); }), HasSubstr("no labels"));
  EXPECT_FALSE(std::filesystem::exists(folder / "set.npz"));
}

TEST(SyntheticSize, is_the_number_asked_for_of_sensibly_many_people) {
  for (const std::size_t images : {8u, 16u, 24u, 56u, 80u, 800u, 4000u, 8008u, 20000u}) {
    const SyntheticSize size = synthetic_size(images);
    EXPECT_EQ(static_cast<std::size_t>(size.people * size.images_per_class) * kGestures, images);
    EXPECT_GE(size.people, images >= 24 ? 3 : 1) << images;
  }
  EXPECT_EQ(synthetic_size(4000).people, 25);
}

TEST(SyntheticSize, that_cannot_be_is_refused_with_a_neighbour_that_can) {
  EXPECT_THAT(refusal([] { synthetic_size(0); }),
              HasSubstr("multiple of 8, as many of each gesture: for example 8"));
  EXPECT_THAT(refusal([] { synthetic_size(100); }), HasSubstr("for example 104"));
  EXPECT_THAT(refusal([] { synthetic_size(std::size_t{8} << 40); }), HasSubstr("more than the"));
}

TEST(Set, may_be_a_file_a_folder_bare_pictures_or_rendered) {
  const TemporaryFolder folder;
  write_dataset(folder / "set.npz", small_dataset(1, 2, 1));
  folder.add_image("pictures/a/1.png");
  write_file(folder / "bare.npy", write_npy({"", {3, 96, 96}, std::vector<std::uint8_t>(3 * kImagePixels)}));
  EXPECT_EQ(load_set(folder / "set.npz").size(), 2u);
  EXPECT_EQ(load_set(folder / "pictures").class_names, std::vector<std::string>{"a"});
  const Dataset bare = load_set(folder / "bare.npy");
  EXPECT_EQ(bare.size(), 3u);
  EXPECT_FALSE(bare.knows_labels());
  const Dataset rendered = load_set("synthetic:24");
  EXPECT_EQ(rendered.size(), 27u);
  EXPECT_EQ(rendered.name, "synthetic:24");
  EXPECT_EQ(load_sets({"synthetic:8,none=20%", "synthetic:8,none=20%"}).size(), 20u);
}

TEST(SyntheticSet, says_which_light_hands_and_share_of_none) {
  EXPECT_FALSE(synthetic_set("synthetic_hands"));
  EXPECT_FALSE(synthetic_set("set.npz"));
  EXPECT_EQ(synthetic_set("synthetic")->hands, 4000u);
  EXPECT_EQ(synthetic_set("synthetic")->images(), 4500u);
  EXPECT_EQ(synthetic_set("synthetic:80,light=visible,hands=both,none=20%")->rendering,
            (Rendering{.light = Lighting::kVisible, .hands = Hands::kBoth, .none = 0.2f}));
  EXPECT_EQ(synthetic_set("synthetic,none=0,light=infrared,hands=left")->rendering,
            (Rendering{.light = Lighting::kInfrared, .hands = Hands::kLeft, .none = 0}));
  EXPECT_EQ(synthetic_set("synthetic:80,none=20%")->images(), 100u);
}

TEST(SyntheticSet, that_means_nothing_is_refused) {
  EXPECT_THAT(refusal([] { synthetic_set("synthetic:8,light=dim"); }),
              HasSubstr("synthetic:8,light=dim: 'dim' is not infrared, visible or both"));
  EXPECT_THAT(refusal([] { synthetic_set("synthetic:8,hands="); }),
              HasSubstr("'' is not right, left or both"));
  EXPECT_THAT(refusal([] { synthetic_set("synthetic:8,none=91%"); }),
              HasSubstr("'91%' is no share: give one from 0% to 90%"));
  EXPECT_THAT(refusal([] { synthetic_set("synthetic:8,none=nan"); }), HasSubstr("'nan' is no share"));
  for (const char* text :
       {"synthetic:8,", "synthetic,,light=both", "synthetic:8,dark=1", "synthetic:8,light"})
    EXPECT_THAT(refusal([&] { synthetic_set(text); }), HasSubstr("is not")) << text;
}

TEST(Set, of_a_folder_notes_what_was_left_out) {
  const TemporaryFolder folder;
  for (int i = 0; i < 100; ++i) folder.add_image(fmt::format("01_palm/{}.png", i), i);
  folder.add_image("04_fist_moved/1.png");
  folder.add_image("deeper/01_palm/1.png");
  folder.add_file("01_palm/50.png", "x");
  const Dataset set = load_set(folder.path());
  ASSERT_EQ(set.notes.size(), 3u);
  EXPECT_THAT(set.notes[0], HasSubstr("left out 1 unreadable pictures, the first 01_palm/50.png: is no PNG"));
  EXPECT_THAT(
      set.notes[1],
      HasSubstr("left out 1 of 102 pictures that do not lie as CLASS/*, the first deeper/01_palm/1.png"));
  EXPECT_THAT(set.notes[2], HasSubstr("left out 1 pictures of *_moved classes"));
  EXPECT_EQ(merge({set, set}).notes.size(), 6u);
}

TEST(Set, has_pictures_of_the_shape_that_is_wanted) {
  const TemporaryFolder folder;
  folder.add_image("pictures/a/1.png");
  const PictureShape color{.height = 10, .width = 30, .channels = 3};
  const Dataset prepared = load_set(folder / "pictures", {}, color);
  EXPECT_EQ(prepared.shape, color);
  EXPECT_EQ(prepared.images.size(), color.bytes());

  write_dataset(folder / "set.npz", prepared);
  const Dataset back = load_set(folder / "set.npz");
  EXPECT_EQ(back.shape, color);
  EXPECT_EQ(back.images, prepared.images);
  EXPECT_EQ(load_set(folder / "set.npz", {}, color).size(), 1u);
  EXPECT_THAT(
      refusal([&] { load_set(folder / "set.npz", {}, PictureShape{}); }),
      HasSubstr("set.npz: its pictures are 30x10 colour, and 96x96 gray are needed; prepare them with "
                "`mudra data prepare --size 96x96`"));
  write_dataset(folder / "gray.npz", load_set(folder / "pictures"));
  EXPECT_THAT(refusal([&] {
                load_sets({folder / "set.npz", folder / "gray.npz"});
              }),
              HasSubstr("prepare --size 30x10 --color`"));

  const Dataset rendered = load_set("synthetic:8"), resized = load_set("synthetic:8", {}, color);
  EXPECT_TRUE(rendered.notes.empty());
  EXPECT_THAT(resized.notes,
              testing::ElementsAre("synthetic:8: hands are rendered 96x96 gray and resized to 30x10 colour"));
  std::vector<std::uint8_t> expected(color.bytes());
  const auto hand = rendered.image(5);
  prepare(Image{.width = 96, .height = 96, .channels = 1, .pixels = {hand.begin(), hand.end()}}, color,
          expected);
  EXPECT_TRUE(std::ranges::equal(resized.image(5), expected));
}

TEST(Set, that_is_none_is_refused_in_words) {
  const TemporaryFolder folder;
  folder.add_file("notes.txt", "x");
  folder.add_file("broken.npz", "x");
  write_file(folder / "wrong.npy",
             write_npy({"", {3, 95, 96, 4}, std::vector<std::uint8_t>(3 * 95 * 96 * 4)}));
  write_file(folder / "narrow.npy", write_npy({"", {3, 7, 96}, std::vector<std::uint8_t>(3 * 7 * 96)}));
  write_file(folder / "wide.npy", write_npy({"", {1, 8, 513}, std::vector<std::uint8_t>(8 * 513)}));
  write_file(folder / "none.npy", write_npy({"", {0, 96, 96}, std::vector<std::uint8_t>()}));
  EXPECT_THAT(refusal([&] { load_set("synthetic:"); }), HasSubstr("synthetic:: '' is no number of pictures"));
  EXPECT_THAT(refusal([&] { load_set("synthetic:-8"); }), HasSubstr("'-8' is no number"));
  EXPECT_THAT(refusal([&] { load_set("synthetic:8x"); }), HasSubstr("'8x' is no number"));
  EXPECT_THAT(refusal([&] { load_set("synthetic:99999999999999999999"); }), HasSubstr("is no number"));
  EXPECT_THAT(refusal([&] { load_set(folder / "notes.txt"); }), HasSubstr("is no data set"));
  EXPECT_THAT(refusal([&] { load_set(folder / "missing"); }), HasSubstr("No such file"));
  EXPECT_THAT(refusal([&] { load_set(folder / "broken.npz"); }), HasSubstr("not a whole zip archive"));
  for (const char* name : {"wrong.npy", "narrow.npy", "wide.npy"})
    EXPECT_THAT(refusal([&] { load_set(folder / name); }),
                HasSubstr("the shape [N, height, width] or [N, height, width, 3], with sides of 8 to 512"));
  EXPECT_THAT(refusal([&] { load_set(folder / "none.npy"); }), HasSubstr("no images in it"));
}

}  // namespace
}  // namespace mudra::data
