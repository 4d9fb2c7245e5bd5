#include "camera.hpp"

#include "sdkconfig.h"

#if CONFIG_MUDRA_CAMERA

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
  return start();
}

bool Camera::reopen() {
  if (open_) static_cast<void>(esp_camera_deinit());
  open_ = false;
  problem_ = Text();
  return start();
}

bool Camera::start() {
  const camera_config_t config = configuration(shape_.is_color());
  const esp_err_t error = esp_camera_init(&config);
  if (error != ESP_OK) {
    problem_ << "the camera does not start: " << esp_err_to_name(error);
    return false;
  }
  if (work_.bytes().empty())
    work_ = Block::allocate(device::Resizer::work_words(shape_) * sizeof(std::uint16_t));
  if (work_.bytes().empty()) {
    problem_ << "no memory to resize the camera's pictures";
    return false;
  }
  sensor_t* sensor = esp_camera_sensor_get();
  const camera_sensor_info_t* info = sensor == nullptr ? nullptr : esp_camera_sensor_get_info(&sensor->id);
  orientation_ = set_orientation(sensor, wanted_);
  sensor_ = Text(info == nullptr ? "unknown" : info->name);
  return was_open_ = open_ = true;
}

void Camera::change(const device::PictureShape& shape) {
  if (!was_open_ || (open_ && shape == shape_) || !is_picture(shape)) return;
  shape_ = shape;
  work_ = Block();
  static_cast<void>(reopen());
}

PictureInMemory Camera::borrow() {
  camera_fb_t* frame = open_ ? esp_camera_fb_get() : nullptr;
  borrowed_ = frame;
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
  if (borrowed_ != nullptr) esp_camera_fb_return(static_cast<camera_fb_t*>(borrowed_));
  borrowed_ = nullptr;
}

bool Camera::grab(std::span<std::uint8_t> picture) {
  const PictureInMemory frame = borrow();
  const device::ImageFormat& format = frame.format;
  const device::Cut cut = device::middle_of(format.width, format.height, shape_);
  const std::size_t row =
      static_cast<std::size_t>(format.width) * static_cast<std::size_t>(bytes_per_pixel(format.pixels));
  const std::size_t first = static_cast<std::size_t>(cut.top) * row +
                            static_cast<std::size_t>(cut.left * bytes_per_pixel(format.pixels));
  const std::span work(reinterpret_cast<std::uint16_t*>(work_.bytes().data()),
                       work_.bytes().size() / sizeof(std::uint16_t));
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
bool Camera::reopen() { return false; }
bool Camera::grab(std::span<std::uint8_t>) { return false; }
PictureInMemory Camera::borrow() { return {}; }
void Camera::give_back() {}

}  // namespace mudra::firmware

#endif
