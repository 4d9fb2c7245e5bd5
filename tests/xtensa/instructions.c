// A QEMU plugin that counts executed instructions by the mark in force: the program runs through 4 bytes at
// 0x50000100 + 4 * mark to change it. Debian ships no qemu-plugin.h; what is needed of QEMU 7.2's interface
// is declared here.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb*);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb*, void (*)(unsigned, void*),
                                          enum qemu_plugin_cb_flags, void*);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void*), void*);

#define EXPORTED __attribute__((visibility("default")))
EXPORTED int qemu_plugin_version = 1;

enum { kFirstMark = 0x50000100, kMarks = 128 };
static uint64_t counts[kMarks];
static unsigned current = kMarks - 1;

static void on_block(unsigned cpu, void* instructions) {
  (void)cpu;
  counts[current] += (uintptr_t)instructions;
}

static void on_mark(unsigned cpu, void* mark) {
  (void)cpu;
  current = (unsigned)(uintptr_t)mark;
}

// The return in a mark is not counted at all.
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const uint64_t offset = qemu_plugin_tb_vaddr(block) - kFirstMark;
  if (offset < 4 * kMarks)
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_mark, QEMU_PLUGIN_CB_NO_REGS, (void*)(uintptr_t)(offset / 4));
  else
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, QEMU_PLUGIN_CB_NO_REGS,
                                         (void*)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void at_exit(qemu_plugin_id_t id, void* unused) {
  (void)id;
  (void)unused;
  for (int i = 0; i < kMarks; ++i)
    if (counts[i] != 0) fprintf(stderr, "mark %d %llu\n", i, (unsigned long long)counts[i]);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  (void)info;
  (void)argc;
  (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, at_exit, NULL);
  return 0;
}
