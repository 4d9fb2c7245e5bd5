// The little a test program needs of the machine it runs on: files, a standard output, marks for counting
// instructions. There is one implementation for the PC and one for the emulated Xtensa.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

int test_main();  // what runs on it

namespace platform {

// Up to bytes.size() bytes of the file; its number of bytes, or -1.
int read_file(const char* path, std::span<std::uint8_t> bytes);
void write(const char* text, std::size_t length);

// From here on instructions count for `index`, 0 to 127. Does nothing on the PC.
void mark(int index);

int argument_count();             // without the program's name
const char* argument(int index);  // 0 <= index < argument_count()

}  // namespace platform
