#define _GNU_SOURCE
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#define X32_BIT 0x40000000u
#define COUNT(a) (sizeof(a) / sizeof *(a))
/* Longest text that a shell's `echo … >/proc/sys/…` is told an error of. Programs that print line by line write longer ones,
 * and would pay for a trap with each. */
#define LONGEST_VALUE 24

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "netdouble attaches programs on x86-64 and arm64 only"
#endif

/* Calls on sockets. Descriptors 0-2 count too: inetd-style programs get a socket there by dup2(). */
static const int socket_calls[] = {SYS_listen, SYS_accept, SYS_accept4, SYS_shutdown};
/* The same; on any descriptor where an address goes with the data (busybox moves its sockets to 3 by dup2()). */
static const int address_calls[] = {SYS_sendto, SYS_recvfrom};
static const int message_calls[] = {SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg};
/* Asked on every descriptor: a virtual socket that came by SCM_RIGHTS has a low number, and is found out by these. They are rare. */
static const int naming_calls[] = {
    SYS_bind, SYS_connect, SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt,
};
/* Calls on any descriptor, seen only for virtual ones. */
static const int io_calls[] = {SYS_read, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_close, SYS_dup,
                               SYS_getdents64, SYS_fstat, SYS_fstatfs};
/* Calls that wait for descriptors: of some they are in memory, where a filter cannot look; others tell the highest. */
static const int poll_calls[] = {
    SYS_ppoll,
#ifdef SYS_poll
    SYS_poll,
#endif
};
static const int select_calls[] = {
    SYS_pselect6,
#ifdef SYS_select
    SYS_select,
#endif
};
static const int path_calls[] = {
    SYS_openat,   SYS_faccessat, SYS_readlinkat, SYS_mkdirat, SYS_unlinkat, SYS_symlinkat, SYS_statfs, SYS_inotify_add_watch,
    SYS_mount,    SYS_umount2,   437 /* openat2 */, 439 /* faccessat2 */, SYS_chdir, SYS_getcwd, SYS_name_to_handle_at,
    SYS_getxattr, SYS_lgetxattr, SYS_listxattr, SYS_llistxattr,
#ifdef SYS_open
    SYS_open,     SYS_stat,      SYS_lstat,      SYS_access,  SYS_readlink, SYS_mkdir,     SYS_unlink, SYS_rmdir, SYS_symlink,
#endif
};
static const int kernel_calls[] = {SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_uname, SYS_syslog};
static const int identity_calls[] = {
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_capget, SYS_capset,
};
static const int identity_prctls[] = {
    PR_GET_KEEPCAPS, PR_SET_KEEPCAPS, PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_SECUREBITS, PR_SET_SECUREBITS, PR_CAP_AMBIENT,
};
static const int get_one_id[] = {SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid};
static const int get_more_ids[] = {SYS_getresuid, SYS_getresgid, SYS_getgroups};
/* Families that stay the real kernel's. */
static const int native_families[] = {1 /* AF_UNIX */, 31 /* AF_BLUETOOTH */, 38 /* AF_ALG */, 40 /* AF_VSOCK */};

static struct sock_filter program[1000];
static unsigned length;

static void emit(unsigned short code, unsigned char jt, unsigned char jf, unsigned k) {
  program[length++] = (struct sock_filter){code, jt, jf, k};
}
static void load(unsigned offset) { emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); }
static void load_arg(int i) { load(offsetof(struct seccomp_data, args) + 8 * i); }
static void ret(unsigned action) { emit(BPF_RET | BPF_K, 0, 0, action); }
static void fail(int error) { ret(SECCOMP_RET_ERRNO | error); }
static void allow(void) { ret(SECCOMP_RET_ALLOW); }
static void notify(void) { ret(SECCOMP_RET_USER_NOTIF); }
/* if A == k then the next instruction, else the one after */
static void if_equal(unsigned k) { emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, k); }
static void if_any_bit(unsigned k) { emit(BPF_JMP | BPF_JSET | BPF_K, 0, 1, k); }

static void notify_if_equal(unsigned k) {
  if_equal(k);
  notify();
}

/* if (descriptor in argument i is virtual) notify, else fall through. */
static void notify_if_virtual(int i, const struct filter_options *o, int stdio_too) {
  load_arg(i);
  if (stdio_too) {
    emit(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 2);
    notify();
  }
  emit(BPF_JMP | BPF_JGE | BPF_K, 0, 2, o->base);
  emit(BPF_JMP | BPF_JGE | BPF_K, 1, 0, o->top);
  notify();
}

