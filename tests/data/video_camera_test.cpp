// A camera of this PC, with a driver that the test writes.
#include "mudra/data/video_camera.hpp"

#include <gmock/gmock.h>
#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "tests/refusal.hpp"

namespace mudra::data {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr milliseconds kPatience{300};

// A driver as the kernel's documentation describes one: 8 x 8 pixels unless said otherwise.
class FakeDriver final : public VideoSystem {
 public:
  std::uint32_t width = 8, height = 8, bytes_per_line = 0, format = V4L2_PIX_FMT_YUYV;
  std::uint32_t capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  std::uint32_t quantization = V4L2_QUANTIZATION_FULL_RANGE, buffer_bytes = 0, buffers = 2;
  std::map<unsigned long, int> errors;  // by request: what it fails with, always
  int open_error = 0;
  bool map_fails = false, silent = false;
  std::deque<std::string> pictures;  // as bytes; the last one stays
  std::deque<int> wait_errors;
  std::uint32_t index_offset = 0, flags = 0;

  int opened = 0, mapped = 0, queued = 0;
  bool streaming = false;

  int open(const char*) override {
    if (open_error != 0) return failed(open_error);
    ++opened;
    return 5;
  }
  void close(int) override { --opened; }
  void* map(int, std::size_t bytes, std::int64_t offset) override {
    if (map_fails) {
      errno = ENOMEM;
      return nullptr;
    }
    ++mapped;
    auto& memory = memories_[offset];
    memory.resize(bytes);
    return memory.data();
  }
  void unmap(void*, std::size_t) override { --mapped; }
  int wait(int, int) override {
    if (!wait_errors.empty()) {
      const int error = wait_errors.front();
      wait_errors.pop_front();
      return failed(error);
    }
    return silent ? 0 : 1;
  }

  int control(int, unsigned long request, void* argument) override {
    if (errors.contains(request)) return failed(errors[request]);
    switch (request) {
      case VIDIOC_QUERYCAP:
        static_cast<v4l2_capability*>(argument)->capabilities = capabilities;
        return 0;
      case VIDIOC_S_FMT: {
        v4l2_pix_format& pixels = static_cast<v4l2_format*>(argument)->fmt.pix;
        pixels.width = width;
        pixels.height = height;
        pixels.pixelformat = format;
        pixels.bytesperline = bytes_per_line;
        pixels.quantization = quantization;
        return 0;
      }
      case VIDIOC_REQBUFS:
        static_cast<v4l2_requestbuffers*>(argument)->count = buffers;
        return 0;
      case VIDIOC_QUERYBUF: {
        auto* buffer = static_cast<v4l2_buffer*>(argument);
        buffer->length = buffer_bytes == 0 ? 4096 : buffer_bytes;
        buffer->m.offset = buffer->index * 65536;
        return 0;
      }
      case VIDIOC_QBUF:
        ++queued;
        return 0;
      case VIDIOC_STREAMON:
        streaming = true;
        return 0;
      case VIDIOC_STREAMOFF:
        streaming = false;
        return 0;
      case VIDIOC_DQBUF: {
        if (!streaming || queued == 0) return failed(EINVAL);
        --queued;
        auto* buffer = static_cast<v4l2_buffer*>(argument);
        buffer->index = 1;
        const std::string& bytes = pictures.front();
        std::ranges::copy(bytes, memories_[65536].begin());
        buffer->bytesused = static_cast<std::uint32_t>(bytes.size());
        buffer->index += index_offset;
        buffer->flags = flags;
        if (pictures.size() > 1) pictures.pop_front();
        return 0;
      }
      default:
        return failed(ENOTTY);
    }
  }

 private:
  static int failed(int error) {
    errno = error;
    return -1;
  }
  std::map<std::int64_t, std::vector<std::uint8_t>> memories_;
};

std::string refused(FakeDriver& driver) {
  return refusal([&] {
    VideoCamera camera("/dev/video7", driver);
    static_cast<void>(camera.grab(false, kPatience));
  });
}

// Of 8 x 8 pixels as YUYV.
std::string yuyv(char y, char u, char v) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes += {y, u, y, v};
  return bytes;
}

TEST(VideoCamera, gives_gray_pictures_and_ends_as_it_began) {
  FakeDriver driver;
  driver.format = V4L2_PIX_FMT_GREY;
  driver.bytes_per_line = 10;  // two beside the picture
  for (int y = 0; y < 8; ++y) driver.pictures.resize(1);
  for (int y = 0; y < 8; ++y) driver.pictures[0] += std::string(8, static_cast<char>('a' + y)) + "--";
  {
    VideoCamera camera("/dev/video7", driver);
    const Image image = camera.grab(true, kPatience);
    EXPECT_EQ((std::vector{image.width, image.height, image.channels}), (std::vector{8, 8, 1}));
    for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(image.pixels[i], 'a' + i / 8);
    EXPECT_EQ(driver.queued, 2);  // the driver has all its buffers again
    EXPECT_TRUE(driver.streaming);
  }
  EXPECT_FALSE(driver.streaming);
  EXPECT_EQ(driver.mapped, 0);
  EXPECT_EQ(driver.opened, 0);
}

