// Where your code goes (on_gesture.cpp): what happens when another gesture is shown.
#pragma once

#include <string_view>

namespace mudra::firmware {

struct Gesture {
  int index = -1;         // of the class, as `label` lines count them; -1: none is shown any more
  std::string_view name;  // as the model calls it; "none"

  bool is_none() const { return index < 0; }
};

// Once, before the first gesture.
void begin_gestures();

// Each time that a stream shows another gesture than before. Runs in a task of its own, in which it may wait:
// pictures go on, and of the gestures that come meanwhile the first eight are kept.
void on_gesture(const Gesture& gesture);

}  // namespace mudra::firmware
