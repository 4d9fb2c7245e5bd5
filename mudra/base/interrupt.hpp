// Ctrl-C as a question long work asks between two steps.
#pragma once

namespace mudra {

// From now on SIGINT and SIGTERM set a flag; a second one ends the program at once.
void catch_interrupts();

bool interrupted();

// Throws Error{kInterrupted, "interrupted"} once the user asked to stop.
void stop_if_interrupted();

}  // namespace mudra
