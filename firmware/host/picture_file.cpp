#include "picture_file.hpp"

#include <cctype>
#include <ctime>
#include <string>
#include <vector>

#include "esp_camera.h"
#include "esp_timer.h"
#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "orientation.hpp"
#include "simulated_board.hpp"

namespace mudra::firmware::host {
namespace {

constexpr std::size_t kMostSide = 4096;
constexpr long kFrameNs = 20'000'000;
constexpr esp_err_t kNotDetected = 0x20001;  // ESP_ERR_CAMERA_NOT_DETECTED

struct Pictures {
  std::filesystem::path path;
  std::vector<std::uint8_t> bytes;
  std::vector<camera_fb_t> frames;
  std::size_t next = 0;
  std::vector<std::uint8_t> buffer;  // of the frame that is out
  camera_fb_t frame{};
  sensor_t sensor{};
  Orientation orientation;  // that the sensor was set to
};

Pictures& pictures() {
  static Pictures pictures;
  return pictures;
}

// "P5 WIDTH HEIGHT 255", one byte of white space, and the pixels; of colour P6, which becomes RGB565 where it
// is.
class PnmReader {
 public:
  explicit PnmReader(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }

  camera_fb_t read() {
    const bool known = bytes_.size() - at_ >= 2 && bytes_[at_] == 'P';
    const bool color = known && bytes_[at_ + 1] == '6';
    if (!color && (!known || bytes_[at_ + 1] != '5')) fail("is not made of PGMs or PPMs");
    at_ += 2;
    const std::size_t width = number(), height = number();
    if (number() != 255 || width == 0 || height == 0) fail("has a picture of a kind that no camera gives");
    ++at_;
    const std::size_t pixels = width * height, size = pixels * (color ? 3 : 1);
    if (at_ > bytes_.size() || bytes_.size() - at_ < size) fail("ends within a picture");
    const camera_fb_t frame{.buf = bytes_.data() + at_,
                            .len = pixels * (color ? 2 : 1),
                            .width = width,
                            .height = height,
                            .format = color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE};
    for (std::size_t i = 0; color && i < pixels; ++i) {
      const std::uint8_t red = frame.buf[3 * i], green = frame.buf[3 * i + 1], blue = frame.buf[3 * i + 2];
      frame.buf[2 * i] = static_cast<std::uint8_t>((red & 0xf8) | green >> 5);
      frame.buf[2 * i + 1] = static_cast<std::uint8_t>((green << 3 & 0xe0) | blue >> 3);
    }
    at_ += size;
    return frame;
  }

 private:
  std::size_t number() {
    while (at_ < bytes_.size() && std::isspace(bytes_[at_]) != 0) ++at_;
    std::size_t value = 0;
    for (; at_ < bytes_.size() && std::isdigit(bytes_[at_]) != 0 && value < kMostSide; ++at_)
      value = 10 * value + (bytes_[at_] - '0');
    return value;
  }

  std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
};

bool is_plugged_in() {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(pictures().path, error);
  return !error && bytes > 0;
}

}  // namespace

void open_pictures(const std::filesystem::path& path) {
  Pictures& now = pictures();
  now = {};
  if (path.empty()) return;
  now.path = path;
  now.bytes = read_file(path);
  with_context(path.string(), [&] {
    PnmReader reader(now.bytes);
    do now.frames.push_back(reader.read());
    while (!reader.at_end());
  });
}

}  // namespace mudra::firmware::host

using mudra::firmware::host::pictures;

esp_err_t esp_camera_init(const camera_config_t*) {
  return pictures().frames.empty() || !mudra::firmware::host::is_plugged_in()
             ? mudra::firmware::host::kNotDetected
             : ESP_OK;
}

esp_err_t esp_camera_deinit() { return ESP_OK; }

camera_fb_t* esp_camera_fb_get() {
  const timespec wait{.tv_sec = 0, .tv_nsec = mudra::firmware::host::kFrameNs};
  const std::int64_t begun = esp_timer_get_time();
  do nanosleep(&wait, nullptr);
  while (!mudra::firmware::host::is_plugged_in() &&
         esp_timer_get_time() - begun < mudra::firmware::host::hardware().camera_patience_ms * 1000);
  if (!mudra::firmware::host::is_plugged_in()) return nullptr;
  auto& now = pictures();
  now.frame = now.frames[now.next];
  now.next = (now.next + 1) % now.frames.size();
  now.buffer.assign(now.frame.buf, now.frame.buf + now.frame.len);
  now.frame.buf = now.buffer.data();
  mudra::firmware::orient(now.frame.buf, static_cast<int>(now.frame.width),
                          static_cast<int>(now.frame.height), now.frame.format == PIXFORMAT_RGB565 ? 2 : 1,
                          now.orientation);
  return &now.frame;
}

void esp_camera_fb_return(camera_fb_t*) {}

sensor_t* esp_camera_sensor_get() {
  sensor_t& sensor = pictures().sensor;
  if (!mudra::firmware::host::hardware().sensor_flips) {
    sensor.set_hmirror = sensor.set_vflip = [](sensor_t*, int) { return -1; };
    return &sensor;
  }
  sensor.set_hmirror = [](sensor_t*, int enable) {
    pictures().orientation.mirror = enable != 0;
    return 0;
  };
  sensor.set_vflip = [](sensor_t*, int enable) {
    pictures().orientation.vflip = enable != 0;
    return 0;
  };
  return &sensor;
}

camera_sensor_info_t* esp_camera_sensor_get_info(sensor_id_t*) {
  static camera_sensor_info_t info{.name = "file"};
  return &info;
}
