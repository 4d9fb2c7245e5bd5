// Ctrl-C as a question long work asks between two steps.
#pragma once

namespace mudra {

// SIGINT, SIGTERM and SIGHUP set a flag; SIGINT twice in a row ends the program. The others may come more
// than once for one reason: prctl(PR_SET_PDEATHSIG) repeats its signal while the threads of a parent die one
// by one, a shell the terminal's SIGHUP. SIGPIPE and SIGXFSZ fail the write.
void catch_interrupts();

bool interrupted();

// Throws Error{kInterrupted, "interrupted"} once the user asked to stop.
void stop_if_interrupted();

}  // namespace mudra
