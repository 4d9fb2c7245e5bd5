#include "mudra/base/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

int g_stdout_error = 0;  // the errno of the first write that failed

}  // namespace

void print_out(std::string_view text) { draw_out(printable_lines(text)); }
void print_err(std::string_view text) { draw_err(printable_lines(text)); }

void draw_out(std::string_view drawing) {
  if (std::fwrite(drawing.data(), 1, drawing.size(), stdout) < drawing.size() && g_stdout_error == 0)
    g_stdout_error = errno;
}

void draw_err(std::string_view drawing) {
  static_cast<void>(std::fwrite(drawing.data(), 1, drawing.size(), stderr));
}

void flush_stdout() {
  if (std::fflush(stdout) != 0 && g_stdout_error == 0) g_stdout_error = errno;
  if (g_stdout_error == 0) return;
  throw Error(ErrorKind::kIo, g_stdout_error == EPIPE
                                  ? ""
                                  : fmt::format("standard output: {}", std::strerror(g_stdout_error)));
}

void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0)  // open() takes the lowest number that is free
      static_cast<void>(::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

}  // namespace mudra
