// Stands in for ESP-IDF's header of this name: one chip of 256 registers on the bus (simulated_pins.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "driver/gpio.h"
#include "esp_err.h"

struct i2c_master_bus_t;
struct i2c_master_dev_t;
using i2c_master_bus_handle_t = i2c_master_bus_t*;
using i2c_master_dev_handle_t = i2c_master_dev_t*;

enum i2c_clock_source_t { I2C_CLK_SRC_DEFAULT };
enum i2c_addr_bit_len_t { I2C_ADDR_BIT_LEN_7 };

struct i2c_master_bus_config_t {
  int i2c_port;
  gpio_num_t sda_io_num, scl_io_num;
  i2c_clock_source_t clk_source;
  std::uint8_t glitch_ignore_cnt;
  struct {
    std::uint32_t enable_internal_pullup : 1;
  } flags;
};

struct i2c_device_config_t {
  i2c_addr_bit_len_t dev_addr_length;
  std::uint16_t device_address;
  std::uint32_t scl_speed_hz;
};

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t* config, i2c_master_bus_handle_t* bus);
esp_err_t i2c_del_master_bus(i2c_master_bus_handle_t bus);
esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t bus, const i2c_device_config_t* config,
                                    i2c_master_dev_handle_t* device);
esp_err_t i2c_master_bus_rm_device(i2c_master_dev_handle_t device);
esp_err_t i2c_master_transmit(i2c_master_dev_handle_t device, const std::uint8_t* bytes, std::size_t size,
                              int timeout_ms);
esp_err_t i2c_master_transmit_receive(i2c_master_dev_handle_t device, const std::uint8_t* bytes,
                                      std::size_t size, std::uint8_t* received, std::size_t received_size,
                                      int timeout_ms);
