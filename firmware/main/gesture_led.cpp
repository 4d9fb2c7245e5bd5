#include "gesture_led.hpp"

#include "driver/gpio.h"
#include "driver/rmt_encoder.h"
#include "driver/rmt_tx.h"
#include "sdkconfig.h"

namespace mudra::firmware {
namespace {

// A WS2812's: a bit is high for about a third or two thirds of 1.25 us, highest bit first, green before red.
constexpr std::uint32_t kResolutionHz = 10'000'000;
constexpr std::uint16_t kShort = 3, kLong = 9, kMostTicks = 0x7FFF;  // ticks of 0.1 us
constexpr int kSendPatienceMs = 10;

rmt_symbol_word_t bit_of(std::uint16_t high, std::uint16_t low) {
  rmt_symbol_word_t symbol = {};
  symbol.duration0 = high & kMostTicks;
  symbol.level0 = 1;
  symbol.duration1 = low & kMostTicks;
  symbol.level1 = 0;
  return symbol;
}

}  // namespace

Led configured_led() {
  Led led;
#ifdef CONFIG_MUDRA_LED_PIN
  led.pin = CONFIG_MUDRA_LED_PIN;
#endif
#if CONFIG_MUDRA_LED_WS2812
  led.ws2812 = true;
#endif
#if CONFIG_MUDRA_LED_ACTIVE_LOW
  led.active_low = true;
#endif
#if CONFIG_MUDRA_LED_OPEN_DRAIN
  led.open_drain = true;
#endif
  return led;
}

Color color_of(const Gesture& gesture) {
  constexpr Color kColors[] = {{32, 0, 0},  {0, 32, 0},  {0, 0, 32},  {20, 20, 0},
                               {0, 20, 20}, {20, 0, 20}, {16, 16, 16}};
  if (gesture.is_none()) return {};
  return kColors[static_cast<std::size_t>(gesture.index) % std::size(kColors)];
}

bool GestureLed::open() {
  if (led_.pin < 0) return false;
  const auto pin = static_cast<gpio_num_t>(led_.pin);
  if (led_.ws2812)
    open_ = open_ws2812();
  else
    open_ = gpio_reset_pin(pin) == ESP_OK &&
            gpio_set_direction(pin, led_.open_drain ? GPIO_MODE_OUTPUT_OD : GPIO_MODE_OUTPUT) == ESP_OK;
  show({});
  return open_;
}

bool GestureLed::open_ws2812() {
  rmt_tx_channel_config_t config = {};
  config.gpio_num = static_cast<gpio_num_t>(led_.pin);
  config.clk_src = RMT_CLK_SRC_DEFAULT;
  config.resolution_hz = kResolutionHz;
  config.mem_block_symbols = 48;
  config.trans_queue_depth = 1;
  rmt_bytes_encoder_config_t bits = {};
  bits.bit0 = bit_of(kShort, kLong);
  bits.bit1 = bit_of(kLong, kShort);
  bits.flags.msb_first = 1;
  return rmt_new_tx_channel(&config, &channel_) == ESP_OK &&
         rmt_new_bytes_encoder(&bits, &encoder_) == ESP_OK && rmt_enable(channel_) == ESP_OK;
}

void GestureLed::send(const Color& color) {
  const std::uint8_t bytes[] = {color[1], color[0], color[2]};
  const rmt_transmit_config_t config = {};
  if (rmt_transmit(channel_, encoder_, bytes, sizeof bytes, &config) == ESP_OK)
    static_cast<void>(rmt_tx_wait_all_done(channel_, kSendPatienceMs));
}

void GestureLed::show(const Gesture& gesture) {
  if (!open_) return;
  if (led_.ws2812) return send(color_of(gesture));
  static_cast<void>(
      gpio_set_level(static_cast<gpio_num_t>(led_.pin), gesture.is_none() == led_.active_low ? 1 : 0));
}

}  // namespace mudra::firmware
