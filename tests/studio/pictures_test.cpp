#include "mudra/studio/pictures.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "mudra/base/files.hpp"
#include "mudra/data/image.hpp"
#include "tests/refusal.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> png_of(std::uint8_t level, int side = 240) {
  const auto pixels = static_cast<std::size_t>(side) * static_cast<std::size_t>(side);
  return data::encode_png(
      {.width = side, .height = side, .pixels = std::vector<std::uint8_t>(pixels, level)});
}

struct PicturesTest : testing::Test {
  PicturesTest() { fs::remove_all(root); }
  ~PicturesTest() override { fs::remove_all(root); }
  fs::path root = fs::path(testing::TempDir()) / fmt::format("studio_pictures_{}", ::getpid());
  Pictures pictures{root / "pictures", root / "trash"};
};

TEST_F(PicturesTest, are_decoded_and_written_anew) {
  auto png = png_of(10, 300);
  png.insert(png.end(), {'<', 's', 'c', 'r', 'i', 'p', 't', '>'});
  const Pictures::Kept kept = pictures.keep("ana", "palm", png);
  EXPECT_TRUE(kept.kept);
  EXPECT_EQ(kept.subject, "ana-1");
  EXPECT_EQ(kept.count, 1);
  EXPECT_EQ(read_file(root / "pictures/ana-1/palm/0001.png"), png_of(10));
}

TEST_F(PicturesTest, that_are_twins_are_skipped) {
  EXPECT_TRUE(pictures.keep("ana", "palm", png_of(10)).kept);
  EXPECT_FALSE(pictures.keep("ana", "palm", png_of(11)).kept);
  EXPECT_TRUE(pictures.keep("ana", "palm", png_of(20)).kept);
  EXPECT_EQ(pictures.counts()["palm"], 2);
}

TEST_F(PicturesTest, can_be_taken_back) {
  pictures.keep("ana", "palm", png_of(10));
  pictures.keep("ana", "fist", png_of(20));
  EXPECT_FALSE(pictures.take_back("ben").taken_back);
  const Pictures::TakenBack taken = pictures.take_back("ana");
  EXPECT_TRUE(taken.taken_back);
  EXPECT_EQ(taken.subject + "/" + taken.label, "ana-1/fist");
  EXPECT_TRUE(pictures.take_back("ana").taken_back);
  EXPECT_FALSE(pictures.take_back("ana").taken_back);
  EXPECT_TRUE(pictures.list().empty());
  EXPECT_TRUE(pictures.empty());
}

TEST_F(PicturesTest, are_of_one_sitting_until_it_ends) {
  EXPECT_EQ(pictures.keep("ana", "palm", png_of(10)).subject, "ana-1");
  EXPECT_EQ(pictures.keep("ben", "palm", png_of(10)).subject, "ben-1");
  EXPECT_EQ(pictures.keep("ana", "palm", png_of(20)).subject, "ana-1");
  pictures.end_sitting("ana");
  EXPECT_EQ(pictures.keep("ana", "palm", png_of(30)).subject, "ana-2");
}

TEST_F(PicturesTest, of_a_board_stay_as_they_are_in_the_same_sitting) {
  pictures.keep("ana", "palm", png_of(10));
  const data::PictureShape shape = {.height = 32, .width = 48, .channels = 3};
  std::vector<std::uint8_t> pixels(shape.bytes());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 7);
  const Pictures::Kept kept = pictures.keep_whole("ana", "palm", shape, pixels);
  EXPECT_TRUE(kept.kept);
  EXPECT_EQ(kept.subject, "ana-1");
  EXPECT_EQ(kept.count, 2);
  const data::Image image =
      data::decode_image(pictures.bytes({.subject = "ana-1", .label = "palm", .file = "0002.png"}));
  EXPECT_EQ(image.width, 48);
  EXPECT_EQ(image.height, 32);
  EXPECT_EQ(image.pixels, pixels);
  EXPECT_TRUE(pictures.take_back("ana").taken_back);
}

