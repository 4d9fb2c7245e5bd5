#include "mudra/base/interrupt.hpp"

#include <csignal>

#include "mudra/base/before_death.hpp"
#include "mudra/base/error.hpp"

namespace mudra {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;  // the last of the signals

void (*volatile g_before_death)() = nullptr;

void on_signal(int signal) {
  if (signal == SIGINT && g_interrupted == SIGINT) {
    if (g_before_death != nullptr) g_before_death();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
  g_interrupted = signal;
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  if (std::signal(SIGHUP, on_signal) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void before_death(void (*call)()) { g_before_death = call; }

bool interrupted() { return g_interrupted != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Error(ErrorKind::kInterrupted, "interrupted");
}

}  // namespace mudra
