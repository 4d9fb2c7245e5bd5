#include "mudra/base/file_name.hpp"

#include <cstddef>

#include "mudra/base/error.hpp"

namespace mudra {

std::string safe_file_name(const std::string& name, const char* role) {
  constexpr std::size_t kMaxBytes = 200;  // of the 255 of a file system, to be put together with others
  const char* reason = nullptr;
  if (name.empty()) reason = "it is empty";
  if (name == "." || name == "..") reason = "it means a folder that is there";
  if (name.find('/') != std::string::npos) reason = "it has a '/'";
  if (!is_printable(name)) reason = "it has control characters";
  if (reason != nullptr) fail("{} '{}' cannot name a file: {}", role, name, reason);
  if (name.size() > kMaxBytes)
    fail("{} '{}...' cannot name a file: {} bytes are more than {}", role, name.substr(0, 40), name.size(),
         kMaxBytes);
  return name;
}

}  // namespace mudra
