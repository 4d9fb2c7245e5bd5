// A camera of this PC through Linux's own interface (Video4Linux, linux/videodev2.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "mudra/data/image.hpp"

namespace mudra::data {

// The system calls that a camera is used by, with their results and errno; a test has others.
class VideoSystem {
 public:
  virtual ~VideoSystem() = default;
  virtual int open(const char* path) = 0;
  virtual void close(int device) = 0;
  virtual int control(int device, unsigned long request, void* argument) = 0;
  virtual void* map(int device, std::size_t bytes, std::int64_t offset) = 0;  // null: failed
  virtual void unmap(void* memory, std::size_t bytes) = 0;
  virtual int wait(int device, int timeout_ms) = 0;  // above 0: it has a picture, 0: not within the time
};
VideoSystem& linux_video();

class VideoCamera {
 public:
  // Starts it with pictures of about 640x480, gray (GREY) or YUYV, whichever it has. Throws Error with the
  // path in front: no such device, no permission, in use, no camera, no format of these.
  explicit VideoCamera(std::filesystem::path path, VideoSystem& system = linux_video());
  VideoCamera(const VideoCamera&) = delete;
  VideoCamera& operator=(const VideoCamera&) = delete;
  ~VideoCamera();

  // The next picture, gray or, with `color` where the camera has it, red, green and blue. Throws Error when
  // none comes within `patience`, kInterrupted on Ctrl-C.
  Image grab(bool color, std::chrono::milliseconds patience = std::chrono::seconds(5));

 private:
  struct Mapping {
    void* memory = nullptr;
    std::size_t bytes = 0;
  };

  void start();
  void check_is_camera();
  void choose_format();
  void map_buffers();
  void release();
  int control(unsigned long request, void* argument);
  void must(unsigned long request, void* argument, const char* what);
  [[noreturn]] void refuse(const std::string& why) const;
  Image image_of(const std::uint8_t* bytes, bool color) const;

  std::filesystem::path path_;
  VideoSystem& system_;
  int device_ = -1;
  bool yuyv_ = false, narrow_ = false;  // gray levels of 16 to 235
  int width_ = 0, height_ = 0;
  std::size_t stride_ = 0;
  std::vector<Mapping> mappings_;
};

}  // namespace mudra::data
