/* One line per promise about virtual descriptors; semantics.test.ts knows what each should be. */
#include "client.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

static volatile int hits;
static void count(int s) { (void)s, hits++; }
static void *receive_in_thread(void *fd) { return (void *)take(*(int *)fd, 0); }

/* A child that makes the host send a multicast after a while. */
static int later(int ms) {
  int pid = fork();
  if (pid) return pid;
  usleep(ms * 1000);
  int fd = open_netlink(0);
  ask(fd, MULTICAST_NOW, 0);
  _exit(0);
}

static void not_waiting(int fd) {
  say("dontwait", take(fd, MSG_DONTWAIT));
  fcntl(fd, F_SETFL, O_NONBLOCK);
  say("nonblock", take(fd, 0));
  fcntl(fd, F_SETFL, 0);
  int g = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, 0);
  say("sock_nonblock", take(g, 0));
  close(g);
}

static void readiness(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT, 0};
  say("poll_empty", poll(&p, 1, 5) == 1 ? p.revents : -1);
  ask(fd, RTM_GETLINK, 0);
  poll(&p, 1, 0);
  say("poll_at_once", p.revents);
  say("poll_take", take(fd, 0) > 0);
  poll(&p, 1, 0);
  say("poll_drained", p.revents);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  struct timeval tv = {0, 1000};
  say("select_empty", select(fd + 1, &set, 0, 0, &tv));
  int e = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(e, EPOLL_CTL_ADD, fd, &event);
  ask(fd, RTM_GETLINK, 0);
  say("epoll_ready", epoll_wait(e, &event, 1, 0));
  take(fd, 0);
  say("epoll_drained", epoll_wait(e, &event, 1, 1));
  close(e);
}

static void dump_in_parts(int fd) {
  ask(fd, RTM_GETLINK, NLM_F_DUMP);
  struct pollfd p = {fd, POLLIN, 0};
  int n = 0;
  while (poll(&p, 1, 0) == 1 && take(fd, 0) > 0) n++;
  say("dump_parts", n);
}

static void edge_triggered(int fd) {
  int e = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};
  epoll_ctl(e, EPOLL_CTL_ADD, fd, &event);
  ask(fd, RTM_GETLINK, 0);
  say("edge_first", epoll_wait(e, &event, 1, 0));
  say("edge_none", epoll_wait(e, &event, 1, 0));
  ask(fd, RTM_GETLINK, 0);
  say("edge_second", epoll_wait(e, &event, 1, 0));
  take(fd, 0);
  take(fd, 0);
  close(e);
}

/* A socket with an answer that nobody has looked for yet. */
static int answered(void) {
  int fd = open_netlink(0);
  ask(fd, RTM_GETLINK, 0);
  return fd;
}
static void first_looks(void) {
  int fd = answered(), status;
  struct pollfd p = {fd, POLLIN, 0};
  if (!fork()) _exit(poll(&p, 1, 0) == 1);
  wait(&status);
  say("first_poll_of_child", WEXITSTATUS(status));
  close(fd);
  fd = answered();
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  say("first_select", select(fd + 1, &set, 0, 0, &(struct timeval){0}));
  close(fd);
  fd = answered();
  int e = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(e, EPOLL_CTL_ADD, fd, &event);
  say("first_epoll", epoll_wait(e, &event, 1, 0));
  close(fd);
  close(e);
  signal(SIGIO, count);
  hits = 0;
  fd = open_netlink(0);
  fcntl(fd, F_SETOWN, getpid());
  fcntl(fd, F_SETFL, O_ASYNC);
  ask(fd, RTM_GETLINK, 0);
  say("sigio", hits);
  close(fd);
  fd = open_netlink(0);
  fcntl(fd, F_SETOWN, getpid());
  ioctl(fd, FIOASYNC, &(int){1});
  ask(fd, RTM_GETLINK, 0);
  say("sigio_ioctl", hits);
  close(fd);
}

static void signals(void) {
  int g = open_netlink(1);
  struct sigaction sa = {.sa_handler = count};
  sigaction(SIGALRM, &sa, 0);
  struct itimerval once = {{0, 0}, {0, 20000}}, often = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &once, 0);
  say("eintr", take(g, 0));
  sa.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &sa, 0);
  hits = 0;
  setitimer(ITIMER_REAL, &often, 0);
  int child = later(60);
  say("restarted", take(g, 0) > 0);
  setitimer(ITIMER_REAL, &never, 0);
  say("restart_hits", hits >= 2);
  waitpid(child, 0, 0);
  close(g);
}