TEST(VideoCamera, makes_gray_and_colour_of_yuyv_in_either_range) {
  FakeDriver driver;
  const auto pixel = [&](int y, int u, int v, bool color) {
    driver.pictures = {yuyv(static_cast<char>(y), static_cast<char>(u), static_cast<char>(v))};
    VideoCamera camera("/dev/video7", driver);
    const Image image = camera.grab(color, kPatience);
    EXPECT_EQ(image.channels, color ? 3 : 1);
    return std::vector<int>(image.pixels.begin(), image.pixels.begin() + image.channels);
  };
  EXPECT_EQ(pixel(200, 90, 240, false), (std::vector{200}));
  EXPECT_EQ(pixel(200, 128, 128, true), (std::vector{200, 200, 200}));
  EXPECT_EQ(pixel(76, 85, 255, true), (std::vector{254, 0, 0}));  // JPEG's red
  driver.quantization = V4L2_QUANTIZATION_DEFAULT;
  for (const auto& [luma, gray] : {std::pair{16, 0}, {235, 255}, {0, 0}, {255, 255}, {126, 128}})
    EXPECT_EQ(pixel(luma, 0, 0, false), (std::vector{gray}));
  EXPECT_EQ(pixel(81, 90, 240, true), (std::vector{255, 0, 0}));  // BT.601's red
  EXPECT_EQ(pixel(41, 240, 110, true), (std::vector{0, 0, 255}));
}

TEST(VideoCamera, passes_over_pictures_that_are_damaged_or_cut_off) {
  FakeDriver driver;
  driver.pictures = {"short", "", yuyv(50, 0, 0)};
  driver.wait_errors = {EINTR};
  VideoCamera camera("/dev/video7", driver);
  EXPECT_EQ(camera.grab(false, milliseconds(2000)).pixels[0], 50);
  driver.flags = V4L2_BUF_FLAG_ERROR;
  EXPECT_THAT(refusal([&] { static_cast<void>(camera.grab(false, kPatience)); }),
              HasSubstr("/dev/video7: gave no whole picture within 0.3 s"));
}

TEST(VideoCamera, says_why_there_is_none) {
  const auto why = [](const std::function<void(FakeDriver&)>& change) {
    FakeDriver driver;
    driver.pictures = {yuyv(1, 2, 3)};
    change(driver);
    std::string text = refused(driver);
    EXPECT_EQ(driver.opened, 0) << text;
    EXPECT_EQ(driver.mapped, 0) << text;
    EXPECT_THAT(text, testing::StartsWith("/dev/video7: "));
    return text;
  };
  EXPECT_THAT(why([](auto& d) { d.open_error = ENOENT; }), HasSubstr("there is no such camera"));
  EXPECT_THAT(why([](auto& d) { d.open_error = EACCES; }), HasSubstr("-G video"));
  EXPECT_THAT(why([](auto& d) { d.open_error = EBUSY; }), HasSubstr("in use by another program"));
  EXPECT_THAT(why([](auto& d) { d.errors[VIDIOC_QUERYCAP] = ENOTTY; }), HasSubstr("is no camera"));
  EXPECT_THAT(why([](auto& d) { d.capabilities = V4L2_CAP_STREAMING; }), HasSubstr("gives no pictures"));
  EXPECT_THAT(why([](auto& d) { d.capabilities |= V4L2_CAP_DEVICE_CAPS; }), HasSubstr("gives no pictures"));
  for (const unsigned long request : {VIDIOC_S_FMT, VIDIOC_REQBUFS, VIDIOC_STREAMON})
    EXPECT_THAT(why([&](auto& d) { d.errors[request] = EBUSY; }), HasSubstr("in use by another program"));
  EXPECT_THAT(why([](auto& d) { d.errors[VIDIOC_S_FMT] = EINVAL; }),
              HasSubstr("neither as YUYV nor as GREY"));
  EXPECT_THAT(why([](auto& d) { d.format = V4L2_PIX_FMT_MJPEG; }), HasSubstr("neither as YUYV nor as GREY"));
  EXPECT_THAT(why([](auto& d) { d.buffers = 0; }), HasSubstr("it has 0 buffers"));
  EXPECT_THAT(why([](auto& d) { d.buffer_bytes = 127; }), HasSubstr("its buffers are too small"));
  EXPECT_THAT(why([](auto& d) { d.map_fails = true; }), HasSubstr("its buffers: "));
  EXPECT_THAT(why([](auto& d) { d.silent = true; }), HasSubstr("gave no whole picture within 0.3 s"));
  EXPECT_THAT(why([](auto& d) { d.errors[VIDIOC_DQBUF] = ENODEV; }), HasSubstr("the camera vanished"));
  EXPECT_THAT(why([](auto& d) { d.errors[VIDIOC_DQBUF] = EAGAIN; }), HasSubstr("gave no whole picture"));
  EXPECT_THAT(why([](auto& d) { d.errors[VIDIOC_QUERYCAP] = EINTR; }), HasSubstr("Interrupted"));
}

TEST(VideoCamera, believes_no_sizes_and_places_that_cannot_be) {
  for (const auto& change : std::vector<std::function<void(FakeDriver&)>>{
           [](auto& d) { d.width = 0; }, [](auto& d) { d.width = 9; }, [](auto& d) { d.width = 1u << 30; },
           [](auto& d) { d.height = 0; }, [](auto& d) { d.height = ~0u; },
           [](auto& d) { d.bytes_per_line = 15; }, [](auto& d) { d.bytes_per_line = ~0u; },
           [](auto& d) { d.buffers = 1000; }, [](auto& d) { d.index_offset = 7; }}) {
    FakeDriver driver;
    driver.pictures = {yuyv(1, 2, 3)};
    change(driver);
    EXPECT_NE(refused(driver), "");
    EXPECT_EQ(driver.opened, 0);
  }
}

TEST(VideoCamera, this_pcs_own_says_so_when_it_is_not_there) {
  EXPECT_EQ(refusal([] { const VideoCamera camera("/dev/no-such-video"); }),
            "/dev/no-such-video: there is no such camera; is it plugged in?");
  EXPECT_EQ(refusal([] { const VideoCamera camera("/dev/null"); }), "/dev/null: is no camera");
}

}  // namespace
}  // namespace mudra::data
