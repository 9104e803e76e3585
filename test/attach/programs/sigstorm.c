/* N acknowledged requests under a fast interval timer: each must be executed once and answered once. */
#include "client.h"

#include <sys/time.h>

static void nothing(int s) { (void)s; }

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 1000, restart = argc > 2 && atoi(argv[2]), fd = open_netlink(0), stale = 0;
  struct sigaction sa = {.sa_handler = nothing, .sa_flags = restart ? SA_RESTART : 0};
  sigaction(SIGALRM, &sa, 0);
  struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &often, 0);
  for (int i = 1; i <= n; i++) {
    struct request r = request(RTM_NEWROUTE, NLM_F_ACK, i);
    while (send(fd, &r, sizeof r, 0) < 0)
      if (errno != EINTR) return perror("send"), 1;
    for (;;) {
      char buffer[4096];
      long length = recv(fd, buffer, sizeof buffer, 0);
      if (length < 0 && errno == EINTR) continue;
      if (length < 0) return perror("recv"), 1;
      if (((struct nlmsghdr *)buffer)->nlmsg_seq == (unsigned)i) break;
      stale++;
    }
  }
  setitimer(ITIMER_REAL, &never, 0);
  say("stale", stale);
  return 0;
}
