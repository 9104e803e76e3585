/* What the replay of a case needs around its commands; one program with three names.
 *
 *   asuser PROGRAM…     runs it as uid and gid 65534 (cases call this)
 *   case-init           holds a case's process and mount namespaces, with an empty /tmp and /run and the guest's users and
 *                       name services: writes the pid of their init, then for each input on stdin kills every process of
 *                       the case; ends at end of file
 *   case-enter PID PROGRAM…   runs a program in the namespaces of that init, and ends as it ends
 *
 * Processes are numbered as in the oracle's case runner: init 1, its recorder 2, the first command's shell 3.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static int fail(const char *what) {
  perror(what);
  return 125;
}

static int as_user(char **argv) {
  setgroups(0, NULL);
  if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)) return fail("setuid");
  execvp(argv[1], argv + 1);
  return fail(argv[1]);
}

/* The numbers of dead children are taken again only by nobody: pid 2 is spent here. */
static void spend_a_pid(void) {
  pid_t child = fork();
  if (!child) _exit(0);
  waitpid(child, NULL, 0);
}

/* Shows a file of our own at a path, where there is one. */
static void own_file(const char *path, const char *text) {
  const char *temporary = "/run/own";
  FILE *file = fopen(temporary, "w");
  if (!file) return;
  fputs(text, file);
  fclose(file);
  chmod(temporary, 0644);
  if (mount(temporary, path, NULL, MS_BIND, NULL)) perror(path);
  unlink(temporary);
}

/* As the oracle builds its guest: no DNS, so that looking for an unknown name fails at once. */
static void guest_files(void) {
  own_file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
  own_file("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
  own_file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
  own_file("/etc/nsswitch.conf", "hosts: files\nnetworks: files\nprotocols: files\nservices: files\n");
}

/* A clone of the project may lie below /tmp, which the case does not see: `asuser` goes where the case looks. */
static void install_asuser(int self) {
  struct stat st;
  mkdir("/run/case", 0755);
  int to = open("/run/case/asuser", O_WRONLY | O_CREAT, 0755);
  if (self < 0 || to < 0 || fstat(self, &st) || sendfile(to, self, NULL, st.st_size) != st.st_size) perror("asuser");
  fchmod(to, 0755);
  close(to);
  close(self);
}

static int init_loop(void) {
  char line[16];
  signal(SIGCHLD, SIG_IGN); /* orphans are reaped by themselves */
  for (;;) {
    ssize_t n = read(0, line, sizeof line);
    if (n <= 0) return 0;
    kill(-1, SIGKILL);
  }
}

static int case_init(void) {
  if (unshare(CLONE_NEWPID | CLONE_NEWNS)) return fail("unshare");
  pid_t init = fork();
  if (init) {
    printf("%d\n", init);
    fflush(stdout);
    close(1);
    return waitpid(init, NULL, 0) < 0;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL)) return fail("mount");
  if (mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777")) return fail("mount /tmp");
  if (mount("tmpfs", "/run", "tmpfs", 0, "mode=755")) return fail("mount /run");
  mkdir("/run/netns", 0755);
  install_asuser(self);
  guest_files();
  spend_a_pid();
  close(1);
  return init_loop();
}

static int case_enter(char **argv) {
  int fd = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
  if (fd < 0 || setns(fd, CLONE_NEWNS | CLONE_NEWPID) || chdir("/")) return fail("setns");
  close(fd);
  pid_t child = fork();
  if (child < 0) return fail("fork");
  if (!child) {
    execvp(argv[2], argv + 2);
    _exit(fail(argv[2]));
  }
  int status;
  while (waitpid(child, &status, 0) < 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
  if (!strcmp(name, "asuser") && argc > 1) return as_user(argv);
  if (!strcmp(name, "case-init")) return case_init();
  if (!strcmp(name, "case-enter") && argc > 2) return case_enter(argv);
  fprintf(stderr, "%s: unknown use\n", name);
  return 125;
}
