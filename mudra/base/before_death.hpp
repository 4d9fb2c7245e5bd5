// What is to be put right before a signal ends the program (interrupt.hpp).
#pragma once

namespace mudra {

// `call` is called from the signal's handler, when SIGINT comes twice in a row; null: nothing is.
void before_death(void (*call)());

}  // namespace mudra
