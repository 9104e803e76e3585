#define _GNU_SOURCE
#include "orphan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "filter.h"

static void answer(int listener, uint64_t id, int network) {
  struct seccomp_notif_resp response = {.id = id};
  if (network) response.error = -ENETDOWN;
  else response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) && errno == EINTR);
}

void orphan_release(int listener, unsigned base, struct shared_page *page) {
  if (!page) return;
  answer(listener, page->taken.id, filter_is_network(&page->taken.data, base));
  for (int i = 0; i < PARKED_SLOTS; i++)
    if (page->parked[i]) answer(listener, page->parked[i], 1);
}

/*
 * A socket without a server stays readable, and reading it fails: daemons would ask for ever. Who has been told so often that
 * the network is down, or waits ten times as often within a second, is asked to end, and then made to.
 */
enum { ASKED_TO_END = 100, MADE_TO_END = 1000, ASKERS = 64 };

static void told_again(int pid, int waits) {
  static struct { int pid, times; time_t since; } askers[ASKERS];
  int at = pid % ASKERS;
  time_t now = time(NULL);
  if (askers[at].pid != pid || (waits && askers[at].since != now)) askers[at].pid = pid, askers[at].times = 0, askers[at].since = now;
  int times = ++askers[at].times, weight = waits ? 10 : 1;
  if (times == ASKED_TO_END * weight) {
    fprintf(stderr, "netdouble: the server has gone; process %d still asks for the network, and is ended\n", pid);
    kill(pid, SIGTERM);
  }
  if (times == MADE_TO_END * weight) kill(pid, SIGKILL);
}

int orphan_serve(int listener, unsigned base) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) return errno == ENOENT || errno == EINTR;
  int network = filter_is_network(&call.data, base);
  answer(listener, call.id, network);
  int waits = !network && filter_is_wait(&call.data);
  if (network || waits) told_again(call.pid, waits);
  return 1;
}
