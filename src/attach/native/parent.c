#define _GNU_SOURCE
#include "parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orphan.h"

static void raise_default(int signo) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signo);
  signal(signo, SIG_DFL);
  raise(signo);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  sigprocmask(SIG_BLOCK, &one, NULL);
}

static void die_like(int signo) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none); /* the program has dumped its own */
  raise_default(signo);
  exit(128 + signo);
}

/* Descendants that outlive the program keep somebody who answers their calls should the server die. */
static void leave_keeper(struct parent *self, int alive) {
  if (waitpid(-1, NULL, WNOHANG) < 0 || fork() != 0) return;
  setsid();
  for (int fd = 0; fd < 3; fd++) close(fd);
  for (;;) {
    struct pollfd fds[2] = {{self->listener, alive ? 0 : POLLIN, 0}, {alive ? self->control : -1, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) continue;
    if (fds[0].revents & (POLLHUP | POLLERR)) _exit(0);
    if (fds[1].revents) {
      alive = 0;
      orphan_release(self->listener, self->base, self->page);
    } else if (fds[0].revents & POLLIN) orphan_serve(self->listener, self->base);
  }
}

/* Reaps; when the program itself has ended, does not return. */
static void children(struct parent *self, int alive) {
  int status, pid;
  while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
    if (pid != self->child) continue;
    if (WIFSTOPPED(status)) {
      raise_default(WSTOPSIG(status)); /* so that the shell sees its job stop; SIGCONT comes to the whole group */
      continue;
    }
    while (waitpid(-1, NULL, WNOHANG) > 0);
    leave_keeper(self, alive);
    if (WIFSIGNALED(status)) die_like(WTERMSIG(status));
    exit(WEXITSTATUS(status));
  }
}

/* What the terminal sends, it sends to the program as well (same process group); what is sent to us alone is passed on. */
static void signals(struct parent *self, int fd, int alive) {
  struct signalfd_siginfo info;
  if (read(fd, &info, sizeof info) != sizeof info) return;
  if (info.ssi_signo == SIGCHLD) children(self, alive);
  else if (info.ssi_code <= 0) kill(self->child, info.ssi_signo);
}

static void refused(struct parent *self, const char *text) {
  fprintf(stderr, "netdouble: %s\n", text);
  kill(self->child, SIGKILL);
  exit(125);
}

/* `ok`, or `error TEXT`; returns whether the server is still there. */
static int server(struct parent *self, int *attached) {
  char line[1024];
  ssize_t n = read(self->control, line, sizeof line - 1);
  if (n > 0 && *attached) return 1;
  if (n > 0) {
    line[n] = 0;
    line[strcspn(line, "\n")] = 0;
    if (strcmp(line, "ok")) refused(self, strncmp(line, "error ", 6) ? line : line + 6);
    *attached = 1;
    return 1;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
  if (!*attached) refused(self, "the server hung up before attaching");
  orphan_release(self->listener, self->base, self->page);
  return 0;
}

int parent_run(struct parent *self) {
  sigset_t all;
  sigfillset(&all);
  int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), alive = 1, attached = 0;
  for (;;) {
    struct pollfd fds[3] = {{fd, POLLIN, 0}, {alive ? self->control : -1, POLLIN, 0}, {alive ? -1 : self->listener, POLLIN, 0}};
    if (poll(fds, 3, -1) < 0) continue;
    if (fds[1].revents) alive = server(self, &attached);
    if (fds[2].revents & POLLIN) orphan_serve(self->listener, self->base);
    else if (fds[2].revents) close(self->listener), self->listener = -1;
    if (fds[0].revents) signals(self, fd, alive);
  }
}
