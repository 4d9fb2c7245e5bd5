#include "mudra/deploy/serial_port.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "mudra/base/error.hpp"

namespace mudra::deploy {
namespace {

[[noreturn]] void fail_port(const std::filesystem::path& path, std::string_view why) {
  throw Error(ErrorKind::kIo, fmt::format("{}: {}", path.string(), why));
}

std::string reason(int error) {
  if (error == EACCES || error == EPERM)
    return "no permission; add yourself to its group (sudo usermod -a -G dialout $USER) and log in again";
  if (error == ENOENT) return "there is no such port; is the board plugged in?";
  if (error == EBUSY) return "in use by another program";
  return std::strerror(error);
}

void make_raw(termios& settings) {
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  // HUPCL would pull DTR when the port is closed, which resets many boards.
  settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS | HUPCL);
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  cfsetispeed(&settings, B115200);
  cfsetospeed(&settings, B115200);
}

constexpr std::array<std::pair<int, speed_t>, 6> kRates{{{115200, B115200},
                                                         {230400, B230400},
                                                         {460800, B460800},
                                                         {921600, B921600},
                                                         {1'000'000, B1000000},
                                                         {2'000'000, B2000000}}};

// Whether `events` came within the time.
SerialPort::State wait_for(int fd, short events, std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
  if (ready < 0 && errno != EINTR) return SerialPort::State::kGone;
  if (ready <= 0) return SerialPort::State::kSilent;
  if ((waiting.revents & events) != 0) return SerialPort::State::kGood;
  return SerialPort::State::kGone;
}

}  // namespace

SerialPort::SerialPort(const std::filesystem::path& path)
    : fd_(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_ < 0) fail_port(path, reason(errno));
  const auto refuse = [&](std::string_view why) {
    ::close(fd_);
    fail_port(path, why);
  };
  termios settings{};
  if (::tcgetattr(fd_, &settings) != 0) refuse("is no serial port");
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) refuse(reason(EBUSY));
  make_raw(settings);
  if (::tcsetattr(fd_, TCSANOW, &settings) != 0) refuse(reason(errno));
}

SerialPort::~SerialPort() { ::close(fd_); }

bool SerialPort::set_rate(int baud) {
  for (const auto& [rate, speed] : kRates) {
    if (rate != baud) continue;
    termios settings{};
    if (::tcgetattr(fd_, &settings) != 0) return false;
    cfsetispeed(&settings, speed);
    cfsetospeed(&settings, speed);
    return ::tcsetattr(fd_, TCSANOW, &settings) == 0;
  }
  return false;
}

SerialPort::State SerialPort::read(std::span<char> bytes, std::size_t& count,
                                   std::chrono::milliseconds timeout) {
  count = 0;
  if (const State state = wait_for(fd_, POLLIN, timeout); state != State::kGood) return state;
  const ssize_t got = ::read(fd_, bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return State::kSilent;
  if (got <= 0) return State::kGone;
  count = static_cast<std::size_t>(got);
  return State::kGood;
}

SerialPort::State SerialPort::write(std::string_view bytes, std::chrono::milliseconds timeout) {
  while (!bytes.empty()) {
    if (const State state = wait_for(fd_, POLLOUT, timeout); state != State::kGood) return state;
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (written < 0) return State::kGone;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return State::kGood;
}

}  // namespace mudra::deploy
