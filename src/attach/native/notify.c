/* Receiving and answering notifications. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "filter.h"
#include "notify.h"

/* Since Linux 6.6. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

struct listener listeners[MAX_LISTENERS];

/* An ioctl on a listener takes a lock that signals (SIGCHLD, mostly) interrupt. */
static int repeat(int fd, unsigned long request, void *argument) {
  int r;
  do r = ioctl(fd, request, argument);
  while (r < 0 && errno == EINTR);
  return r < 0 ? -errno : r;
}

/* With it a program that calls wakes us on its own processor, and our answer wakes it on ours: nobody waits for another
 * processor to wake up, which takes longer than all the rest. Without it, who is woken may run at the same time.
 * $NETDOUBLE_NO_SYNC_WAKE_UP: as where the kernel cannot. */
static void hand_over(struct listener *l, int yes) {
  if (l->hands_over == yes || l->hands_over < 0) return;
  int error = repeat(l->fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, (void *)(yes ? SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP : 0ul));
  l->hands_over = error < 0 ? -1 : yes;
}

/* listenerAdd(queue, fd, pageFd | -1, base): index. Takes over `fd`; the page is mapped, its descriptor stays the caller's. */
static napi_value listener_add(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  int i = 0, fd = int_of(env, argv[1]), page = int_of(env, argv[2]);
  while (i < MAX_LISTENERS && listeners[i].base) i++;
  if (i == MAX_LISTENERS) return integer(env, -ENFILE);
  void *map = page < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
  int queue = int_of(env, argv[0]), error = loop_add(queue, i, fd);
  if (error) return integer(env, error);
  int hands_over = getenv("NETDOUBLE_NO_SYNC_WAKE_UP") ? -1 : 0;
  listeners[i] = (struct listener){fd, uint_of(env, argv[3]), map == MAP_FAILED ? NULL : map, queue, hands_over};
  hand_over(&listeners[i], 1);
  return integer(env, i);
}

static napi_value listener_remove(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct listener *l = &listeners[int_of(env, argv[0])];
  loop_remove(l->queue, int_of(env, argv[0]));
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

static int respond(int listener, uint64_t id, int64_t value, int error, unsigned flags) {
  struct seccomp_notif_resp response = {.id = id, .val = value, .error = error, .flags = flags};
  return repeat(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* send(listener, idLow, idHigh, value, error, flags): with GOES_ON we do not wait for the program's next call at once. */
static napi_value send_response(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  double value = 0;
  napi_get_value_double(env, argv[3], &value);
  struct listener *l = &listeners[int_of(env, argv[0])];
  unsigned flags = uint_of(env, argv[5]);
  hand_over(l, !(flags & GOES_ON));
  return integer(env, respond(l->fd, id_of(env, argv[1], argv[2]), (int64_t)value, int_of(env, argv[4]), flags & ~GOES_ON));
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

int take(struct listener *l) {
  struct seccomp_notif *taken = l->page ? &l->page->taken : notif;
  memset(taken, 0, sizeof *taken);
  if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, taken)) return 0;
  if (taken != notif) *notif = *taken;
  if (is_not_ours()) {
    respond(l->fd, notif->id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
    return 0;
  }
  return 1;
}

void init_notify(napi_env env, napi_value exports) {
  define(env, exports, "listenerAdd", listener_add);
  define(env, exports, "listenerRemove", listener_remove);
  define(env, exports, "park", park);
  define(env, exports, "unpark", unpark);
  define(env, exports, "send", send_response);
  define(env, exports, "idValid", id_valid);
  define(env, exports, "addFd", add_fd);
}
