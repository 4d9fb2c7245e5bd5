// An example for on_gesture(): a pin for each class, high while it is shown.
#pragma once

#include <string_view>

#include "mudra/device/class_names.hpp"
#include "on_gesture.hpp"

namespace mudra::firmware {

class GesturePins {
 public:
  // "4,5,-1,6": the pin of class 0, of class 1, ...; -1 or nothing: none. What is no such list ends there.
  explicit GesturePins(std::string_view list);

  int size() const { return size_; }
  int pin(int index) const { return pins_[index]; }

  // Once: all low.
  void open();
  void show(const Gesture& gesture);

 private:
  int pins_[device::kMaxClasses] = {};
  int size_ = 0;
};

}  // namespace mudra::firmware
