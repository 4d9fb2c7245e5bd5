#include "camera.hpp"

#include "sdkconfig.h"

#if CONFIG_MUDRA_CAMERA

#include <utility>

#include "camera_power.hpp"
#include "esp_camera.h"
#include "esp_err.h"
#include "esp_heap_caps.h"

namespace mudra::firmware {
namespace {

// Square; gray or in colour, as the network sees it.
camera_config_t configuration(bool color) {
  const bool psram = heap_caps_get_total_size(MALLOC_CAP_SPIRAM) > 0;
  camera_config_t config = {};
  config.pin_pwdn = CONFIG_MUDRA_CAMERA_PWDN;
  config.pin_reset = CONFIG_MUDRA_CAMERA_RESET;
  config.pin_xclk = CONFIG_MUDRA_CAMERA_XCLK;
  config.pin_sccb_sda = CONFIG_MUDRA_CAMERA_SDA;
  config.pin_sccb_scl = CONFIG_MUDRA_CAMERA_SCL;
  config.pin_d7 = CONFIG_MUDRA_CAMERA_D7;
  config.pin_d6 = CONFIG_MUDRA_CAMERA_D6;
  config.pin_d5 = CONFIG_MUDRA_CAMERA_D5;
  config.pin_d4 = CONFIG_MUDRA_CAMERA_D4;
  config.pin_d3 = CONFIG_MUDRA_CAMERA_D3;
  config.pin_d2 = CONFIG_MUDRA_CAMERA_D2;
  config.pin_d1 = CONFIG_MUDRA_CAMERA_D1;
  config.pin_d0 = CONFIG_MUDRA_CAMERA_D0;
  config.pin_vsync = CONFIG_MUDRA_CAMERA_VSYNC;
  config.pin_href = CONFIG_MUDRA_CAMERA_HREF;
  config.pin_pclk = CONFIG_MUDRA_CAMERA_PCLK;
  config.xclk_freq_hz = CONFIG_MUDRA_CAMERA_XCLK_MHZ * 1000000;
  config.ledc_timer = LEDC_TIMER_0;
  config.ledc_channel = LEDC_CHANNEL_0;
  config.pixel_format = color ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE;
  config.frame_size = FRAMESIZE_240X240;
  config.jpeg_quality = 12;  // asked for, though there is no JPEG
  config.fb_count = psram ? 2 : 1;
  config.fb_location = psram ? CAMERA_FB_IN_PSRAM : CAMERA_FB_IN_DRAM;
  config.grab_mode = psram ? CAMERA_GRAB_LATEST : CAMERA_GRAB_WHEN_EMPTY;
  return config;
}

// The sensor flips and mirrors where it can; the rest is returned.
Orientation set_orientation(sensor_t* sensor, Orientation wanted) {
  if (sensor == nullptr) return wanted;
  const auto does = [&](int (*set)(sensor_t*, int)) { return set != nullptr && set(sensor, 1) == 0; };
  if (wanted.vflip && does(sensor->set_vflip)) wanted.vflip = false;
  if (wanted.mirror && does(sensor->set_hmirror)) wanted.mirror = false;
  return wanted;
}

}  // namespace

bool Camera::open(const device::PictureShape& shape, const Orientation& orientation) {
  if (is_picture(shape)) shape_ = shape;
  if (const esp_err_t error = power_camera(); error != ESP_OK) {
    problem_ << "its power chip does not answer: " << esp_err_to_name(error);
    return false;
  }
  wanted_ = orientation;
  ask_anew();
  finish();
  was_open_ = open_;
  if (open_) static_cast<void>(worker_.start());
  return open_;
}

void Camera::Work::operator()() {
  if (!anew) {
    frame = esp_camera_fb_get();
    return;
  }
  if (open) static_cast<void>(esp_camera_deinit());
  const camera_config_t config = configuration(color);
  error = esp_camera_init(&config);
  open = error == ESP_OK;
}

void Camera::ask() {
  if (!wait(0)) return;
  give_back();  // what nobody waited for is old
  work_.anew = false;
  asked_ = true;
  worker_.begin(work_);
}

void Camera::ask_anew() {
  give_back();
  open_ = false;
  work_.anew = true;
  work_.color = shape_.is_color();
  asked_ = true;
  worker_.begin(work_);
}

void Camera::finish() {
  worker_.finish();
  static_cast<void>(wait(0));
}

bool Camera::wait(int ms) {
  if (!worker_.wait(ms)) return false;
  if (!std::exchange(asked_, false)) return true;
  if (work_.anew)
    begun_anew();
  else if (work_.frame == nullptr)
    gave_none();
  return true;
}

void Camera::gave_none() {
  open_ = false;
  problem_ = Text("it gives no picture");
}

// In the task of who asks, that nothing else reads what changes meanwhile.
void Camera::begun_anew() {
  problem_ = Text();
  if (!work_.open) {
    problem_ << "the camera does not start: " << esp_err_to_name(work_.error);
    return;
  }
  const std::size_t bytes = device::Resizer::work_words(shape_) * sizeof(std::uint16_t);
  if (resizer_.bytes().size() != bytes) {
    resizer_ = Block();
    resizer_ = Block::allocate(bytes);
  }
  if (resizer_.bytes().empty()) {
    problem_ << "no memory to resize the camera's pictures";
    return;
  }
  sensor_t* sensor = esp_camera_sensor_get();
  const camera_sensor_info_t* info = sensor == nullptr ? nullptr : esp_camera_sensor_get_info(&sensor->id);
  orientation_ = set_orientation(sensor, wanted_);
  sensor_ = Text(info == nullptr ? "unknown" : info->name);
  open_ = true;
}

void Camera::change(const device::PictureShape& shape) {
  if (!was_open_ || (open_ && shape == shape_) || !is_picture(shape)) return;
  finish();
  shape_ = shape;
  ask_anew();
  finish();
}

PictureInMemory Camera::borrow() {
  const auto* frame = static_cast<const camera_fb_t*>(work_.frame);
  if (frame == nullptr) return {};
  const device::PixelFormat pixels =
      shape_.is_color() ? device::PixelFormat::kRgb565 : device::PixelFormat::kGray8;
  const bool whole =
      frame->format == (shape_.is_color() ? PIXFORMAT_RGB565 : PIXFORMAT_GRAYSCALE) &&
      frame->len == frame->width * frame->height * static_cast<std::size_t>(bytes_per_pixel(pixels)) &&
      (!orientation_.needs_square() || frame->width == frame->height);
  if (!whole) return {};
  if (!orientation_.is_none())
    orient(frame->buf, static_cast<int>(frame->width), static_cast<int>(frame->height),
           bytes_per_pixel(pixels), orientation_);
  return {.format = {.width = static_cast<int>(frame->width),
                     .height = static_cast<int>(frame->height),
                     .pixels = pixels},
          .pixels = frame->buf};
}

void Camera::give_back() {
  if (work_.frame != nullptr) esp_camera_fb_return(static_cast<camera_fb_t*>(work_.frame));
  work_.frame = nullptr;
}

bool Camera::take(std::span<std::uint8_t> picture) {
  const PictureInMemory frame = borrow();
  const device::ImageFormat& format = frame.format;
  const device::Cut cut = device::middle_of(format.width, format.height, shape_);
  const std::size_t row =
      static_cast<std::size_t>(format.width) * static_cast<std::size_t>(bytes_per_pixel(format.pixels));
  const std::size_t first = static_cast<std::size_t>(cut.top) * row +
                            static_cast<std::size_t>(cut.left * bytes_per_pixel(format.pixels));
  const std::span work(reinterpret_cast<std::uint16_t*>(resizer_.bytes().data()),
                       resizer_.bytes().size() / sizeof(std::uint16_t));
  const bool good = frame.pixels != nullptr &&
                    device::resize({.width = cut.width, .height = cut.height, .pixels = format.pixels},
                                   frame.pixels + first, row, shape_, picture, work) == device::Status::kOk;
  give_back();
  return good;
}

}  // namespace mudra::firmware

#else

namespace mudra::firmware {

bool Camera::open(const device::PictureShape&, const Orientation&) { return false; }
void Camera::change(const device::PictureShape&) {}
void Camera::ask() {}
void Camera::ask_anew() {}
bool Camera::wait(int) { return true; }
bool Camera::take(std::span<std::uint8_t>) { return false; }
PictureInMemory Camera::borrow() { return {}; }
void Camera::give_back() {}

}  // namespace mudra::firmware

#endif