static void timeouts(int fd) {
  struct timeval tv = {0, 40000}, none = {0, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
  double start = milliseconds();
  say("rcvtimeo", take(fd, 0));
  double took = milliseconds() - start;
  say("rcvtimeo_time", took > 30 && took < 400);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
}

static void copies(int fd) {
  int d = dup(fd);
  say("dup_high", d >= 512);
  ask(d, RTM_GETLINK, 0);
  say("dup_shares", take(fd, 0) > 0);
  int c = fcntl(fd, F_DUPFD_CLOEXEC, 700);
  say("dupfd", c);
  say("dupfd_cloexec", fcntl(c, F_GETFD));
  ask(fd, RTM_GETLINK, 0);
  say("dupfd_shares", take(c, 0) > 0);
  close(c);
  say("closed", take(c, 0));
  int to = dup2(fd, 600);
  say("dup2_high", to);
  ask(600, RTM_GETLINK, 0);
  say("dup2_shares", take(d, 0) > 0);
  close(600);
  close(d);
  say("after_close", ask(fd, RTM_GETLINK, 0) > 0 && take(fd, 0) > 0);
}

/* dup2() to a number that is not trapped: read, write and poll go on, message by message. */
static void low_copy(void) {
  int g = open_netlink(0), low = dup2(g, 20);
  close(g);
  char buffer[8192];
  struct request r = request(RTM_GETLINK, NLM_F_DUMP, 9);
  say("low_write", write(low, &r, sizeof r));
  int n = 0, done = 0;
  struct pollfd p = {low, POLLIN, 0};
  while (!done && poll(&p, 1, 1000) == 1) {
    long length = read(low, buffer, sizeof buffer);
    struct nlmsghdr *h = (void *)buffer;
    n++;
    done = length < 16 || h->nlmsg_type == NLMSG_DONE;
  }
  say("low_parts", n);
  /* what was written without a trap is executed before the next trapped call of anybody */
  r = request(RTM_GETLINK, 0, 10);
  if (write(low, &r, sizeof r) < 0) say("low_write", -errno);
  int other = open_netlink(0);
  say("low_at_once", poll(&p, 1, 0));
  close(other);
  close(low);
}

/* inetd: the socket is descriptor 0. */
static void standard_input(void) {
  int saved = dup(0), g = open_netlink(0);
  dup2(g, 0);
  close(g);
  struct sockaddr_nl name = {0};
  socklen_t length = sizeof name;
  say("stdin_getsockname", result(getsockname(0, (void *)&name, &length)));
  say("stdin_family", name.nl_family);
  say("stdin_ask", ask(0, RTM_GETLINK, 0));
  say("stdin_take", take(0, 0) > 0);
  dup2(saved, 0);
  close(saved);
}

static void send_descriptor(int through, int fd) {
  struct { struct cmsghdr header; int fd; } control = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}, fd};
  struct iovec iov = {"x", 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof(int))};
  sendmsg(through, &message, 0);
}
static int receive_descriptor(int through) {
  struct { struct cmsghdr header; long fd; } control;
  char x;
  struct iovec iov = {&x, 1};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  return recvmsg(through, &message, 0) == 1 ? (int)control.fd : -1;
}
/* A child opens a socket, passes it on and is gone: the number is low, its names and messages are the socket's. */
static void passed_on(void) {
  int pair[2], status;
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  int pid = fork();
  if (!pid) {
    send_descriptor(pair[1], socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    _exit(0);
  }
  waitpid(pid, &status, 0);
  int fd = receive_descriptor(pair[0]);
  say("passed_is_low", fd >= 0 && fd < 512);
  struct sockaddr_nl name = {0};
  socklen_t length = sizeof name;
  say("passed_name", getsockname(fd, (void *)&name, &length) ? -errno : name.nl_family);
  say("passed_bind", result(bind(fd, (void *)&name, sizeof name)));
  struct request r = request(RTM_GETLINK, 0, 11);
  say("passed_ask", result(sendto(fd, &r, sizeof r, 0, (void *)&(struct sockaddr_nl){AF_NETLINK}, sizeof name)));
  struct nlmsghdr answer = {0};
  recv(fd, &answer, sizeof answer, 0);
  say("passed_take", answer.nlmsg_seq);
  close(fd);
  close(pair[0]);
  close(pair[1]);
}

static void inherited(int fd) {
  int status, pid = fork();
  if (!pid) {
    ask(fd, RTM_GETLINK, 0);
    _exit(take(fd, 0) > 0 ? 7 : 1);
  }
  waitpid(pid, &status, 0);
  say("fork", WEXITSTATUS(status));
  say("fork_parent", ask(fd, RTM_GETLINK, 0) > 0 && take(fd, 0) > 0);
}

static void killed_while_waiting(void) {
  int g = open_netlink(1), status, pid = fork();
  if (!pid) {
    take(g, 0);
    _exit(0);
  }
  usleep(20000);
  kill(pid, SIGKILL);
  double start = milliseconds();
  waitpid(pid, &status, 0);
  say("killed", WTERMSIG(status));
  say("killed_soon", milliseconds() - start < 5000);
  int child = later(1); /* the dead waiter must not swallow the message */
  say("killed_rest", take(g, 0) > 0);
  waitpid(child, 0, 0);
  close(g);
}

static void two_threads(void) {
  int g = open_netlink(1), a = later(20), b = later(40);
  pthread_t t[2];
  void *r[2];
  for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, receive_in_thread, &g);
  for (int i = 0; i < 2; i++) pthread_join(t[i], &r[i]);
  say("threads", (long)r[0] > 0 && (long)r[1] > 0);
  waitpid(a, 0, 0);
  waitpid(b, 0, 0);
  close(g);
}