TEST_F(PicturesTest, of_elsewhere_are_of_the_sitting_that_is_named) {
  EXPECT_EQ(pictures.import("ana-maria-evening", "palm", png_of(10, 300)).subject, "ana-maria-evening");
  EXPECT_FALSE(pictures.import("ana-maria-evening", "palm", png_of(11)).kept);
  const Pictures::Kept alias = pictures.import("ana-maria-evening", "_Unknown_", png_of(20));
  EXPECT_EQ(alias.label, "none");
  EXPECT_EQ(pictures.import("ana-maria-evening", "palm", png_of(30)).count, 2);
  // Without a session it begins one; a person's own pictures are in another, and only those are taken back.
  EXPECT_EQ(pictures.import("ben", "palm", png_of(10)).subject, "ben-1");
  EXPECT_FALSE(pictures.take_back("ben").taken_back);
  EXPECT_EQ(pictures.keep("ben", "palm", png_of(20)).subject, "ben-2");
  EXPECT_EQ(pictures.import("ben-1", "palm", png_of(30)).count, 2);
  EXPECT_EQ(pictures.keep("ben", "palm", png_of(40)).subject, "ben-2");
  EXPECT_EQ(pictures.list("ben-1", "palm").dump(), R"(["0001.png","0002.png"])");
  EXPECT_EQ(pictures.list("ben-3", "palm").dump(), "[]");
  for (const char* name : {"", "..", "a/b", "-1", "<b>"}) {
    EXPECT_NE(refusal([&] { pictures.import(name, "palm", png_of(10)); }), "") << name;
    EXPECT_NE(refusal([&] { pictures.import("ben-1", name, png_of(10)); }), "") << name;
    EXPECT_NE(refusal([&] { pictures.list("ben-1", name); }), "") << name;
  }
}

// An import that was broken off, begun again; only what is there still is a twin, of the same person and
// class.
TEST_F(PicturesTest, of_elsewhere_are_kept_once) {
  EXPECT_EQ(pictures.import("ana", "palm", png_of(10)).subject, "ana-1");
  EXPECT_TRUE(pictures.import("ana-1", "palm", png_of(30, 96)).kept);
  EXPECT_FALSE(pictures.import("ana-1", "palm", png_of(10)).kept);  // not only the one before
  write_text(root / "pictures/ana-1/palm/rubbish.png", "rubbish");
  Pictures again(root / "pictures", root / "trash");
  for (const char* subject : {"ana", "ana-1", "ana-evening"}) {
    const Pictures::Kept first = again.import(subject, "palm", png_of(10));
    EXPECT_FALSE(first.kept) << subject;
    EXPECT_FALSE(again.import(first.subject, "palm", png_of(30, 96)).kept) << subject;
    EXPECT_FALSE(again.import(first.subject, "palm", png_of(31)).kept) << subject;
  }
  EXPECT_TRUE(again.import("ana", "fist", png_of(10)).kept);
  EXPECT_TRUE(again.import("an", "palm", png_of(10)).kept);
  again.discard({"ana-1", "palm", "0001.png"});
  EXPECT_TRUE(again.import("ana", "palm", png_of(10)).kept);
  EXPECT_FALSE(again.import("ana", "palm", png_of(10)).kept);
}

// Whoever changed a folder, and whenever: between one look and the next, or long before.
TEST_F(PicturesTest, that_others_put_there_are_seen) {
  const fs::path folder = root / "pictures/ana-1/palm";
  make_folder(folder);
  for (int i = 0; i < 5; ++i) {
    write_file(folder / fmt::format("x{}.png", i), png_of(10));
    EXPECT_EQ(pictures.counts()["palm"], i + 1);
  }
  fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(1));
  EXPECT_EQ(pictures.counts()["palm"], 5);
  fs::remove(folder / "x0.png");
  EXPECT_EQ(pictures.list("ana-1", "palm").size(), 4);
  fs::remove_all(folder);
  EXPECT_TRUE(pictures.empty());
}

