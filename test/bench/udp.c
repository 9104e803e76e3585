/* UDP of 18 bytes (frames of 64 with their checksum), over the kernel that the program finds:
 *   send SECONDS ADDRESS    as many to port 9 as it can
 *   count SECONDS           how many a second come to port 9, from the first on
 *   echo                    answers at port 7 until it is killed
 *   ask COUNT ADDRESS       so many questions there, one at a time: round trips a second */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}
static void timeout(int fd, int ms) {
  struct timeval t = {ms / 1000, ms % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}
int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  double amount = argc > 2 ? atof(argv[2]) : 0, count = 0;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
  char data[64] = {0};
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(*mode == 's' || *mode == 'c' ? 9 : 7)}, from;
  socklen_t n = sizeof from;
  if (argc > 3) inet_aton(argv[3], &a.sin_addr);
  if (argc > 3 ? connect(fd, (void *)&a, sizeof a) : bind(fd, (void *)&a, sizeof a)) return 1;
  if (!strcmp(mode, "send")) {
    for (double end = now() + amount; now() < end;) for (int i = 0; i < 64; i++) send(fd, data, 18, 0);
  } else if (!strcmp(mode, "count")) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    timeout(fd, 5000);
    if (recv(fd, data, sizeof data, 0) < 0) return 2;
    double begin = now(), end = begin + amount;
    while (now() < end) for (int i = 0; i < 64 && recv(fd, data, sizeof data, 0) >= 0; i++) count++;
    printf("%.0f\n", count / (now() - begin));
  } else if (!strcmp(mode, "echo")) {
    puts("ready");
    fflush(stdout);
    for (;;) {
      int length = recvfrom(fd, data, sizeof data, 0, (void *)&from, &n);
      if (length >= 0) sendto(fd, data, length, 0, (void *)&from, n);
    }
  } else {
    timeout(fd, 1000);
    double begin = 0;
    for (int i = -50; i < amount; i++) {
      if (i == 0) begin = now();
      send(fd, data, 18, 0);
      if (recv(fd, data, sizeof data, 0) < 0) return 3;
    }
    printf("%.0f\n", amount / (now() - begin));
  }
  return 0;
}
