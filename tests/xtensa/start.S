// The first instructions on QEMU's `sim` board: reset vector, stack, zeroed memory, main, exit; and the call
// into the emulator.
  .section .reset, "ax"
  .global _reset
_reset:
  j _start

  .text
  .literal_position
  .global _start
_start:
  movi a1, __stack
  movi a2, __bss_start
  movi a3, __bss_end
  movi a4, 0
1:
  bgeu a2, a3, 2f
  s32i a4, a2, 0
  addi a2, a2, 4
  j 1b
2:
  movi a0, main
  callx0 a0
  mov a3, a2             // main's result
  movi a2, 1             // exit
  .byte 0x00, 0x51, 0x00 // simcall, which the LX106's assembler does not know

// int simcall(int number, int a, int b, int c): number in a2, arguments from a3 on, result in a2.
  .global simcall
  .type simcall, @function
  .align 4
simcall:
  .byte 0x00, 0x51, 0x00
  ret.n

// mark_0, mark_1, ...: functions that do nothing, 4 bytes each, by whose execution the instruction counter
// tells what is being run.
  .section .marks, "ax"
  .align 4
  .global marks
marks:
  .rept 128
  ret.n
  nop.n
  .endr