TEST_F(PicturesTest, move_to_other_classes_and_overwrite_none) {
  pictures.keep("ana", "palm", png_of(10));
  pictures.keep("ana", "fist", png_of(20));
  const PicturePlace moved = pictures.relabel({"ana-1", "palm", "0001.png"}, "fist");
  EXPECT_EQ(moved.file, "0002.png");
  EXPECT_EQ(moved.label, "fist");
  // The sitting that is open counts on behind it.
  EXPECT_EQ(pictures.keep("ana", "fist", png_of(30)).subject, "ana-1");
  EXPECT_EQ(pictures.list().dump(), R"({"ana-1":{"fist":["0001.png","0002.png","0003.png"]}})");
  EXPECT_FALSE(pictures.empty());
  EXPECT_EQ(pictures.bytes({"ana-1", "fist", "0002.png"}), png_of(10));
}

TEST_F(PicturesTest, come_back_from_the_trash) {
  pictures.keep("ana", "palm", png_of(10));
  const PicturePlace first = pictures.discard({"ana-1", "palm", "0001.png"});
  EXPECT_TRUE(pictures.list().empty());
  EXPECT_EQ(refusal([&] {
              pictures.discard({"ana-1", "palm", "0001.png"});
            }).substr(0, 5),
            root.string().substr(0, 5));
  pictures.keep("ana", "palm", png_of(20));
  const PicturePlace second = pictures.discard({"ana-1", "palm", "0001.png"});
  EXPECT_EQ(second.file, "0002.png");
  pictures.restore(second);
  EXPECT_EQ(pictures.restore(first).file, "0001.png");
  EXPECT_EQ(pictures.bytes({"ana-1", "palm", "0001.png"}), png_of(10));
  EXPECT_EQ(pictures.bytes({"ana-1", "palm", "0002.png"}), png_of(20));
}

TEST_F(PicturesTest, of_other_kinds_are_refused) {
  const std::vector<std::uint8_t> nothing, text = {'h', 'e', 'l', 'l', 'o'};
  EXPECT_NE(refusal([&] { pictures.keep("ana", "palm", nothing); }), "");
  EXPECT_NE(refusal([&] { pictures.keep("ana", "palm", text); }), "");
  auto cut = png_of(10);
  for (std::size_t size = 0; size < cut.size(); size += 7)
    EXPECT_NE(refusal([&] { pictures.keep("ana", "palm", std::span(cut).first(size)); }), "") << size;
  EXPECT_NE(refusal([&] { pictures.keep("ana", "palm", png_of(10, 1025)); }), "");
  for (const char* name : {"", "..", "a/b", "a b", "-x", "<b>", "a.png"}) {
    EXPECT_NE(refusal([&] { pictures.keep(name, "palm", png_of(10)); }), "") << name;
    EXPECT_NE(refusal([&] { pictures.keep("ana", name, png_of(10)); }), "") << name;
  }
  EXPECT_NE(refusal([&] { pictures.keep("ana", "train", png_of(10)); }), "");  // a part of a split
  EXPECT_TRUE(pictures.list().empty());
}

TEST_F(PicturesTest, are_nowhere_but_in_their_folder) {
  make_folder(root);
  write_text(root / "secret.png", "x");
  make_folder(root / "pictures/ana-1/palm");
  fs::create_symlink(root / "secret.png", root / "pictures/ana-1/palm/0001.png");
  for (const PicturePlace& place :
       {PicturePlace{"..", "..", "secret.png"}, PicturePlace{"ana-1", "palm", "../../../secret.png"},
        PicturePlace{"ana-1", "palm", "0001.png"}, PicturePlace{"ana-1", "palm", "0002.png"},
        PicturePlace{"ana-1", "palm", ""}, PicturePlace{"", "", "secret.png"}}) {
    EXPECT_NE(refusal([&] { pictures.bytes(place); }), "") << place.file;
    EXPECT_NE(refusal([&] { pictures.discard(place); }), "") << place.file;
    EXPECT_NE(refusal([&] { pictures.relabel(place, "fist"); }), "") << place.file;
    EXPECT_NE(refusal([&] { pictures.restore(place); }), "") << place.file;
  }
  EXPECT_TRUE(pictures.list().empty());
}

}  // namespace
}  // namespace mudra::studio
