/* Receiving and answering notifications, all through one epoll descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "napi.h"
#include "shared.h"

enum kind { KIND_LISTENER = 1, KIND_OTHERS = 255 };
enum outcome { NOTHING = 0, TRAP = 1, EVENT = 2 };

#define MAX_LISTENERS 4096
static struct listener {
  int fd;
  unsigned base;
  struct shared_page *page;
} listeners[MAX_LISTENERS];

#define notif ((struct seccomp_notif *)(shared + AT_NOTIF))

/* data.u64 of an epoll entry: kind (8 bits), key (32), descriptor (24). */
static uint64_t pack(int kind, uint32_t key, int fd) { return (uint64_t)kind << 56 | (uint64_t)key << 24 | fd; }

/* Two epoll descriptors: `others` has all that is not a listener, `all` has the listeners and `others`. So one poll() of
 * `others` and of the listener that was served last finds the next call, which is much cheaper than asking for all. */
#define MAX_QUEUES 1024
static struct queue {
  int all, others;
  /* Index of the listener served last, or -1; and how many of its calls in a row. */
  int last, row;
  /* What epoll_wait() on `others` brought that is not handed out yet. */
  int count, position;
  struct epoll_event ready[64];
} *queues[MAX_QUEUES];


/* queueCreate(): index of a new queue, or -errno. */
static napi_value queue_create(napi_env env, napi_callback_info info) {
  (void)info;
  int i = 0;
  while (i < MAX_QUEUES && queues[i]) i++;
  if (i == MAX_QUEUES) return integer(env, -ENFILE);
  int all = epoll_create1(EPOLL_CLOEXEC), others = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = pack(KIND_OTHERS, 0, 0)};
  if (all < 0 || others < 0 || epoll_ctl(all, EPOLL_CTL_ADD, others, &event)) return integer(env, -errno);
  queues[i] = calloc(1, sizeof **queues);
  *queues[i] = (struct queue){.all = all, .others = others, .last = -1};
  return integer(env, i);
}
/* queueFd(queue): readable when next() has something. */
static napi_value queue_fd(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  return integer(env, queues[int_of(env, argv[0])]->all);
}
static napi_value queue_close(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int i = int_of(env, argv[0]);
  close(queues[i]->all);
  close(queues[i]->others);
  free(queues[i]);
  queues[i] = NULL;
  return integer(env, 0);
}

/* epollSet(queue, op, fd, events, kind, key) */
static napi_value epoll_set(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  int fd = int_of(env, argv[2]);
  struct epoll_event event = {.events = uint_of(env, argv[3]), .data.u64 = pack(int_of(env, argv[4]), uint_of(env, argv[5]), fd)};
  return integer(env, epoll_ctl(queues[int_of(env, argv[0])]->others, int_of(env, argv[1]), fd, &event) ? -errno : 0);
}

/* listenerAdd(queue, fd, pageFd | -1, base): index. Takes over `fd`; the page is mapped, its descriptor stays the caller's. */
static napi_value listener_add(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  int i = 0, fd = int_of(env, argv[1]), page = int_of(env, argv[2]);
  while (i < MAX_LISTENERS && listeners[i].base) i++;
  if (i == MAX_LISTENERS) return integer(env, -ENFILE);
  void *map = page < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
  listeners[i] = (struct listener){fd, uint_of(env, argv[3]), map == MAP_FAILED ? NULL : map};
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = pack(KIND_LISTENER, i, fd)};
  if (epoll_ctl(queues[int_of(env, argv[0])]->all, EPOLL_CTL_ADD, fd, &event)) return integer(env, -errno);
  return integer(env, i);
}

static napi_value listener_remove(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct listener *l = &listeners[int_of(env, argv[0])];
  for (int i = 0; i < MAX_QUEUES; i++)
    if (queues[i] && queues[i]->last == int_of(env, argv[0])) queues[i]->last = -1;
  if (l->page) munmap(l->page, 4096);
  close(l->fd);
  memset(l, 0, sizeof *l);
  return integer(env, 0);
}

