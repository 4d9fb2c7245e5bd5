// The firmware's source files, kept inside of the program, so that it can write a project from wherever it is
// installed.
#pragma once

#include <span>
#include <string_view>

namespace mudra::deploy {

struct SourceFile {
  std::string_view path;  // in the repository: "firmware/main/app_main.cpp", "device/src/engine.cpp"
  std::string_view text;
};

// Everything of firmware/ but what only builds it for a PC, everything of device/ the chip needs,
// docs/firmware.md.
std::span<const SourceFile> firmware_sources();

// The text of one that is there.
std::string_view firmware_source(std::string_view path);

}  // namespace mudra::deploy
