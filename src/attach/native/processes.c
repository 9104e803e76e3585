/* What the supervisor asks about the processes of a program. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "napi.h"

static char status[8192];

static int read_status(int pid) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  long n = read(fd, status, sizeof status - 1);
  close(fd);
  status[n < 0 ? 0 : n] = 0;
  return n < 0 ? -ESRCH : 0;
}

static const char *field(const char *name) {
  const char *found = strstr(status, name);
  return found ? found + strlen(name) : "0";
}

/* status(pid): the name (comm), or undefined when there is no such task. At AT_RESULT: tgid, parent, and the tgid in the
 * innermost pid namespace, which is what the program itself sees. */
static napi_value status_of(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  if (read_status(int_of(env, argv[0]))) return NULL;
  word(AT_RESULT)[0] = atoi(field("\nTgid:\t"));
  word(AT_RESULT)[1] = atoi(field("\nPPid:\t"));
  const char *inner = field("\nNStgid:\t"), *end = strchrnul(inner, '\n');
  while (end > inner && end[-1] != '\t') end--;
  word(AT_RESULT)[2] = atoi(end);
  const char *name = field("Name:\t");
  napi_value v;
  napi_create_string_latin1(env, name, strcspn(name, "\n"), &v);
  return v;
}

/* signalPending(tid): 1 when a signal waits that would interrupt a system call, -errno when the task is gone. */
static napi_value signal_pending_in(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int error = read_status(int_of(env, argv[0]));
  if (error) return integer(env, error);
#define MASK(name) strtoull(field("\n" name ":\t"), NULL, 16)
  return integer(env, ((MASK("SigPnd") | MASK("ShdPnd")) & ~MASK("SigBlk") & ~MASK("SigIgn")) != 0);
}

/* isThread(tgid, tid): 0, or -ESRCH when tid is no thread of tgid. */
static napi_value is_thread(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  return integer(env, syscall(SYS_tgkill, int_of(env, argv[0]), int_of(env, argv[1]), 0) && errno == ESRCH ? -ESRCH : 0);
}

static napi_value pidfd_open_of(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd = syscall(434 /* pidfd_open */, int_of(env, argv[0]), 0);
  return integer(env, fd < 0 ? -errno : fd);
}
static napi_value pidfd_getfd_of(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd = syscall(438 /* pidfd_getfd */, int_of(env, argv[0]), int_of(env, argv[1]), 0);
  return integer(env, fd < 0 ? -errno : fd);
}

/* fdInode(pid, fd): device and inode of a program's descriptor in one number, its mode at AT_RESULT; or -errno. */
static napi_value fd_inode(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char path[60];
  struct stat st;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", int_of(env, argv[0]), int_of(env, argv[1]));
  if (stat(path, &st)) return integer(env, -errno);
  word(AT_RESULT)[0] = st.st_mode;
  return number(env, (double)st.st_dev * 1099511627776.0 + (double)st.st_ino);
}

/* The soft RLIMIT_LOCKS of a process: inherited by fork, exec and reparenting, and not enforced since Linux 2.4. */
static napi_value get_mark(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct rlimit limit;
  if (prlimit(int_of(env, argv[0]), RLIMIT_LOCKS, NULL, &limit)) return integer(env, -errno);
  word(AT_RESULT)[0] = (uint32_t)limit.rlim_cur;
  word(AT_RESULT)[1] = (uint32_t)((uint64_t)limit.rlim_cur >> 32);
  return integer(env, 0);
}
static napi_value set_mark(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int pid = int_of(env, argv[0]);
  struct rlimit limit;
  if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit)) return integer(env, -errno);
  limit.rlim_cur = uint_of(env, argv[1]) | (uint64_t)uint_of(env, argv[2]) << 32;
  return integer(env, prlimit(pid, RLIMIT_LOCKS, &limit, NULL) ? -errno : 0);
}

void init_processes(napi_env env, napi_value exports) {
  define(env, exports, "status", status_of);
  define(env, exports, "signalPending", signal_pending_in);
  define(env, exports, "isThread", is_thread);
  define(env, exports, "pidfdOpen", pidfd_open_of);
  define(env, exports, "pidfdGetfd", pidfd_getfd_of);
  define(env, exports, "fdInode", fd_inode);
  define(env, exports, "getMark", get_mark);
  define(env, exports, "setMark", set_mark);
}