static uint64_t id_of(napi_env env, napi_value low, napi_value high) {
  return uint_of(env, low) | (uint64_t)uint_of(env, high) << 32;
}

/* park(listener, idLow, idHigh): slot or -1. Notes a taken notification where the launcher finds it if we die. */
static napi_value park(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  struct shared_page *page = listeners[int_of(env, argv[0])].page;
  for (int i = 0; page && i < PARKED_SLOTS; i++)
    if (!page->parked[i]) {
      page->parked[i] = id_of(env, argv[1], argv[2]);
      return integer(env, i);
    }
  return integer(env, -1);
}

static napi_value unpark(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct shared_page *page = listeners[int_of(env, argv[0])].page;
  int slot = int_of(env, argv[1]);
  if (page && slot >= 0) page->parked[slot] = 0;
  return integer(env, 0);
}

/* An ioctl on a listener takes a lock that signals (SIGCHLD, mostly) interrupt. */
static int repeat(int fd, unsigned long request, void *argument) {
  int r;
  do r = ioctl(fd, request, argument);
  while (r < 0 && errno == EINTR);
  return r < 0 ? -errno : r;
}

static int respond(int listener, uint64_t id, int64_t value, int error, unsigned flags) {
  struct seccomp_notif_resp response = {.id = id, .val = value, .error = error, .flags = flags};
  return repeat(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* send(listener, idLow, idHigh, value, error, flags) */
static napi_value send_response(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  double value = 0;
  napi_get_value_double(env, argv[3], &value);
  struct listener *l = &listeners[int_of(env, argv[0])];
  return integer(env, respond(l->fd, id_of(env, argv[1], argv[2]), (int64_t)value, int_of(env, argv[4]), uint_of(env, argv[5])));
}

static napi_value id_valid(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  uint64_t id = id_of(env, argv[1], argv[2]);
  return integer(env, repeat(listeners[int_of(env, argv[0])].fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
}

/* addFd(listener, idLow, idHigh, from, number | -1, cloexec, answer): the descriptor in the program; `answer` also returns it there. */
static napi_value add_fd(napi_env env, napi_callback_info info) {
  ARGUMENTS(7);
  int number_wanted = int_of(env, argv[4]);
  struct seccomp_notif_addfd add = {
      .id = id_of(env, argv[1], argv[2]),
      .flags = (number_wanted >= 0 ? SECCOMP_ADDFD_FLAG_SETFD : 0) | (int_of(env, argv[6]) ? SECCOMP_ADDFD_FLAG_SEND : 0),
      .srcfd = int_of(env, argv[3]),
      .newfd = number_wanted >= 0 ? number_wanted : 0,
      .newfd_flags = int_of(env, argv[5]) ? O_CLOEXEC : 0,
  };
  /* Interrupted while it waits for the program, an answering ADDFD leaves the program with descriptor 0. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int fd = repeat(listeners[int_of(env, argv[0])].fd, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return integer(env, fd);
}

/* Which arguments of a call are its path and the directory it is relative to; -1: none. */
static struct place { int path, directory; } place_of(int nr) {
  switch (nr) {
    case SYS_openat: case SYS_newfstatat: case SYS_statx: case SYS_faccessat: case SYS_readlinkat: case SYS_mkdirat: case SYS_unlinkat:
    case 437: case 439:
      return (struct place){1, 0};
    case SYS_symlinkat: return (struct place){2, 1};
    case SYS_statfs: case SYS_umount2: return (struct place){0, -1};
    case SYS_mount: case SYS_inotify_add_watch: return (struct place){1, -1};
#ifdef SYS_open
    case SYS_open: case SYS_stat: case SYS_lstat: case SYS_access: case SYS_readlink: case SYS_mkdir: case SYS_unlink: case SYS_rmdir:
      return (struct place){0, -1};
    case SYS_symlink: return (struct place){1, -1};
#endif
  }
  return (struct place){-1, -1};
}

/* Reads the path at `from` to AT_PATH, as far as its end or a page that cannot be read. */
static void read_path(int pid, uint64_t from) {
  char *path = (char *)shared + AT_PATH;
  int n = 0;
  while (n < PATH_SIZE - 1) {
    size_t piece = 4096 - ((from + n) & 4095);
    if (piece > 256) piece = 256;
    if (piece > (size_t)(PATH_SIZE - 1 - n)) piece = PATH_SIZE - 1 - n;
    if (memory_read(pid, path + n, from + n, piece) < 0) break;
    char *end = memchr(path + n, 0, piece);
    if (end) {
      *word(AT_PATH_LENGTH) = end - path;
      return;
    }
    n += piece;
  }
  path[n] = 0;
  *word(AT_PATH_LENGTH) = n;
}

static int starts(const char *path, const char *with) { return !strncmp(path, with, strlen(with)); }

static int may_be_ours(const char *path) {
  while (path[1] == '/') path++;
  if (starts(path, "/usr/lib/mod")) path += 4;
  if (starts(path, "/lib/modules/") || starts(path, "/lib/modprobe.d")) return 1;
  return starts(path, "/proc") || starts(path, "/sys") || starts(path, "/run/netns") || starts(path, "/var/run/netns") ||
         starts(path, "/dev/net") || starts(path, "/run/cgroup2") || starts(path, "/var/run/cgroup2");
}

/* Below it lie real directories that stand for virtual ones, each by its path. */
static char scratch_root[256];
static napi_value set_scratch_root(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  size_t n;
  napi_get_value_string_utf8(env, argv[0], scratch_root, sizeof scratch_root, &n);
  return integer(env, 0);
}

/* A path relative to the working directory becomes one from the root, if that may be ours. */
static int relative_may_be_ours(int directory) {
  char *path = (char *)shared + AT_PATH, cwd[PATH_SIZE], link[40];
  if (directory >= 0 && (int)notif->data.args[directory] != AT_FDCWD) return (int)notif->data.args[directory] >= *word(AT_BASE);
  snprintf(link, sizeof link, "/proc/%d/cwd", (int)notif->pid);
  long n = readlink(link, cwd, sizeof cwd - 1);
  if (n <= 0) return 0;
  cwd[n] = 0;
  size_t root = strlen(scratch_root);
  if (root && starts(cwd, scratch_root) && cwd[root] == '/') memmove(cwd, cwd + root, n -= root), cwd[n] = 0;
  int length = *word(AT_PATH_LENGTH);
  if (!strcmp(cwd, "/")) n = 0;
  if (n + 1 + length >= PATH_SIZE) return 0;
  /* "/run" and a path of "netns/x" */
  if (strncmp(path, "..", 2) && n && !may_be_ours(cwd) && strcmp(cwd, "/run") && strcmp(cwd, "/var/run") && strcmp(cwd, "/dev")) return 0;
  memmove(path + n + 1, path, length + 1);
  memcpy(path, cwd, n);
  path[n] = '/';
  *word(AT_PATH_LENGTH) = n + 1 + length;
  return strstr(path, "/..") != NULL || may_be_ours(path);
}

/* Whether JavaScript need not see the call: it names a file that cannot be ours, or writes to an ordinary stdout. */
static int is_not_ours(void) {
  int nr = notif->data.nr;
  if (nr == SYS_write) return notif->data.args[0] == 1 && !*word(AT_STDOUT_WATCHED);
  struct place place = place_of(nr);
  if (place.path < 0) return 0;
  read_path(notif->pid, notif->data.args[place.path]);
  const char *path = (char *)shared + AT_PATH;
  /* fstat() by another name */
  if (!*path) return place.directory < 0 || (int)notif->data.args[place.directory] < *word(AT_BASE);
  if (nr == SYS_mount && *path == '/' && (!path[1] || !strcmp(path, "/sys"))) return 0;
  if (*path != '/') return !relative_may_be_ours(place.directory);
  return !may_be_ours(path);
}

/* Takes one notification. 0: it is gone, or answered here. */
static int take(struct listener *l) {
  memset(notif, 0, sizeof *notif);
  if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, notif)) return 0;
  if (is_not_ours()) {
    respond(l->fd, notif->id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    return 0;
  }
  if (l->page) {
    l->page->current = notif->id;
    l->page->current_network = filter_is_network(&notif->data, l->base);
  }
  return 1;
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int hand_out(struct epoll_event *event) {
  *word(AT_KIND) = event->data.u64 >> 56;
  *word(AT_KEY) = event->data.u64 >> 24;
  *word(AT_FD) = event->data.u64 & 0xffffff;
  *word(AT_EVENTS) = event->events;
  return EVENT;
}

/* What programs did without a trap, and ends of processes. */
static int others(struct queue *q) {
  if (q->position == q->count) {
    q->position = 0;
    q->count = epoll_wait(q->others, q->ready, 64, 0);
    if (q->count <= 0) return q->count = 0, NOTHING;
  }
  return hand_out(&q->ready[q->position++]);
}

/* Looks at all listeners: the next one that has a call becomes the one that is served; a dead one is an event. */
static int choose(struct queue *q) {
  struct epoll_event found[16];
  int n = epoll_wait(q->all, found, 16, 0), before = q->last;
  q->row = 0;
  for (int i = 0; i < n; i++) {
    if (found[i].data.u64 >> 56 != KIND_LISTENER) continue;
    if (!(found[i].events & EPOLLIN)) return hand_out(&found[i]);
    int index = (uint32_t)(found[i].data.u64 >> 24);
    if (index != before) return q->last = index, NOTHING;
  }
  return NOTHING;
}

/* One look at the listener served last and at all that is not a listener, which comes first. */
static int look(struct queue *q) {
  struct listener *l = q->last < 0 ? NULL : &listeners[q->last];
  struct pollfd fds[2] = {{q->others, POLLIN, 0}, {l ? l->fd : -1, POLLIN, 0}};
  if (poll(fds, 2, 0) <= 0) return NOTHING;
  if (fds[0].revents) {
    int outcome = others(q);
    if (outcome) return outcome;
  }
  if (!(fds[1].revents & POLLIN) || !take(l)) return NOTHING;
  *word(AT_KEY) = q->last;
  q->row++;
  return TRAP;
}

/* next(queue, spin): NOTHING, TRAP (notification at AT_NOTIF, listener in AT_KEY) or EVENT; spins for that many microseconds. */
static napi_value next(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct queue *q = queues[int_of(env, argv[0])];
  uint64_t spin = uint_of(env, argv[1]) * 1000ull, end = 0;
  for (int n = 0;; n++) {
    int outcome = q->position < q->count ? others(q) : NOTHING;
    if (!outcome && (q->last < 0 || q->row >= 8 || n % 4 == 3)) outcome = choose(q);
    if (!outcome) outcome = look(q);
    if (outcome) return integer(env, outcome);
    uint64_t t = now();
    if (!end) end = t + spin;
    else if (t > end && n > 4) return integer(env, NOTHING);
  }
}

void init_notify(napi_env env, napi_value exports) {
  define(env, exports, "queueCreate", queue_create);
  define(env, exports, "queueFd", queue_fd);
  define(env, exports, "queueClose", queue_close);
  define(env, exports, "epollSet", epoll_set);
  define(env, exports, "listenerAdd", listener_add);
  define(env, exports, "listenerRemove", listener_remove);
  define(env, exports, "park", park);
  define(env, exports, "unpark", unpark);
  define(env, exports, "send", send_response);
  define(env, exports, "idValid", id_valid);
  define(env, exports, "addFd", add_fd);
  define(env, exports, "next", next);
  define(env, exports, "scratchRoot", set_scratch_root);
}
