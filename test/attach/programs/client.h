/* What the test programs share: rtnetlink requests by hand, and lines `name value` as results. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MULTICAST_NOW 1280

static inline long result(long r) { return r < 0 ? -errno : r; }
static inline double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
static inline void say(const char *name, long value) {
  printf("%s %ld\n", name, value);
  fflush(stdout);
}
static inline int open_netlink(unsigned groups) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
  if (fd < 0 || bind(fd, (void *)&address, sizeof address)) perror("netlink"), exit(99);
  return fd;
}
/* Receives one message; its length or -errno. */
static inline long take(int fd, int flags) {
  static char buffer[32768];
  struct sockaddr_nl from;
  struct iovec iov = {buffer, sizeof buffer};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1};
  return result(recvmsg(fd, &message, flags));
}
struct request {
  struct nlmsghdr header;
  struct ifinfomsg link;
};
static inline struct request request(int type, int flags, int seq) {
  return (struct request){.header = {sizeof(struct request), type, NLM_F_REQUEST | flags, seq, 0}, .link = {.ifi_index = 2}};
}
static inline long ask(int fd, int type, int flags) {
  struct request r = request(type, flags, 7);
  return result(send(fd, &r, sizeof r, 0));
}
