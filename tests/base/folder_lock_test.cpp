#include "mudra/base/folder_lock.hpp"

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
  void TearDown() override { fs::remove_all(folder_); }

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

TEST_F(FolderLocks, shared_may_be_taken_again_until_they_end) {
  const fs::path other = folder_ / "other";
  fs::create_directory(other);
  {
    const FolderLock lock(folder_), not_shared(other);
    lock.share();
    EXPECT_TRUE(can_lock());
    EXPECT_THROW(FolderLock{other}, Error);
    { const FolderLock again(folder_); }
    EXPECT_TRUE(can_lock());
  }
  const FolderLock lock(folder_);
  EXPECT_FALSE(can_lock());
}

}  // namespace
}  // namespace mudra
