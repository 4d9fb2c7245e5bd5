#include "mudra/base/folder_lock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

namespace fs = std::filesystem;

class FolderLocks : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "mudra_lock_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    ::unsetenv("MUDRA_FOLDER_LOCK");
    fs::remove_all(folder_);
  }

  bool can_lock() const {
    try {
      const FolderLock lock(folder_);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  fs::path folder_;
};

TEST_F(FolderLocks, are_held_by_one_at_a_time_and_leave_nothing) {
  {
    const FolderLock lock(folder_);
    EXPECT_FALSE(can_lock());
  }
  EXPECT_TRUE(can_lock());
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_THROW(FolderLock(folder_ / "missing"), Error);
}

TEST_F(FolderLocks, end_with_a_process_that_is_killed) {
  const pid_t process = ::fork();
  if (process == 0) {
    FolderLock lock(folder_);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(can_lock());
}

TEST_F(FolderLocks, shared_with_children_are_theirs_too) {
  const FolderLock lock(folder_);
  lock.share_with_children();
  EXPECT_TRUE(can_lock());  // as a child, which has the descriptor and its number
  const int other = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY);
  ::setenv("MUDRA_FOLDER_LOCK", std::to_string(other).c_str(), 1);
  EXPECT_FALSE(can_lock());  // another descriptor of the folder is nothing
  ::close(other);
}

}  // namespace
}  // namespace mudra
