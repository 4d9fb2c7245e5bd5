#include "mudra/base/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"

namespace mudra {
namespace {

// The descriptor that a parent process has locked a folder by.
constexpr const char* kSharedLock = "MUDRA_FOLDER_LOCK";

bool is_same_folder(int a, int b) {
  struct stat of_a {
  }, of_b{};
  return ::fstat(a, &of_a) == 0 && ::fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

// Whether the parent's lock is on this folder: only who has its descriptor can take it again.
bool is_shared_by_parent(int folder) {
  const char* const text = std::getenv(kSharedLock);
  if (text == nullptr) return false;
  const std::string_view digits(text);
  int shared = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), shared);
  return error == std::errc() && end == digits.data() + digits.size() && is_same_folder(folder, shared) &&
         ::flock(shared, LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_ < 0) fail_io(folder, errno);
  if (::flock(folder_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK || is_shared_by_parent(folder_))
    return;
  ::close(std::exchange(folder_, -1));
  fail("{}: another mudra is at work in this folder; wait for its end, or choose another --out",
       folder.string());
}

FolderLock::FolderLock(FolderLock&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(folder_, other.folder_);
  return *this;
}

FolderLock::~FolderLock() {
  if (folder_ >= 0) ::close(folder_);
}

void FolderLock::share_with_children() const {
  ::fcntl(folder_, F_SETFD, 0);
  ::setenv(kSharedLock, std::to_string(folder_).c_str(), 1);
}

}  // namespace mudra
