#include "mudra/base/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"

namespace mudra {
namespace {

int shared = -1;  // the descriptor of the lock that is shared

bool is_same_folder(int a, int b) {
  struct stat of_a {
  }, of_b{};
  return ::fstat(a, &of_a) == 0 && ::fstat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
         of_a.st_ino == of_b.st_ino;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_ < 0) fail_io(folder, errno);
  if (::flock(folder_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK || is_same_folder(folder_, shared))
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
  if (folder_ < 0) return;
  if (folder_ == shared) shared = -1;
  ::close(folder_);
}

void FolderLock::share() const { shared = folder_; }

}  // namespace mudra
