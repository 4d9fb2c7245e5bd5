// Assembled kernels: functions by name, decoded instructions, and where in the text each came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/s3/mnemonics.hpp"

namespace mudra::s3 {

struct Function {
  std::string name, section;         // ".text", ".iram1"
  std::uint32_t begin = 0, end = 0;  // its instructions
  std::uint32_t bytes = 0;           // of code as written; see assemble()
};

// Where an instruction stands, and as what.
struct Source {
  std::string file;
  int line = 0;
  std::string text;
};

// What an instruction costs when it follows another at once.
struct Waiting {
  std::uint8_t bubbles = 0;         // it needs what the other makes late
  std::uint8_t behind_product = 0;  // SRCMB right behind a multiply-add
};

// Registers that decide about bubbles.
struct Timing {
  RegisterSet early = 0, late = 0;
};

class Program {
 public:
  std::span<const Function> functions() const { return functions_; }
  // Throws Error for a name that is none of the functions'.
  const Function& function(std::string_view name) const;

  std::span<const Instruction> code() const { return code_; }
  const Source& source(std::size_t index) const { return sources_[index]; }
  // Of instruction `next` when it follows `first`.
  Waiting waiting(std::size_t first, std::size_t next) const;
  // The same for its neighbour in the text; nothing for a function's first.
  Waiting waiting(std::size_t next) const { return waiting_[next]; }

 private:
  friend class Assembler;

  std::vector<Function> functions_;
  std::vector<Instruction> code_;
  std::vector<Source> sources_;
  std::vector<Timing> timing_;
  std::vector<Waiting> waiting_;
};

// The text of a `.S` file behind the C preprocessor, in the syntax of GNU as for Xtensa: labels (`name:`,
// `.Lname:`, `1:` with 1b and 1f), `;` between instructions, constant expressions with GNU as's precedence,
// and .text, .section, .align, .balign, .p2align, .global, .globl, .type, .size; .word, .long, .short, .byte
// and .space in data sections, where they are read but not kept. Line markers of the preprocessor (`# 12
// "conv.S"`) name lines in messages.
//
// Throws Error ("conv.S:12: ee.vld.128.ip q0, a3, 8: 8 is not ...") for whatever the specification does not
// allow: see docs/virtual_chip.md. Sizes are those of what is written: 3 bytes, 4 for long forms, 2 for those
// that end in .n. The assembler makes some of 3 bytes shorter and puts at most one nop before a loop.
Program assemble(std::string_view text, std::string_view file_name);

// A file's name and its text behind the preprocessor: what mudra_embed_assembly() of CMake puts into a
// program.
struct AssemblyText {
  std::string_view name, text;
};

// Several files as one program. Labels are each file's own, names of functions must differ.
Program assemble(std::span<const AssemblyText> files);

}  // namespace mudra::s3
