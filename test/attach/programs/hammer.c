/* Talks until something fails, says what, and then what a file and an exec make of it. A second thread waits in recvmsg. */
#include "client.h"

#include <pthread.h>

static void *waiting(void *unused) {
  (void)unused;
  return (void *)take(open_netlink(1), 0);
}

int main(void) {
  pthread_t thread;
  void *received;
  pthread_create(&thread, 0, waiting, 0);
  usleep(50000);
  int fd = open_netlink(0);
  say("started", 1);
  long r;
  do r = ask(fd, RTM_NEWROUTE, NLM_F_ACK);
  while (r > 0 && (r = take(fd, 0)) > 0);
  say("failed", r);
  pthread_join(thread, &received);
  say("parked", (long)received);
  say("socket", result(socket(AF_NETLINK, SOCK_RAW, 0)));
  int file = open("/proc/self/status", O_RDONLY);
  say("file", file >= 0);
  execlp("echo", "echo", "exec 1", NULL);
  return 1;
}