static void peeking(int fd) {
  char small[8];
  ask(fd, RTM_GETLINK, 0);
  struct iovec iov = {0, 0};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
  long whole = result(recvmsg(fd, &m, MSG_PEEK | MSG_TRUNC));
  say("peek_trunc", whole > 16);
  say("peek_flags", m.msg_flags & MSG_TRUNC);
  say("peek_again", result(recv(fd, small, sizeof small, MSG_PEEK)));
  struct sockaddr_nl from;
  memset(&from, 0xff, sizeof from);
  struct iovec parts[2] = {{small, 4}, {small + 4, 4}};
  m = (struct msghdr){.msg_name = &from, .msg_namelen = 64, .msg_iov = parts, .msg_iovlen = 2, .msg_controllen = 99, .msg_control = small};
  m.msg_control = NULL;
  say("short", result(recvmsg(fd, &m, 0)));
  say("short_flags", m.msg_flags & MSG_TRUNC);
  say("short_namelen", m.msg_namelen);
  say("short_name", from.nl_family == AF_NETLINK && from.nl_pid == 0);
  say("short_controllen", m.msg_controllen);
  say("short_head", *(unsigned *)small == (unsigned)whole);
  say("short_gone", take(fd, MSG_DONTWAIT));
}

static void bad_pointers(int fd) {
  void *bad = (void *)16;
  struct iovec iov = {bad, 100};
  struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
  say("efault_header", result(sendmsg(fd, bad, 0)));
  say("efault_data", result(sendmsg(fd, &m, 0)));
  say("efault_send", result(send(fd, bad, 32, 0)));
  say("efault_bind", result(bind(fd, bad, 12)));
  ask(fd, RTM_GETLINK, 0);
  say("efault_receive", result(recvmsg(fd, &m, 0)));
  say("efault_name", result(getsockname(fd, bad, bad)));
  /* recvfrom() has copied the data when it finds that it cannot tell of the sender. */
  struct sockaddr_nl from = {0};
  socklen_t lengths[] = {sizeof from, -1};
  for (int i = 0; i < 3; i++) {
    struct nlmsghdr answer = {0};
    ask(fd, RTM_NEWROUTE, NLM_F_ACK);
    say((const char *[]){"from", "from_negative", "from_nowhere"}[i],
        result(recvfrom(fd, &answer, sizeof answer, 0, (void *)&from, i < 2 ? &lengths[i] : bad)));
    say((const char *[]){"from_data", "from_negative_data", "from_nowhere_data"}[i], answer.nlmsg_type);
  }
  say("from_name", from.nl_family);
  say("from_length", lengths[0]);
  char byte;
  while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0);
}

static void many_messages(int fd) {
  struct request r[2] = {request(RTM_NEWROUTE, NLM_F_ACK, 1), request(RTM_NEWROUTE, NLM_F_ACK, 2)};
  struct iovec out[2] = {{&r[0], sizeof r[0]}, {&r[1], sizeof r[1]}};
  struct mmsghdr m[3] = {{.msg_hdr = {.msg_iov = &out[0], .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &out[1], .msg_iovlen = 1}}};
  say("sendmmsg", result(sendmmsg(fd, m, 2, 0)));
  say("sendmmsg_length", m[1].msg_len);
  char buffers[3][256];
  struct iovec in[3];
  for (int i = 0; i < 3; i++) {
    in[i] = (struct iovec){buffers[i], 256};
    m[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &in[i], .msg_iovlen = 1}};
  }
  say("recvmmsg", result(recvmmsg(fd, m, 3, MSG_WAITFORONE, 0)));
  say("recvmmsg_length", m[1].msg_len);
  say("writev", result(writev(fd, out, 1)));
  struct iovec split[2] = {{buffers[0], 4}, {buffers[1], 252}};
  say("readv", result(readv(fd, split, 2)));
  say("readv_head", *(unsigned *)buffers[0]);
}

int main(void) {
  int fd = open_netlink(0);
  say("number", fd);
  say("native_unix", result(socket(AF_UNIX, SOCK_STREAM, 0)) < 512);
  not_waiting(fd);
  readiness(fd);
  dump_in_parts(fd);
  edge_triggered(fd);
  first_looks();
  signals();
  timeouts(fd);
  copies(fd);
  low_copy();
  standard_input();
  passed_on();
  inherited(fd);
  killed_while_waiting();
  two_threads();
  peeking(fd);
  bad_pointers(fd);
  many_messages(fd);
  close(fd);
  say("ebadf", result(getsockname(fd, 0, 0)));
  say("reused", open_netlink(0) == fd);
  return 0;
}
