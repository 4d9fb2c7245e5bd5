#include "mudra/base/temporary_folder.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"

namespace mudra {

std::filesystem::path make_temporary_folder(const std::filesystem::path& folder) {
  if (folder.has_parent_path()) make_folder(folder.parent_path());
  std::filesystem::path temporary = temporary_name(folder);
  std::error_code error;
  std::filesystem::remove_all(temporary, error);  // of a link: the link
  if (error) throw Error(ErrorKind::kIo, fmt::format("{}: {}", folder.string(), error.message()));
  if (::mkdir(temporary.c_str(), 0777) != 0)
    throw Error(ErrorKind::kIo, fmt::format("{}: {}", folder.string(), std::strerror(errno)));
  return temporary;
}

}  // namespace mudra
