/*
 * Memory that a program and we both have: a packet socket's ring. A socket's stand-in cannot be mapped, so a memory file is
 * put into the program, and the program's own thread is made to map that: stopped by ptrace on its way out of the trapped
 * call, it executes the system call instruction again with arguments of ours.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
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

static void unmap(napi_env env, void *data, void *hint) {
  (void)env;
  munmap(data, (size_t)hint);
}
/* sharedMemory(length): an ArrayBuffer, its memory file at AT_RESULT; or -errno. */
static napi_value shared_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  size_t length = address_of(env, argv[0]);
  int fd = memfd_create("netdouble-ring", MFD_CLOEXEC);
  if (fd < 0) return integer(env, -errno);
  void *at = ftruncate(fd, length) ? MAP_FAILED : mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) {
    int error = errno;
    close(fd);
    return integer(env, -error);
  }
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, at, length, unmap, (void *)length, &buffer) != napi_ok) {
    munmap(at, length);
    close(fd);
    return integer(env, -ENOMEM);
  }
  *word(AT_RESULT) = fd;
  return buffer;
}

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
/* Waits until the thread stops; a signal that comes first is kept for later. False: it is gone. */
static int stopped(int tid, int wanted, int *signal) {
  for (int i = 0; i < 64; i++) {
    int status;
    if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status)) return 0;
    if (status >> 16 == wanted || (wanted == 0 && WSTOPSIG(status) == SIGTRAP && status >> 16 == 0)) return 1;
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
 * traceMmap(tid, fd, address, length, prot, flags): of a thread that was seized in a trapped call that has been answered:
 * it maps its descriptor, closes it, and goes on as if the trapped call had returned that address.
 */
static napi_value trace_mmap(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  int tid = int_of(env, argv[0]), signal = 0;
  registers saved;
  if (!stopped(tid, PTRACE_EVENT_STOP, &signal) || get(tid, &saved)) {
    ptrace(PTRACE_DETACH, tid, 0, 0);
    return integer(env, -ESRCH);
  }
  unsigned long fd = int_of(env, argv[1]);
  unsigned long map[6] = {address_of(env, argv[2]), address_of(env, argv[3]), uint_of(env, argv[4]), uint_of(env, argv[5]), fd, 0};
  unsigned long shut[6] = {fd, 0, 0, 0, 0, 0};
  long result = execute(tid, &saved, SYS_mmap, map, &signal);
  execute(tid, &saved, SYS_close, shut, &signal);
  set_return(&saved, result);
  set(tid, &saved);
  ptrace(PTRACE_DETACH, tid, 0, signal);
  return number(env, (double)result);
}

void init_shared_memory(napi_env env, napi_value exports) {
  define(env, exports, "sharedMemory", shared_memory);
  define(env, exports, "traceSeize", trace_seize);
  define(env, exports, "traceMmap", trace_mmap);
}
