// The files of the page, kept inside of the program: studio/web, studio/panes and, where it could be built,
// engine.wasm.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mudra::studio {

struct WebFile {
  std::string_view name;  // "live.js"
  std::span<const std::uint8_t> bytes;
  bool of_studio;  // for the panes that need a studio behind them
};

std::span<const WebFile> web_files();

}  // namespace mudra::studio
