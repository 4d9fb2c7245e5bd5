// A folder that exists for one test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "mudra/base/files.hpp"
#include "mudra/data/image.hpp"

namespace mudra::data {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mudra_test_XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

  // A small gray PNG of one value at NAME, with its folders.
  void add_image(const std::string& name, int value = 100) const {
    add_file(name, "");
    const Image image{.width = 8,
                      .height = 6,
                      .channels = 1,
                      .pixels = std::vector<std::uint8_t>(48, static_cast<std::uint8_t>(value))};
    write_file(path_ / name, encode_png(image));
  }

  void add_file(const std::string& name, const std::string& text) const {
    make_folder((path_ / name).parent_path());
    write_text(path_ / name, text);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mudra::data
