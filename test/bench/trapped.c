/* Times one trapped call on a netlink socket, COUNT times: `plain` (listen: no memory of the program is touched) or
 * `memory` (getsockname: read once, written once). Prints p50 and p95 in microseconds. */
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}
static int byValue(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
int main(int argc, char **argv) {
  int plain = argc > 1 && !strcmp(argv[1], "plain"), count = argc > 2 ? atoi(argv[2]) : 20000, fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  struct sockaddr_nl a = {.nl_family = AF_NETLINK};
  double *took = malloc(sizeof *took * count);
  if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a)) return 1;
  for (int i = 0; i < count; i++) {
    socklen_t n = sizeof a;
    double t = now();
    if (plain ? listen(fd, 1) != -1 : getsockname(fd, (struct sockaddr *)&a, &n)) return 2;
    took[i] = now() - t;
  }
  qsort(took, count, sizeof *took, byValue);
  printf("%.2f %.2f\n", took[count / 2], took[count * 95 / 100]);
  return 0;
}
