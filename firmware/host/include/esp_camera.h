// Stands in for the header of this name of Espressif's esp32-camera: pictures come out of a file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_err.h"

enum pixformat_t { PIXFORMAT_GRAYSCALE, PIXFORMAT_RGB565 };
enum framesize_t { FRAMESIZE_240X240 };
enum camera_fb_location_t { CAMERA_FB_IN_PSRAM, CAMERA_FB_IN_DRAM };
enum camera_grab_mode_t { CAMERA_GRAB_WHEN_EMPTY, CAMERA_GRAB_LATEST };
enum ledc_timer_t { LEDC_TIMER_0 };
enum ledc_channel_t { LEDC_CHANNEL_0 };

struct camera_config_t {
  int pin_pwdn, pin_reset, pin_xclk, pin_sccb_sda, pin_sccb_scl;
  int pin_d7, pin_d6, pin_d5, pin_d4, pin_d3, pin_d2, pin_d1, pin_d0;
  int pin_vsync, pin_href, pin_pclk;
  int xclk_freq_hz;
  ledc_timer_t ledc_timer;
  ledc_channel_t ledc_channel;
  pixformat_t pixel_format;
  framesize_t frame_size;
  int jpeg_quality;
  std::size_t fb_count;
  camera_fb_location_t fb_location;
  camera_grab_mode_t grab_mode;
};

struct camera_fb_t {
  std::uint8_t* buf;
  std::size_t len, width, height;
  pixformat_t format;
};

struct sensor_id_t {};
struct sensor_t {
  sensor_id_t id;
  int (*set_hmirror)(sensor_t* sensor, int enable);  // not 0: it cannot
  int (*set_vflip)(sensor_t* sensor, int enable);
};
struct camera_sensor_info_t {
  const char* name;
};

esp_err_t esp_camera_init(const camera_config_t* config);
esp_err_t esp_camera_deinit();
camera_fb_t* esp_camera_fb_get();
void esp_camera_fb_return(camera_fb_t* frame);
sensor_t* esp_camera_sensor_get();
camera_sensor_info_t* esp_camera_sensor_get_info(sensor_id_t* id);
