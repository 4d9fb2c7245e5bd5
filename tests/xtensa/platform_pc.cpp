#include <cstdio>

#include "platform.hpp"

namespace platform {
namespace {
int count = 0;
char** values = nullptr;
}  // namespace

int read_file(const char* path, std::span<std::uint8_t> bytes) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return -1;
  const std::size_t size = std::fread(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  return static_cast<int>(size);
}

void write(const char* text, std::size_t length) { std::fwrite(text, 1, length, stdout); }
void mark(int) {}
int argument_count() { return count; }
const char* argument(int index) { return values[index]; }

}  // namespace platform

int main(int argc, char** argv) {
  platform::count = argc - 1;
  platform::values = argv + 1;
  return test_main();
}
