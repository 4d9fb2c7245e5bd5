#include "mudra/data/video_camera.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"

namespace mudra::data {
namespace {

constexpr std::uint32_t kWantedWidth = 640, kWantedHeight = 480, kWantedBuffers = 4, kMostBuffers = 32;

class LinuxVideo final : public VideoSystem {
 public:
  int open(const char* path) override { return ::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); }
  void close(int device) override { ::close(device); }
  int control(int device, unsigned long request, void* argument) override {
    return ::ioctl(device, request, argument);
  }
  void* map(int device, std::size_t bytes, std::int64_t offset) override {
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, device, offset);
    return memory == MAP_FAILED ? nullptr : memory;
  }
  void unmap(void* memory, std::size_t bytes) override { ::munmap(memory, bytes); }
  int wait(int device, int timeout_ms) override {
    pollfd waiting{.fd = device, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, timeout_ms);
  }
};

std::string reason(int error) {
  if (error == ENOENT || error == ENXIO || error == ENODEV)
    return "there is no such camera; is it plugged in?";
  if (error == EACCES || error == EPERM)
    return "no permission; add yourself to its group (sudo usermod -a -G video $USER) and log in again";
  if (error == EBUSY) return "in use by another program";
  return std::strerror(error);
}

std::uint8_t byte_of(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

// BT.601, rounded; `narrow`: black is 16 and white 235, else 0 and 255.
std::uint8_t gray_of_luma(int y, bool narrow) {
  constexpr int kBlack = 16, kRange = 219;
  if (!narrow) return static_cast<std::uint8_t>(y);
  return byte_of((std::max(y - kBlack, 0) * 255 + kRange / 2) / kRange);
}

std::array<std::uint8_t, 3> color_of(int y, int u, int v, bool narrow) {
  constexpr int kHalf = 1 << 15, kShift = 16, kMiddle = 128;
  // 1.402, 0.344136, 0.714136, 1.772 of full range, 255 / 224 times that of narrow, by 2^16.
  constexpr int kFull[4] = {91881, 22554, 46802, 116130};
  constexpr int kNarrow[4] = {104597, 25675, 53279, 132201};
  const int* factor = narrow ? kNarrow : kFull;
  const int gray = gray_of_luma(y, narrow), blue = u - kMiddle, red = v - kMiddle;
  return {byte_of(gray + ((factor[0] * red + kHalf) >> kShift)),
          byte_of(gray + ((kHalf - factor[1] * blue - factor[2] * red) >> kShift)),
          byte_of(gray + ((factor[3] * blue + kHalf) >> kShift))};
}

v4l2_buffer buffer_at(std::uint32_t index) {
  v4l2_buffer buffer = {};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

}  // namespace

VideoSystem& linux_video() {
  static LinuxVideo system;
  return system;
}

VideoCamera::VideoCamera(std::filesystem::path path, VideoSystem& system)
    : path_(std::move(path)), system_(system), device_(system.open(path_.c_str())) {
  if (device_ < 0) refuse(reason(errno));
  try {
    start();
  } catch (...) {
    release();
    throw;
  }
}

VideoCamera::~VideoCamera() { release(); }

void VideoCamera::release() {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (!mappings_.empty()) static_cast<void>(control(VIDIOC_STREAMOFF, &type));
  for (const Mapping& mapping : mappings_) system_.unmap(mapping.memory, mapping.bytes);
  mappings_.clear();
  system_.close(device_);
}

void VideoCamera::refuse(const std::string& why) const {
  throw Error(ErrorKind::kIo, fmt::format("{}: {}", path_.string(), why));
}

int VideoCamera::control(unsigned long request, void* argument) {
  constexpr int kAttempts = 100;  // at a call that signals end
  int result = -1;
  for (int i = 0; i < kAttempts; ++i) {
    result = system_.control(device_, request, argument);
    if (result >= 0 || errno != EINTR) break;
  }
  return result;
}

void VideoCamera::must(unsigned long request, void* argument, const char* what) {
  if (control(request, argument) < 0) refuse(fmt::format("{}: {}", what, reason(errno)));
}

void VideoCamera::start() {
  check_is_camera();
  choose_format();
  map_buffers();
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  must(VIDIOC_STREAMON, &type, "it does not start");
}

void VideoCamera::check_is_camera() {
  v4l2_capability about = {};
  if (control(VIDIOC_QUERYCAP, &about) < 0) {
    if (errno == ENOTTY || errno == EINVAL) refuse("is no camera");
    refuse(reason(errno));
  }
  const std::uint32_t can =
      (about.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? about.device_caps : about.capabilities;
  if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
    refuse("gives no pictures; a camera often has a second device that does");
}

// A driver answers with what it has next to what was wanted.
void VideoCamera::choose_format() {
  for (const std::uint32_t wanted : {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_GREY}) {
    v4l2_format format = {};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = kWantedWidth;
    format.fmt.pix.height = kWantedHeight;
    format.fmt.pix.pixelformat = wanted;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    if (control(VIDIOC_S_FMT, &format) < 0) {
      if (errno == EINVAL) continue;
      refuse(reason(errno));
    }
    const v4l2_pix_format& got = format.fmt.pix;
    if (got.pixelformat != wanted) continue;
    yuyv_ = wanted == V4L2_PIX_FMT_YUYV;
    narrow_ =
        yuyv_ && (got.quantization == V4L2_QUANTIZATION_LIM_RANGE ||
                  (got.quantization == V4L2_QUANTIZATION_DEFAULT && got.colorspace != V4L2_COLORSPACE_JPEG));
    const std::uint32_t row = got.width * (yuyv_ ? 2 : 1);
    if (got.width < device::kMinPictureSide || got.height < device::kMinPictureSide ||
        got.width > device::kMaxImageSide || got.height > device::kMaxImageSide || got.width % 2 != 0 ||
        (got.bytesperline != 0 && got.bytesperline < row) || got.bytesperline > 4 * row)
      refuse(
          fmt::format("gives pictures of {} x {}, {} bytes a row", got.width, got.height, got.bytesperline));
    width_ = static_cast<int>(got.width);
    height_ = static_cast<int>(got.height);
    stride_ = std::max(got.bytesperline, row);
    return;
  }
  refuse("gives pictures neither as YUYV nor as GREY");
}

void VideoCamera::map_buffers() {
  v4l2_requestbuffers request = {};
  request.count = kWantedBuffers;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  must(VIDIOC_REQBUFS, &request, "it has no buffers");
  if (request.count == 0 || request.count > kMostBuffers)
    refuse(fmt::format("it has {} buffers", request.count));
  for (std::uint32_t i = 0; i < request.count; ++i) {
    v4l2_buffer buffer = buffer_at(i);
    must(VIDIOC_QUERYBUF, &buffer, "it has no buffers");
    if (buffer.length < stride_ * static_cast<std::size_t>(height_)) refuse("its buffers are too small");
    void* memory = system_.map(device_, buffer.length, buffer.m.offset);
    if (memory == nullptr) refuse(fmt::format("its buffers: {}", reason(errno)));
    mappings_.push_back({memory, buffer.length});
    must(VIDIOC_QBUF, &buffer, "it takes no buffers");
  }
}

Image VideoCamera::grab(bool color, std::chrono::milliseconds patience) {
  constexpr int kStepMs = 100;  // between two looks at Ctrl-C
  using Clock = std::chrono::steady_clock;
  for (const Clock::time_point end = Clock::now() + patience; Clock::now() < end;) {
    stop_if_interrupted();
    const int ready = system_.wait(device_, kStepMs);
    if (ready < 0 && errno != EINTR) refuse(reason(errno));
    if (ready <= 0) continue;
    v4l2_buffer buffer = buffer_at(0);
    if (control(VIDIOC_DQBUF, &buffer) < 0) {
      if (errno == EAGAIN || errno == EIO) continue;  // none after all, or one that was lost
      refuse(errno == ENODEV ? "the camera vanished" : reason(errno));
    }
    if (buffer.index >= mappings_.size()) refuse("it gives a buffer that it has not");
    const bool whole = (buffer.flags & V4L2_BUF_FLAG_ERROR) == 0 &&
                       buffer.bytesused >= stride_ * static_cast<std::size_t>(height_);
    Image image;
    if (whole) image = image_of(static_cast<const std::uint8_t*>(mappings_[buffer.index].memory), color);
    must(VIDIOC_QBUF, &buffer, "it takes no buffers");
    if (whole) return image;
  }
  refuse(fmt::format("gave no whole picture within {} s", std::chrono::duration<double>(patience).count()));
}

Image VideoCamera::image_of(const std::uint8_t* bytes, bool color) const {
  Image image{.width = width_, .height = height_, .channels = color && yuyv_ ? 3 : 1, .pixels = {}};
  const auto width = static_cast<std::size_t>(width_);
  image.pixels.reserve(width * static_cast<std::size_t>(height_) * static_cast<std::size_t>(image.channels));
  for (int y = 0; y < height_; ++y, bytes += stride_) {
    if (!yuyv_) {
      image.pixels.insert(image.pixels.end(), bytes, bytes + width);
      continue;
    }
    for (std::size_t x = 0; x < width; ++x) {
      const int luma = bytes[2 * x];
      if (image.channels == 1) {
        image.pixels.push_back(gray_of_luma(luma, narrow_));
        continue;
      }
      const std::uint8_t* pair = bytes + x / 2 * 4;
      const auto pixel = color_of(luma, pair[1], pair[3], narrow_);
      image.pixels.insert(image.pixels.end(), pixel.begin(), pixel.end());
    }
  }
  return image;
}

}  // namespace mudra::data
