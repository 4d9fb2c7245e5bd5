// A folder that one process at a time may write to.
#pragma once

#include <filesystem>

namespace mudra {

// Held from construction to destruction, or to the death of the process however it dies; nothing is left in
// the folder. File systems without locks (flock) give none.
class FolderLock {
 public:
  FolderLock() = default;  // of nothing

  // Throws Error when the lock is held already, unless it was shared.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

  explicit operator bool() const { return folder_ >= 0; }

  // Until it ends, others in this process may lock the folder too: work that this lock was taken for.
  void share() const;

 private:
  int folder_ = -1;  // descriptor
};

}  // namespace mudra
