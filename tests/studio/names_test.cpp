#include "mudra/studio/names.hpp"

#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"

namespace mudra::studio {
namespace {

namespace fs = std::filesystem;

TEST(Names, are_letters_digits_and_two_signs) {
  for (const char* name : {"palm", "ana-2", "L", "_x", "0001", "a-"}) EXPECT_TRUE(is_name(name)) << name;
  EXPECT_TRUE(is_name(std::string(40, 'a')));
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a.b"),
        std::string("-rf"), std::string("a b"), std::string("\u00e9"), std::string("a\0b", 3),
        std::string("a\n"), std::string("%2e"), std::string("<b>"), std::string("$(x)"),
        std::string(41, 'a')})
    EXPECT_FALSE(is_name(name)) << name;
}

TEST(Names, of_pictures_have_one_extension) {
  for (const char* name : {"0001.png", "IMG_2.jpg", "a.jpeg", "b.webp", "c.bmp"})
    EXPECT_TRUE(is_picture_name(name)) << name;
  for (const char* name :
       {"0001", ".png", "a.b.png", "../a.png", "a.PNG", "a.png/", "a.svg", "a.html", "a.png.html"})
    EXPECT_FALSE(is_picture_name(name)) << name;
}

TEST(Names, become_paths_below_their_root_only) {
  const fs::path root = fs::path(testing::TempDir()) / "names";
  fs::remove_all(root);
  make_folder(root);
  EXPECT_EQ(joined(root, {"ana-1", "palm", "0001.png"}), root / "ana-1/palm/0001.png");
  EXPECT_EQ(joined(root, {"ana-1"}), root / "ana-1");
  EXPECT_THROW(joined(root, {"..", "palm"}), Error);
  EXPECT_THROW(joined(root, {"ana-1", ".."}), Error);
  EXPECT_THROW(joined(root, {"a.png", "b"}), Error);  // only what is last is a picture
  EXPECT_THROW(joined(root, {"/etc/passwd"}), Error);
  EXPECT_THROW(joined(root, {""}), Error);
  fs::create_directory_symlink("/etc", root / "way-out");
  EXPECT_THROW(joined(root, {"way-out", "passwd"}), Error);
  fs::remove_all(root);
}

}  // namespace
}  // namespace mudra::studio
