// Stands in for ESP-IDF's header of this name.
#pragma once

#include <cstdint>

#include "esp_err.h"

struct rmt_encoder_t;
using rmt_encoder_handle_t = rmt_encoder_t*;

struct rmt_symbol_word_t {
  std::uint16_t duration0 : 15;
  std::uint16_t level0 : 1;
  std::uint16_t duration1 : 15;
  std::uint16_t level1 : 1;
};

struct rmt_bytes_encoder_config_t {
  rmt_symbol_word_t bit0, bit1;
  struct {
    std::uint32_t msb_first : 1;
  } flags;
};

esp_err_t rmt_new_bytes_encoder(const rmt_bytes_encoder_config_t* config, rmt_encoder_handle_t* encoder);
