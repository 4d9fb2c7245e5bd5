// Stands in for ESP-IDF's header of this name: levels that a test can read (simulated_pins.hpp).
#pragma once

#include <cstdint>

#include "esp_err.h"

enum gpio_num_t : int { GPIO_NUM_NC = -1, GPIO_NUM_0 = 0, GPIO_NUM_MAX = 49 };
enum gpio_mode_t { GPIO_MODE_OUTPUT = 2, GPIO_MODE_OUTPUT_OD = 6 };

esp_err_t gpio_reset_pin(gpio_num_t pin);
esp_err_t gpio_set_direction(gpio_num_t pin, gpio_mode_t mode);
esp_err_t gpio_set_level(gpio_num_t pin, std::uint32_t level);
