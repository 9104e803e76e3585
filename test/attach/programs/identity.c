/* What a process is on the host, before and after it changes. */
#include "client.h"

#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* 0 or -EPERM: an ioctl that needs CAP_NET_ADMIN. */
static long may(void) {
  struct ifreq r = {.ifr_name = "nd0"};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  long x = result(ioctl(fd, SIOCSIFFLAGS, &r));
  close(fd);
  return x;
}

static void capabilities(const char *name) {
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2];
  memset(d, 0, sizeof d);
  syscall(SYS_capget, &h, d);
  say(name, d[0].effective >> 12 & 1);
}

static void drop_net_admin(void) {
  struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct d[2];
  syscall(SYS_capget, &h, d);
  d[0].effective &= ~(1u << 12);
  say("capset", result(syscall(SYS_capset, &h, d)));
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "may")) { /* after an exec */
    say(argv[2], may());
    return 0;
  }
  say("uid", getuid());
  say("may", may());
  capabilities("cap");
  int status, pid = fork();
  if (!pid) { /* dropped in a child: the parent keeps it, the child's children do not get it back */
    drop_net_admin();
    say("child_may", may());
    if (!fork()) {
      say("grandchild_may", may());
      _exit(0);
    }
    wait(&status);
    _exit(0);
  }
  waitpid(pid, &status, 0);
  say("parent_may", may());
  int go[2];
  if (pipe(go)) return 1;
  if (!(pid = fork())) { /* forked before the drop, first heard of after it */
    char byte;
    if (read(go[0], &byte, 1) < 0) _exit(1);
    say("before_drop_may", may());
    _exit(0);
  }
  say("keepcaps", prctl(PR_GET_KEEPCAPS));
  say("setgroups", result(setgroups(0, 0)));
  say("setresgid", result(setresgid(65534, 65534, 65534)));
  say("setresuid", result(setresuid(65534, 65534, 65534)));
  say("dropped_may", may());
  capabilities("dropped_cap");
  say("back", result(setuid(0)));
  if (write(go[1], "x", 1) != 1) return 1;
  waitpid(pid, &status, 0);
  execl(argv[0], argv[0], "may", "exec_may", NULL);
  return 1;
}
