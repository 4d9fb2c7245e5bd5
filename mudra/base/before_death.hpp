// What is to be put right before a signal ends the program (interrupt.hpp).
#pragma once

namespace mudra {

// `call` is called from the signal's handler, when a signal comes that was caught once already; null: nothing
// is.
void before_death(void (*call)());

}  // namespace mudra
