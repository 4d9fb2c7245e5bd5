// make_seeds FOLDER: writes FOLDER/TARGET/FILE for every seed.
#include <fmt/format.h>

#include <filesystem>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "tests/fuzz/seeds.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    for (const auto& [target, name, bytes] : mudra::fuzz::make_seeds()) {
      const std::filesystem::path folder = std::filesystem::path(argv[1]) / target;
      mudra::make_folder(folder);
      mudra::write_file(folder / name, bytes);
    }
  } catch (const mudra::Error& error) {
    fmt::print(stderr, "make_seeds: {}\n", error.text);
    return 1;
  }
}
