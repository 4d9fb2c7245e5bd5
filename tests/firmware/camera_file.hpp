// A camera for a board on this PC.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace mudra::firmware {

// A camera that sees the PGMs or PPMs of a file; of a gray alone, one picture of 240 x 240.
class CameraFile {
 public:
  explicit CameraFile(char gray) : CameraFile("P5\n240 240\n255\n" + std::string(240 * 240, gray)) {}
  // `kind`: P5 or P6.
  CameraFile(const std::string& kind, int width, int height, std::span<const std::uint8_t> pixels)
      : CameraFile(kind + " " + std::to_string(width) + " " + std::to_string(height) + " 255\n" +
                   std::string(pixels.begin(), pixels.end())) {}
  explicit CameraFile(const std::string& pictures)
      : pictures_(pictures), path_(testing::TempDir() + "mudra_camera" + std::to_string(getpid())) {
    plug_in();
  }
  void plug_in() { std::ofstream(path_, std::ios::binary) << pictures_; }
  void unplug() { std::ofstream(path_, std::ios::binary | std::ios::trunc).flush(); }
  ~CameraFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  std::string pictures_, path_;
};

}  // namespace mudra::firmware