/* `on(nr); …; done(mark)` brackets what is decided for one call; A holds the number in front of it and behind it. */
static unsigned on(int nr) {
  emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, nr);
  return length - 1;
}
static void done(unsigned mark) {
  allow();
  program[mark].jf = length - mark - 1;
}

static void other_architectures(void) {
  load(offsetof(struct seccomp_data, arch));
  unsigned native = length;
  emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, NATIVE_ARCH);
#if defined(__x86_64__)
  emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, AUDIT_ARCH_I386);
  load(offsetof(struct seccomp_data, nr));
  if_equal(359); /* socket */
  fail(EAFNOSUPPORT);
  if_equal(102); /* socketcall */
  fail(ENOSYS);
#endif
  allow();
  program[native].jt = length - native - 1;
  load(offsetof(struct seccomp_data, nr));
#if defined(__x86_64__)
  emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
  fail(ENOSYS);
#endif
}

static void io(const struct filter_options *o) {
  unsigned m = on(SYS_write);
  notify_if_virtual(0, o, 0);
  if (o->files) { /* `echo 1 >/proc/sys/…`: the shell puts the file at descriptor 1, and the error must come back */
    load_arg(0);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 1);
    load_arg(2);
    emit(BPF_JMP | BPF_JGT | BPF_K, 1, 0, LONGEST_VALUE);
    notify();
  }
  done(m);
  for (unsigned i = 0; i < COUNT(io_calls); i++) {
    m = on(io_calls[i]);
    notify_if_virtual(0, o, 0);
    done(m);
  }
  for (unsigned i = 0; i < COUNT(socket_calls); i++) {
    m = on(socket_calls[i]);
    notify_if_virtual(0, o, 1);
    done(m);
  }
  for (unsigned i = 0; i < COUNT(address_calls); i++) {
    m = on(address_calls[i]);
    for (int half = 0; half < 8; half += 4) {
      load(offsetof(struct seccomp_data, args) + 8 * 4 + half);
      emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
      notify();
    }
    notify_if_virtual(0, o, 1);
    done(m);
  }
  for (unsigned i = 0; i < COUNT(message_calls); i++) {
    m = on(message_calls[i]);
    notify();
    done(m);
  }
  for (unsigned i = 0; i < COUNT(naming_calls); i++) {
    m = on(naming_calls[i]);
    notify();
    done(m);
  }
}

static void descriptors(const struct filter_options *o) {
  unsigned m = on(SYS_fcntl);
  load_arg(1);
  emit(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, F_DUPFD);
  emit(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, F_DUPFD_CLOEXEC);
  emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, F_SETFL);
  load_arg(2);
  emit(BPF_JMP | BPF_JSET | BPF_K, 1, 0, O_ASYNC);
  allow();
  notify_if_virtual(0, o, 0);
  done(m);
#ifdef SYS_dup2
  m = on(SYS_dup2);
  notify_if_virtual(0, o, 0);
  notify_if_virtual(1, o, 0);
  done(m);
#endif
  for (unsigned i = 0; i < COUNT(poll_calls); i++) {
    m = on(poll_calls[i]);
    notify();
    done(m);
  }
  for (unsigned i = 0; i < COUNT(select_calls); i++) {
    m = on(select_calls[i]);
    load_arg(0);
    emit(BPF_JMP | BPF_JGT | BPF_K, 0, 1, o->base);
    notify();
    done(m);
  }
  m = on(SYS_epoll_ctl);
  notify_if_virtual(2, o, 0);
  done(m);
  m = on(SYS_mmap);
  notify_if_virtual(4, o, 0);
  done(m);
  m = on(SYS_dup3);
  notify_if_virtual(0, o, 0);
  notify_if_virtual(1, o, 0);
  done(m);
  m = on(436 /* close_range */);
  load_arg(1);
  emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, o->base);
  notify();
  done(m);
}

static void sockets(const struct filter_options *o) {
  unsigned m = on(SYS_socket);
  load_arg(0);
  for (unsigned i = 0; i < COUNT(native_families); i++) {
    if_equal(native_families[i]);
    allow();
  }
  notify();
  done(m);
  m = on(SYS_ioctl);
  load_arg(1);
  emit(BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xff00);
  notify_if_equal(0x8900);
  notify_if_equal(0x8b00);
  notify_if_equal(0xb700); /* of namespaces, whose files are ours at any number */
  notify_if_virtual(0, o, 0);
  done(m);
}

