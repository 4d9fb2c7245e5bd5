// Ctrl-C as a question long work asks between two steps.
#pragma once

namespace mudra {

// SIGINT, SIGTERM and SIGHUP set a flag, the same one again ends the program: after Ctrl-C on a terminal a
// parent's SIGTERM is no second wish. SIGPIPE and SIGXFSZ fail the write.
void catch_interrupts();

bool interrupted();

// Throws Error{kInterrupted, "interrupted"} once the user asked to stop.
void stop_if_interrupted();

}  // namespace mudra
