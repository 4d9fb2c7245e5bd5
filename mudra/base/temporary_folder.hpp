// A folder that is filled beside its final place.
#pragma once

#include <filesystem>

namespace mudra {

// An empty folder temporary_name(target), which nothing else has a hand in; the parents are made too. It is
// removed at the end of its scope unless it has been given away.
class PendingFolder {
 public:
  // Throws Error{kIo}.
  explicit PendingFolder(std::filesystem::path target);
  PendingFolder(const PendingFolder&) = delete;
  PendingFolder& operator=(const PendingFolder&) = delete;
  ~PendingFolder();

  const std::filesystem::path& path() const { return pending_; }

  // Becomes `target`, which must be missing or empty. Throws Error{kIo}.
  void commit();

 private:
  std::filesystem::path target_, pending_;
};

}  // namespace mudra
