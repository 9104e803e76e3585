/*
 * A program's own thread made to execute a call of ours: stopped by ptrace on its way out of the trapped call, it executes the
 * system call instruction again, with arguments of ours. For what nobody else can do for it: map memory, change its directory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "napi.h"

/* elf.h has it, with names that are ours too. */
#define NT_PRSTATUS 1

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
#define INSTRUCTION 2
static void prepare(registers *r, long nr, const unsigned long *a) {
  r->rip -= INSTRUCTION;
  r->rax = nr;
  r->orig_rax = -1;
  r->rdi = a[0], r->rsi = a[1], r->rdx = a[2], r->r10 = a[3], r->r8 = a[4], r->r9 = a[5];
}
static long returned(const registers *r) { return r->rax; }
static void set_return(registers *r, long value) {
  r->rax = value;
  r->orig_rax = -1;
}
#else
typedef struct user_regs_struct registers;
#define INSTRUCTION 4
static void prepare(registers *r, long nr, const unsigned long *a) {
  r->pc -= INSTRUCTION;
  r->regs[8] = nr;
  for (int i = 0; i < 6; i++) r->regs[i] = a[i];
}
static long returned(const registers *r) { return r->regs[0]; }
static void set_return(registers *r, long value) { r->regs[0] = value; }
#endif

/* traceSeize(tid): the thread will stop before it executes anything of its own. */
static napi_value trace_seize(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int tid = int_of(env, argv[0]);
  if (ptrace(PTRACE_SEIZE, tid, 0, 0)) return integer(env, -errno);
  if (ptrace(PTRACE_INTERRUPT, tid, 0, 0)) return integer(env, -errno);
  return integer(env, 0);
}
static int get(int tid, registers *r) {
  struct iovec iov = {r, sizeof *r};
  return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &iov);
}
static int set(int tid, registers *r) {
  struct iovec iov = {r, sizeof *r};
  return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &iov);
}
/* Waits until the thread stops for this event (0: after a step); a signal that comes first is kept for later. False: it is gone. */
static int stopped(int tid, int wanted, int *signal) {
  for (int i = 0; i < 64; i++) {
    int status;
    if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status)) return 0;
    if (status >> 16 == wanted && (wanted || WSTOPSIG(status) == SIGTRAP)) return 1;
    if (status >> 16 == 0) *signal = WSTOPSIG(status);
    if (ptrace(wanted == 0 ? PTRACE_SINGLESTEP : PTRACE_CONT, tid, 0, 0)) return 0;
  }
  return 0;
}
static long execute(int tid, const registers *from, long nr, const unsigned long *args, int *signal) {
  registers r = *from;
  prepare(&r, nr, args);
  if (set(tid, &r) || ptrace(PTRACE_SINGLESTEP, tid, 0, 0) || !stopped(tid, 0, signal) || get(tid, &r)) return -ESRCH;
  return returned(&r);
}
/*
 * traceExecute(tid, fd, nr, six arguments): of a thread that was seized in a trapped call that has been answered: it executes
 * that call, closes `fd` and goes on as if the trapped call had returned what that one did. fd -1: it just goes on.
 */
static napi_value trace_execute(napi_env env, napi_callback_info info) {
  ARGUMENTS(9);
  int tid = int_of(env, argv[0]), fd = int_of(env, argv[1]), signal = 0;
  registers saved;
  if (!stopped(tid, PTRACE_EVENT_STOP, &signal) || fd < 0 || get(tid, &saved)) {
    ptrace(PTRACE_DETACH, tid, 0, signal);
    return integer(env, -ESRCH);
  }
  unsigned long args[6], shut[6] = {fd, 0, 0, 0, 0, 0};
  for (int i = 0; i < 6; i++) args[i] = address_of(env, argv[3 + i]);
  long result = execute(tid, &saved, int_of(env, argv[2]), args, &signal);
  execute(tid, &saved, SYS_close, shut, &signal);
  set_return(&saved, result);
  set(tid, &saved);
  ptrace(PTRACE_DETACH, tid, 0, signal);
  return number(env, (double)result);
}

void init_trace(napi_env env, napi_value exports) {
  define(env, exports, "traceSeize", trace_seize);
  define(env, exports, "traceExecute", trace_execute);
}
