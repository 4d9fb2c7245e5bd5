// mudra_board: the firmware on a PC. It speaks on a pseudo-terminal, whose name it prints.
//
//   mudra_board --model gesture.espdl
//   port /dev/pts/5
//
// and with --usb on a second one, the chip's own USB ("usb /dev/pts/6").
//
// SIGUSR1 is the reset button: the program begins anew, the flash and the terminal stay, and what was on its
// way to the chip is lost. SIGTERM pulls the plug.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
#include <memory>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/sim/virtual_chip.hpp"
#include "simulated_board.hpp"
#include "tasks.hpp"

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
// Across a reset: the descriptor of the flash, where no file was named.
constexpr char kFlashVariable[] = "MUDRA_BOARD_FLASH",
               kRestartVariable[] = "MUDRA_BOARD_RESTARTS";  // the program itself began anew

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
  cfsetispeed(&settings, B115200);
  cfsetospeed(&settings, B115200);
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
    hardware.reset = std::getenv(kRestartVariable) != nullptr ? ESP_RST_SW : ESP_RST_EXT;
    return std::atoi(line);
  }
  const int line = open_terminal(socket);
  fcntl(line, F_SETFL, O_NONBLOCK);
  setenv(socket.variable, std::to_string(line).c_str(), 1);
  return line;
}

// The flash of before the reset, the file's, or a new one with the model in it.
std::shared_ptr<Flash> flash_of_this_start(const std::string& path, const std::string& model,
                                           std::size_t bytes) {
  const std::vector<std::uint8_t> image = model.empty() ? std::vector<std::uint8_t>{} : read_file(model);
  const char* kept = path.empty() ? std::getenv(kFlashVariable) : nullptr;
  const int file = kept != nullptr ? std::atoi(kept)
                   : path.empty()  ? memfd_create("flash", 0)
                                   : open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct stat status {};
  if (file < 0 || fstat(file, &status) != 0) fail("{}: {}", path, std::strerror(errno));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size != 0 && size != bytes) fail("{}: has {} bytes, the partition {}", path, size, bytes);
  if (size == 0 && ftruncate(file, static_cast<off_t>(bytes)) != 0)
    fail("{}: {}", path, std::strerror(errno));
  auto flash = std::make_shared<Flash>(bytes, file);
  if (size == 0 && bytes > 0) flash->program(image);
  if (path.empty()) setenv(kFlashVariable, std::to_string(file).c_str(), 1);
  return flash;
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
  app.add_option("--model", model, "what is flashed to the model partition; without it, it is empty");
  std::string flash;
  app.add_option("--flash", flash,
                 "the file that is the model partition, and stays; a new one has the model in it");
  std::uint64_t cut_after = 0;
  app.add_option("--cut-after", cut_after,
                 "pull the plug in the middle of the Nth time that flash is erased or written");
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
  app.add_option("--most-baud", hardware.most_baud, "the fastest rate that the first one can do")
      ->check(CLI::Range(115200, 2000000));
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
  unsetenv(kRestartVariable);
  hardware.flash = flash_of_this_start(flash, model, hardware.model_partition_bytes);
  if (cut_after > 0) hardware.flash->cut_power_at(cut_after, [] { pull_plug(0); });
  hardware.restart = [] {
    setenv(kRestartVariable, "1", 1);
    reset(0);
  };
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
