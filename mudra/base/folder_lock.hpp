// A folder that one process at a time may write to.
#pragma once

#include <filesystem>

namespace mudra {

// Held from construction to destruction, or to the death of the process however it dies; nothing is left in
// the folder. File systems without locks (flock) give none.
class FolderLock {
 public:
  FolderLock() = default;  // of nothing

  // Throws Error when another process holds the lock, unless it is one that shared it with this process.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

  explicit operator bool() const { return folder_ >= 0; }

  // Commands that this process starts from now on may lock the folder too, and hold it until they end.
  void share_with_children() const;

 private:
  int folder_ = -1;  // descriptor
};

}  // namespace mudra
