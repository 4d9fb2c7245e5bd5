// QEMU's semihosting: numbers and arguments as in its target/xtensa/xtensa-semi.c.
#include "platform.hpp"

extern "C" {
int simcall(int number, int a, int b, int c);
extern char marks[];
}

namespace platform {
namespace {

enum {
  kRead = 3,
  kWrite = 4,
  kOpen = 5,
  kClose = 6,
  kArgumentCount = 1000,
  kArgumentBytes = 1001,
  kArguments = 1002
};

int address(const void* pointer) { return static_cast<int>(reinterpret_cast<std::uintptr_t>(pointer)); }

// All arguments as the emulator gives them: pointers, a null pointer, then the texts.
char** arguments() {
  alignas(4) static char memory[4096];
  static bool filled = false;
  if (!filled && simcall(kArgumentBytes, 0, 0, 0) <= static_cast<int>(sizeof memory))
    simcall(kArguments, address(memory), 0, 0);
  filled = true;
  return reinterpret_cast<char**>(memory);
}

}  // namespace

int read_file(const char* path, std::span<std::uint8_t> bytes) {
  const int file = simcall(kOpen, address(path), 0, 0);
  if (file < 0) return -1;
  int size = 0;
  while (size < static_cast<int>(bytes.size())) {
    const int read =
        simcall(kRead, file, address(bytes.data() + size), static_cast<int>(bytes.size()) - size);
    if (read <= 0) break;
    size += read;
  }
  simcall(kClose, file, 0, 0);
  return size;
}

void write(const char* text, std::size_t length) {
  while (length > 0) {
    const int written = simcall(kWrite, 1, address(text), static_cast<int>(length));
    if (written <= 0) return;
    text += written;
    length -= static_cast<std::size_t>(written);
  }
}

void mark(int index) { reinterpret_cast<void (*)()>(marks + 4 * index)(); }

int argument_count() { return simcall(kArgumentCount, 0, 0, 0) - 1; }
const char* argument(int index) { return arguments()[index + 1]; }

}  // namespace platform