/* With AT_EMPTY_PATH these are fstat(), which is seen for virtual descriptors alone. */
static void status(int nr, int flags_at, const struct filter_options *o) {
  unsigned m = on(nr);
  load_arg(flags_at);
  emit(BPF_JMP | BPF_JSET | BPF_K, 1, 0, AT_EMPTY_PATH);
  notify();
  notify_if_virtual(0, o, 0);
  done(m);
}

static void paths(const struct filter_options *o) {
  for (unsigned i = 0; i < COUNT(path_calls); i++) {
    unsigned m = on(path_calls[i]);
    notify();
    done(m);
  }
  for (unsigned i = 0; i < COUNT(kernel_calls); i++) {
    unsigned m = on(kernel_calls[i]);
    notify();
    done(m);
  }
  unsigned m = on(SYS_open_by_handle_at);
  notify_if_virtual(0, o, 0);
  done(m);
  m = on(SYS_lseek);
  load_arg(2);
  notify_if_equal(SEEK_DATA); /* of /dev/kmsg; nobody else asks */
  done(m);
  status(SYS_newfstatat, 3, o);
  status(SYS_statx, 2, o);
}

static void identity(const struct filter_options *o) {
  unsigned m;
  for (unsigned i = 0; i < COUNT(identity_calls); i++) {
    m = on(identity_calls[i]);
    notify();
    done(m);
  }
  m = on(SYS_prctl);
  load_arg(0);
  for (unsigned i = 0; i < COUNT(identity_prctls); i++) notify_if_equal(identity_prctls[i]);
  done(m);
  if (o->ids == ID_NATIVE) return;
  for (unsigned i = 0; i < COUNT(get_one_id); i++) {
    m = on(get_one_id[i]);
    if (o->ids == ID_ZERO) ret(SECCOMP_RET_ERRNO); /* error 0: the call returns 0, at no cost */
    notify();
    done(m);
  }
  for (unsigned i = 0; i < COUNT(get_more_ids); i++) {
    m = on(get_more_ids[i]);
    notify();
    done(m);
  }
}

static void namespaces(void) {
  unsigned m = on(SYS_unshare);
  load_arg(0);
  if_any_bit(CLONE_NEWNET | CLONE_NEWNS);
  notify();
  done(m);
  m = on(SYS_clone);
  load_arg(0);
  if_any_bit(CLONE_NEWNET);
  notify();
  done(m);
  m = on(435 /* clone3: its flags are in memory; C libraries then take clone */);
  fail(ENOSYS);
  done(m);
  m = on(SYS_setns);
  notify();
  done(m);
  m = on(SYS_bpf);
  notify();
  done(m);
  m = on(425 /* io_uring_setup: bypasses seccomp */);
  fail(ENOSYS);
  done(m);
}

static void executions(void) {
  static const int calls[] = {SYS_execve, SYS_execveat};
  for (unsigned i = 0; i < COUNT(calls); i++) {
    unsigned m = on(calls[i]);
    notify();
    done(m);
  }
}

int filter_install(const struct filter_options *o) {
  length = 0;
  other_architectures();
  io(o);
  if (o->files) paths(o);
  descriptors(o);
  sockets(o);
  identity(o);
  namespaces();
  executions();
  allow();
  struct sock_fprog fprog = {.len = length, .filter = program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return -errno;
  unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  int fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &fprog);
  return fd < 0 ? -errno : fd;
}

int filter_is_network(const struct seccomp_data *call, unsigned base) {
  if (call->nr == SYS_socket || call->nr == SYS_ioctl) return 1;
  for (unsigned i = 0; i < COUNT(socket_calls); i++)
    if (call->nr == socket_calls[i]) return (unsigned)call->args[0] >= base;
  for (unsigned i = 0; i < COUNT(address_calls); i++)
    if (call->nr == address_calls[i]) return (unsigned)call->args[0] >= base;
  for (unsigned i = 0; i < COUNT(message_calls); i++)
    if (call->nr == message_calls[i]) return (unsigned)call->args[0] >= base;
  for (unsigned i = 0; i < COUNT(naming_calls); i++)
    if (call->nr == naming_calls[i]) return (unsigned)call->args[0] >= base;
  switch (call->nr) {
    case SYS_read: case SYS_write: case SYS_readv: case SYS_writev: case SYS_pread64: case SYS_pwrite64:
      return (unsigned)call->args[0] >= base;
  }
  return 0;
}

int filter_is_wait(const struct seccomp_data *call) {
  for (unsigned i = 0; i < COUNT(poll_calls); i++)
    if (call->nr == poll_calls[i]) return 1;
  for (unsigned i = 0; i < COUNT(select_calls); i++)
    if (call->nr == select_calls[i]) return 1;
  return 0;
}
