#include "mudra/base/temporary_folder.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "mudra/base/files.hpp"

namespace mudra {

PendingFolder::PendingFolder(std::filesystem::path target) : target_(std::move(target)) {
  if (target_.has_parent_path()) make_folder(target_.parent_path());
  const std::filesystem::path pending = temporary_name(target_);
  std::error_code error;
  std::filesystem::remove_all(pending, error);  // of a link: the link
  if (error) fail_io(target_, error.value());
  if (::mkdir(pending.c_str(), 0777) != 0) fail_io(target_, errno);
  pending_ = pending;
}

PendingFolder::~PendingFolder() {
  std::error_code ignored;
  if (!pending_.empty()) std::filesystem::remove_all(pending_, ignored);
}

void PendingFolder::commit() {
  std::error_code error;
  std::filesystem::rename(pending_, target_, error);
  if (error) fail_io(target_, error.value());
  pending_.clear();
}

}  // namespace mudra
