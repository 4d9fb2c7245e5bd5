#include "gesture_pins.hpp"

#include <charconv>

#include "driver/gpio.h"

namespace mudra::firmware {

GesturePins::GesturePins(std::string_view list) {
  while (!list.empty() && size_ < device::kMaxClasses) {
    const std::string_view word = list.substr(0, list.find(','));
    int pin = -1;
    if (!word.empty()) {
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), pin);
      if (error != std::errc() || end != word.data() + word.size() || pin >= GPIO_NUM_MAX) return;
    }
    pins_[size_++] = pin;
    list.remove_prefix(word.size() < list.size() ? word.size() + 1 : word.size());
  }
}

void GesturePins::open() {
  for (int i = 0; i < size_; ++i) {
    if (pins_[i] < 0) continue;
    const auto pin = static_cast<gpio_num_t>(pins_[i]);
    static_cast<void>(gpio_reset_pin(pin));
    static_cast<void>(gpio_set_direction(pin, GPIO_MODE_OUTPUT));
  }
  show({});
}

void GesturePins::show(const Gesture& gesture) {
  for (int i = 0; i < size_; ++i)
    if (pins_[i] >= 0)
      static_cast<void>(gpio_set_level(static_cast<gpio_num_t>(pins_[i]), i == gesture.index ? 1 : 0));
}

}  // namespace mudra::firmware
