/* COUNT requests and their answers, one after the other. */
#include "client.h"

int main(int argc, char **argv) {
  int fd = open_netlink(0), count = argc > 1 ? atoi(argv[1]) : 1000, done = 0;
  while (done < count && ask(fd, RTM_NEWROUTE, NLM_F_ACK) > 0 && take(fd, 0) > 0) done++;
  say("done", done);
  return 0;
}
