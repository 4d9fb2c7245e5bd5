// Stands in for ESP-IDF's header of this name: what is sent can be read (simulated_pins.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "driver/gpio.h"
#include "driver/rmt_encoder.h"
#include "esp_err.h"

struct rmt_channel_t;
using rmt_channel_handle_t = rmt_channel_t*;
enum rmt_clock_source_t { RMT_CLK_SRC_DEFAULT };

struct rmt_tx_channel_config_t {
  gpio_num_t gpio_num;
  rmt_clock_source_t clk_src;
  std::uint32_t resolution_hz;
  std::size_t mem_block_symbols, trans_queue_depth;
};

struct rmt_transmit_config_t {
  int loop_count;
};

esp_err_t rmt_new_tx_channel(const rmt_tx_channel_config_t* config, rmt_channel_handle_t* channel);
esp_err_t rmt_enable(rmt_channel_handle_t channel);
esp_err_t rmt_transmit(rmt_channel_handle_t channel, rmt_encoder_handle_t encoder, const void* payload,
                       std::size_t bytes, const rmt_transmit_config_t* config);
esp_err_t rmt_tx_wait_all_done(rmt_channel_handle_t channel, int timeout_ms);
