#include "mudra/base/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "mudra/base/error.hpp"
#include "mudra/base/temporary_folder.hpp"
#include "tests/refusal.hpp"

namespace mudra {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "mudra_files_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }

  std::size_t files_in_folder() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(Files, what_is_written_is_read_back_and_nothing_else_is_left) {
  const std::vector<std::uint8_t> bytes = {0, 1, 255, '\n'};
  write_file(folder_ / "a", bytes);
  EXPECT_EQ(read_file(folder_ / "a"), bytes);
  write_text(folder_ / "a", "shorter");
  EXPECT_EQ(read_text(folder_ / "a"), "shorter");
  write_file(folder_ / "empty", {});
  EXPECT_TRUE(read_file(folder_ / "empty").empty());
  EXPECT_EQ(files_in_folder(), 2u);
}

TEST_F(Files, what_killed_writers_left_is_removed_and_nothing_else) {
  constexpr const char* kNoProcess = "2147483647";  // above any kernel's pid_max
  const fs::path abandoned = folder_ / fmt::format("a.npz.{}.tmp", kNoProcess);
  const std::vector<fs::path> kept = {folder_ / "a.npz", folder_ / "notes.tmp", folder_ / "a.12x.tmp",
                                      folder_ / "a..tmp", folder_ / fmt::format("a.{}.tmp", ::getpid())};
  write_text(abandoned, "half");
  for (const fs::path& path : kept) write_text(path, "whole");
  remove_abandoned_files(folder_);
  EXPECT_FALSE(fs::exists(abandoned));
  for (const fs::path& path : kept) EXPECT_TRUE(fs::exists(path)) << path;
  remove_abandoned_files(folder_ / "missing");
}

TEST_F(Files, a_link_under_the_temporary_name_is_not_followed) {
  write_text(folder_ / "victim", "kept");
  const fs::path file = folder_ / "file", folder = folder_ / "folder";
  fs::create_symlink("victim", temporary_name(file));
  write_text(file, "new");
  EXPECT_EQ(read_text(file), "new");
  EXPECT_FALSE(fs::is_symlink(file));
  fs::create_directory(folder_ / "elsewhere");
  fs::create_symlink("elsewhere", temporary_name(folder));
  const PendingFolder made(folder);
  EXPECT_FALSE(fs::is_symlink(made.path()));
  EXPECT_TRUE(fs::is_directory(made.path()));
  EXPECT_TRUE(fs::is_directory(folder_ / "elsewhere"));
  EXPECT_EQ(read_text(folder_ / "victim"), "kept");
}

TEST_F(Files, a_pending_folder_takes_its_place_or_goes) {
  const fs::path folder = folder_ / "parent" / "folder";
  write_text(PendingFolder(folder).path() / "file", "half");
  EXPECT_TRUE(fs::is_empty(folder_ / "parent"));
  {
    PendingFolder pending(folder);
    write_text(pending.path() / "file", "whole");
    pending.commit();
  }
  EXPECT_EQ(read_text(folder / "file"), "whole");
  EXPECT_FALSE(fs::exists(temporary_name(folder)));
  PendingFolder late(folder);
  EXPECT_THAT(refusal([&] { late.commit(); }), HasSubstr("folder: Directory not empty"));
}

TEST_F(Files, an_empty_path_and_one_too_long_are_errors) {
  const fs::path long_name = folder_ / std::string(300, 'x');
  EXPECT_THAT(refusal([&] { write_text("", "x"); }), HasSubstr("an empty path names no file"));
  EXPECT_THAT(refusal([&] { make_folder(""); }), HasSubstr("an empty path names no folder"));
  EXPECT_THAT(refusal([&] { read_file(""); }), HasSubstr("an empty path names no file"));
  EXPECT_THAT(refusal([&] { write_text(long_name, "x"); }), HasSubstr("x: File name too long"));
  EXPECT_THAT(refusal([&] { make_folder(long_name); }), HasSubstr("x: File name too long"));
  EXPECT_THAT(refusal([&] { PendingFolder pending(long_name); }), HasSubstr("x: File name too long"));
}

TEST_F(Files, what_cannot_be_read_is_named) {
  EXPECT_THAT(refusal([&] { read_file(folder_ / "no"); }), HasSubstr("no: No such file or directory"));
  EXPECT_THAT(refusal([&] { read_file(folder_); }), HasSubstr("is a folder, not a file"));
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal([&] { read_file(folder_ / "pipe"); }), HasSubstr("is not a regular file"));
}

TEST_F(Files, a_file_too_large_is_refused_before_memory_is_taken) {
  { std::ofstream sparse(folder_ / "large"); }
  fs::resize_file(folder_ / "large", kMaxFileBytes + 1);
  EXPECT_THAT(refusal([&] { read_file(folder_ / "large"); }), HasSubstr("more than the"));
}

TEST_F(Files, a_folder_is_not_overwritten) {
  fs::create_directory(folder_ / "target");
  EXPECT_THAT(refusal([&] { write_text(folder_ / "target", "x"); }), HasSubstr("target: is a folder"));
  EXPECT_TRUE(fs::is_directory(folder_ / "target"));
  EXPECT_EQ(files_in_folder(), 1u);
}

TEST_F(Files, a_missing_folder_is_an_error) {
  EXPECT_THAT(refusal([&] { write_text(folder_ / "no/file", "x"); }), HasSubstr("No such file or directory"));
}

TEST_F(Files, an_unwritable_folder_is_an_error) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_THAT(refusal([&] { write_text(folder_ / "file", "x"); }), HasSubstr("Permission denied"));
}

TEST_F(Files, a_write_that_fails_midway_keeps_the_old_file_and_leaves_nothing_behind) {
  write_text(folder_ / "file", "old");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = refusal([&] { write_file(folder_ / "file", std::vector<std::uint8_t>(100000)); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_THAT(error, HasSubstr("File too large"));
  EXPECT_EQ(read_text(folder_ / "file"), "old");
  EXPECT_EQ(files_in_folder(), 1u);
}

TEST_F(Files, a_full_device_is_an_error) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  EXPECT_THAT(refusal([&] { write_text("/dev/full", "x"); }), HasSubstr("No space left on device"));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(Files, folders_are_made_with_their_parents_unless_a_file_is_in_the_way) {
  make_folder(folder_ / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder_ / "a/b/c"));
  make_folder(folder_ / "a/b/c");
  write_text(folder_ / "file", "x");
  EXPECT_NE(refusal([&] { make_folder(folder_ / "file"); }), "");
  EXPECT_NE(refusal([&] { make_folder(folder_ / "file/below"); }), "");
}

}  // namespace
}  // namespace mudra
