// The files of the page, kept inside of the program: studio/web and, where it could be built, engine.wasm.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mudra::studio {

struct WebFile {
  std::string_view name;  // "live.js"
  std::span<const std::uint8_t> bytes;
};

std::span<const WebFile> web_files();

}  // namespace mudra::studio
