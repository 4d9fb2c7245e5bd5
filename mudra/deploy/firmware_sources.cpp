#include "mudra/deploy/firmware_sources.hpp"

#include <algorithm>
#include <cassert>

namespace mudra::deploy {

std::string_view firmware_source(std::string_view path) {
  const auto found = std::ranges::find(firmware_sources(), path, &SourceFile::path);
  assert(found != firmware_sources().end());
  return found->text;
}

}  // namespace mudra::deploy
