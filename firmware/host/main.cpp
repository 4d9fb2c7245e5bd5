// mudra_board: the firmware on a PC. It speaks on a pseudo-terminal, whose name it prints.
//
//   mudra_board --model gesture.espdl
//   port /dev/pts/5
//
// and with --usb on a second one, the chip's own USB ("usb /dev/pts/6").
//
// SIGUSR1 is the reset button: the program begins anew, the model is read again, the terminal stays, and what
// was on its way to the chip is lost. SIGTERM pulls the plug.
#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/sim/virtual_chip.hpp"
#include "simulated_board.hpp"

extern "C" void app_main();

namespace mudra::firmware::host {
namespace {

// A socket of the board: the word before its name, the variable that has its descriptor across a reset, and
// the name that does not change.
struct Socket {
  const char *word, *variable;
  std::string link;
};
Socket uart{"port", "MUDRA_BOARD_LINE", {}}, usb{"usb", "MUDRA_BOARD_USB", {}};

char** arguments = nullptr;

// Only what a signal handler may call.
void reset(int) { execv("/proc/self/exe", arguments); }
void pull_plug(int) {
  for (const Socket* socket : {&uart, &usb})
    if (!socket->link.empty()) unlink(socket->link.c_str());
  _exit(0);
}

// The board's end of a new terminal. The other end stays open here, so that a client may come and go.
int open_terminal(const Socket& socket) {
  const int line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) != 0 || unlockpt(line) != 0) fail("there is no pseudo-terminal to be had");
  const std::string name = ptsname(line);
  const int other = open(name.c_str(), O_RDWR | O_NOCTTY);
  if (other < 0) fail("{} cannot be opened", name);
  termios settings{};
  tcgetattr(other, &settings);
  cfmakeraw(&settings);
  tcsetattr(other, TCSANOW, &settings);
  const std::string& link = socket.link;
  if (!link.empty()) {
    // Only a link of before gives way.
    if (std::filesystem::is_symlink(std::filesystem::symlink_status(link))) unlink(link.c_str());
    if (symlink(name.c_str(), link.c_str()) != 0) fail("{}: {}", link, std::strerror(errno));
  }
  fmt::print("{} {}\n", socket.word, link.empty() ? name : link);
  std::fflush(stdout);
  return line;
}

// The terminal of before the reset, or a new one.
int line_of_this_start(const Socket& socket, Hardware& hardware) {
  if (const char* line = std::getenv(socket.variable)) {
    hardware.reset = ESP_RST_EXT;
    return std::atoi(line);
  }
  const int line = open_terminal(socket);
  fcntl(line, F_SETFL, O_NONBLOCK);
  setenv(socket.variable, std::to_string(line).c_str(), 1);
  return line;
}

void handle_signals() {
  std::signal(SIGUSR1, reset);
  std::signal(SIGTERM, pull_plug);
  std::signal(SIGINT, pull_plug);
  sigset_t none;  // a handler that became a new program left its signal blocked
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

constexpr std::size_t kMostBytes = std::size_t{1} << 30;  // of any memory

int run(int argc, char** argv) {
  Hardware hardware;
  std::string model;
  CLI::App app("mudra's firmware on this PC, on a pseudo-terminal");
  app.add_option("--model", model, "what is in the model partition; without it, it is empty");
  app.add_option("--partition-bytes", hardware.model_partition_bytes,
                 "of the model partition; 0: there is none")
      ->check(CLI::Range(std::size_t{0}, kMostBytes));
  app.add_option("--internal-bytes", hardware.internal_bytes, "free internal RAM")
      ->check(CLI::Range(std::size_t{0}, kMostBytes));
  app.add_option("--psram-bytes", hardware.psram_bytes, "PSRAM")
      ->check(CLI::Range(std::size_t{0}, kMostBytes));
  bool has_vector_unit = false;
  app.add_flag("--vector-unit", has_vector_unit,
               "an ESP32-S3's vector unit: its kernels run on the virtual chip");
  app.add_option("--camera", hardware.pictures,
                 "binary PGMs or PPMs in one file, which a camera sees over and over");
  app.add_option("--link", uart.link, "a name for the terminal that does not change");
  bool has_usb = false;
  app.add_flag("--usb", has_usb, "the chip's own USB is plugged in, too: a second terminal");
  app.add_option("--usb-link", usb.link, "a name for that one; implies --usb");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kWrongUsage = 2;
    return app.exit(error) == EXIT_SUCCESS ? EXIT_SUCCESS : kWrongUsage;
  }

  hardware.uart = line_of_this_start(uart, hardware);
  if (has_usb || !usb.link.empty()) hardware.usb = line_of_this_start(usb, hardware);
  if (!model.empty()) hardware.model = read_file(model);
  sim::VirtualChip chip;
  if (has_vector_unit) hardware.vector_unit = &chip;
  power_on(hardware);
  handle_signals();
  run_as_main_task(app_main);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace mudra::firmware::host

int main(int argc, char** argv) {
  mudra::firmware::host::arguments = argv;
  try {
    return mudra::firmware::host::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "mudra_board: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
