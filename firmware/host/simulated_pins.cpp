#include "simulated_pins.hpp"

#include "driver/i2c_master.h"
#include "driver/rmt_tx.h"

struct i2c_master_bus_t {
  bool has_chip;
};
struct i2c_master_dev_t {
  bool answers;
};

struct rmt_channel_t {
  gpio_num_t pin = GPIO_NUM_NC;
  std::uint32_t resolution_hz = 0;
  bool enabled = false;
};
struct rmt_encoder_t {
  rmt_bytes_encoder_config_t bits{};
};

namespace mudra::firmware::host {

Pins& pins() {
  static Pins pins;
  return pins;
}

}  // namespace mudra::firmware::host

using mudra::firmware::host::pins;

esp_err_t gpio_reset_pin(gpio_num_t pin) {
  if (pin < 0 || pin >= GPIO_NUM_MAX) return ESP_FAIL;
  pins().levels[static_cast<std::size_t>(pin)] = -1;
  return ESP_OK;
}

esp_err_t gpio_set_direction(gpio_num_t pin, gpio_mode_t mode) {
  if (pin < 0 || pin >= GPIO_NUM_MAX) return ESP_FAIL;
  pins().levels[static_cast<std::size_t>(pin)] = 0;
  pins().open_drain[static_cast<std::size_t>(pin)] = mode == GPIO_MODE_OUTPUT_OD;
  return ESP_OK;
}

// Only an output has a level.
esp_err_t gpio_set_level(gpio_num_t pin, std::uint32_t level) {
  if (pin < 0 || pin >= GPIO_NUM_MAX) return ESP_FAIL;
  int& now = pins().levels[static_cast<std::size_t>(pin)];
  if (now >= 0) now = level != 0 ? 1 : 0;
  return ESP_OK;
}

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t* config, i2c_master_bus_handle_t* bus) {
  *bus = new i2c_master_bus_t{config->sda_io_num == pins().i2c_sda && config->scl_io_num == pins().i2c_scl};
  ++pins().i2c_open;
  return ESP_OK;
}

esp_err_t i2c_del_master_bus(i2c_master_bus_handle_t bus) {
  delete bus;
  --pins().i2c_open;
  return ESP_OK;
}

esp_err_t i2c_master_bus_add_device(i2c_master_bus_handle_t bus, const i2c_device_config_t* config,
                                    i2c_master_dev_handle_t* device) {
  const bool answers =
      bus->has_chip && config->device_address == pins().i2c_address && pins().i2c_address != 0;
  *device = new i2c_master_dev_t{answers};
  ++pins().i2c_open;
  return ESP_OK;
}

esp_err_t i2c_master_bus_rm_device(i2c_master_dev_handle_t device) {
  delete device;
  --pins().i2c_open;
  return ESP_OK;
}

esp_err_t i2c_master_transmit(i2c_master_dev_handle_t device, const std::uint8_t* bytes, std::size_t size,
                              int) {
  if (!device->answers) return ESP_FAIL;
  for (std::size_t i = 1; i < size; ++i) pins().i2c_registers[(bytes[0] + i - 1) % 256] = bytes[i];
  return ESP_OK;
}

esp_err_t i2c_master_transmit_receive(i2c_master_dev_handle_t device, const std::uint8_t* bytes, std::size_t,
                                      std::uint8_t* received, std::size_t received_size, int) {
  if (!device->answers) return ESP_FAIL;
  for (std::size_t i = 0; i < received_size; ++i) received[i] = pins().i2c_registers[(bytes[0] + i) % 256];
  return ESP_OK;
}

// Of each there is one.
esp_err_t rmt_new_tx_channel(const rmt_tx_channel_config_t* config, rmt_channel_handle_t* channel) {
  static rmt_channel_t only;
  if (config->gpio_num < 0 || config->gpio_num >= GPIO_NUM_MAX || config->mem_block_symbols < 48)
    return ESP_FAIL;
  only = {.pin = config->gpio_num, .resolution_hz = config->resolution_hz, .enabled = false};
  *channel = &only;
  return ESP_OK;
}

esp_err_t rmt_new_bytes_encoder(const rmt_bytes_encoder_config_t* config, rmt_encoder_handle_t* encoder) {
  static rmt_encoder_t only;
  only.bits = *config;
  *encoder = &only;
  return ESP_OK;
}

esp_err_t rmt_enable(rmt_channel_handle_t channel) {
  channel->enabled = true;
  return ESP_OK;
}

// As a WS2812 reads it: a bit is the longer its high level the more it is 1, highest bit of a byte first.
esp_err_t rmt_transmit(rmt_channel_handle_t channel, rmt_encoder_handle_t encoder, const void* payload,
                       std::size_t size, const rmt_transmit_config_t*) {
  if (!channel->enabled) return ESP_FAIL;
  constexpr std::uint64_t kThresholdNs = 550, kSecondNs = 1'000'000'000;
  pins().rmt_pin = channel->pin;
  pins().rmt_bytes.clear();
  const auto* bytes = static_cast<const std::uint8_t*>(payload);
  for (std::size_t i = 0; i < size; ++i) {
    unsigned read = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
      const unsigned sent =
          encoder->bits.flags.msb_first != 0 ? bytes[i] >> (7 - bit) & 1 : bytes[i] >> bit & 1;
      const rmt_symbol_word_t& symbol = sent != 0 ? encoder->bits.bit1 : encoder->bits.bit0;
      const bool high = symbol.level0 == 1 && symbol.level1 == 0;
      read = read << 1 |
             (high && symbol.duration0 * kSecondNs / channel->resolution_hz > kThresholdNs ? 1u : 0u);
    }
    pins().rmt_bytes.push_back(static_cast<std::uint8_t>(read));
  }
  return ESP_OK;
}

esp_err_t rmt_tx_wait_all_done(rmt_channel_handle_t, int) { return ESP_OK; }
