#include "camera_power.hpp"

#include "sdkconfig.h"

#if CONFIG_MUDRA_CAMERA

#include "driver/i2c_master.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

namespace mudra::firmware {
namespace {

constexpr std::uint16_t kAddress = 0x34;
constexpr std::uint32_t kBusHz = 100'000;
constexpr int kBusPatienceMs = 100;
// Registers: which outputs are on, from its lowest bit ALDO1 to ALDO4; the voltage of ALDO1, the others
// behind it.
constexpr std::uint8_t kOutputs = 0x90, kAldo1 = 0x92;
constexpr std::uint8_t kVoltageBits = 0x1F;  // in steps of 100 mV from 500 mV
constexpr std::uint16_t kLeastMillivolts = 500, kStepMillivolts = 100;
constexpr int kSettleMs = 50;

// Gives back what it took.
class Bus {
 public:
  explicit Bus(const Axp2101& chip) {
    i2c_master_bus_config_t config = {};
    config.i2c_port = 0;  // the sensor's control bus has port 1
    config.sda_io_num = static_cast<gpio_num_t>(chip.sda);
    config.scl_io_num = static_cast<gpio_num_t>(chip.scl);
    config.clk_source = I2C_CLK_SRC_DEFAULT;
    config.glitch_ignore_cnt = 7;
    config.flags.enable_internal_pullup = 1;
    error_ = i2c_new_master_bus(&config, &bus_);
    if (error_ != ESP_OK) return;
    i2c_device_config_t device = {};
    device.dev_addr_length = I2C_ADDR_BIT_LEN_7;
    device.device_address = kAddress;
    device.scl_speed_hz = kBusHz;
    error_ = i2c_master_bus_add_device(bus_, &device, &chip_);
  }
  ~Bus() {
    if (chip_ != nullptr) static_cast<void>(i2c_master_bus_rm_device(chip_));
    if (bus_ != nullptr) static_cast<void>(i2c_del_master_bus(bus_));
  }
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  esp_err_t error() const { return error_; }

  // Puts `value` where `mask` has ones.
  esp_err_t change(std::uint8_t address, std::uint8_t mask, std::uint8_t value) {
    std::uint8_t now = 0;
    const esp_err_t error = i2c_master_transmit_receive(chip_, &address, 1, &now, 1, kBusPatienceMs);
    if (error != ESP_OK) return error;
    const std::uint8_t bytes[] = {address, static_cast<std::uint8_t>((now & ~mask) | (value & mask))};
    return i2c_master_transmit(chip_, bytes, sizeof bytes, kBusPatienceMs);
  }

 private:
  i2c_master_bus_handle_t bus_ = nullptr;
  i2c_master_dev_handle_t chip_ = nullptr;
  esp_err_t error_ = ESP_OK;
};

}  // namespace

esp_err_t set_voltages(const Axp2101& chip) {
  Bus bus(chip);
  esp_err_t error = bus.error();
  std::uint8_t outputs = 0;
  for (std::size_t i = 0; i < chip.aldo_millivolts.size() && error == ESP_OK; ++i) {
    if (chip.aldo_millivolts[i] < kLeastMillivolts) continue;
    const auto steps =
        static_cast<std::uint8_t>((chip.aldo_millivolts[i] - kLeastMillivolts) / kStepMillivolts);
    error = bus.change(static_cast<std::uint8_t>(kAldo1 + i), kVoltageBits, steps);
    outputs = static_cast<std::uint8_t>(outputs | 1u << i);
  }
  if (error == ESP_OK) error = bus.change(kOutputs, outputs, outputs);
  if (error == ESP_OK) vTaskDelay(pdMS_TO_TICKS(kSettleMs));
  return error;
}

esp_err_t power_camera() {
#if CONFIG_MUDRA_CAMERA_AXP2101
  return set_voltages(
      {.sda = CONFIG_MUDRA_CAMERA_AXP2101_SDA,
       .scl = CONFIG_MUDRA_CAMERA_AXP2101_SCL,
       .aldo_millivolts = {CONFIG_MUDRA_CAMERA_AXP2101_ALDO1_MV, CONFIG_MUDRA_CAMERA_AXP2101_ALDO2_MV,
                           CONFIG_MUDRA_CAMERA_AXP2101_ALDO3_MV, CONFIG_MUDRA_CAMERA_AXP2101_ALDO4_MV}});
#else
  return ESP_OK;
#endif
}

}  // namespace mudra::firmware

#endif
