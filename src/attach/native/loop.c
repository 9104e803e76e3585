/*
 * The serving loop, in the event loop's thread: waits for calls of programs, and for what they do without one.
 *
 * Two epoll descriptors a queue: `others` has all that is not a listener; `all` has the listeners and `others`, and the event
 * loop watches it. But most of the time one program calls again and again. So its listener, the one served last, is taken out
 * of `all`, and one poll() waits for it and for all that the event loop waits for: that is the event loop's own sleep, but a
 * call ends it here at once. Only when there is something else to do does the event loop get its turn.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "notify.h"

enum kind { KIND_LISTENER = 1, KIND_OTHERS = 255 };
/* TRAP: notification at AT_NOTIF, listener in AT_KEY. EVENT: AT_KIND to AT_EVENTS. ANSWERED: a call that was answered here. */
enum outcome { NOTHING = 0, TRAP = 1, EVENT = 2, ANSWERED };

/* Calls of one listener in a row while others wait, and calls in all while the event loop waits. */
#define ROW 8
#define TURN 64
/* Longest sleep here, ms: nothing is known that would need it. */
#define LONGEST 1000

#define MAX_QUEUES 1024
static struct queue {
  int all, others;
  /* Index of the listener served last, or -1; and how many of its calls in a row. */
  int last, row;
  /* What epoll_wait() on `others` brought that is not handed out yet. */
  int count, position;
  struct epoll_event ready[64];
  /* The event loop has something to do: for how many calls it has waited. */
  int waited;
  /* For how long to look for the next call before going to sleep, ns, where a call cannot hand over the processor. */
  uint64_t spin;
  uv_poll_t poll;
  int closed;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
} *queues[MAX_QUEUES];

/* data.u64 of an epoll entry: kind (8 bits), key (32), descriptor (24). */
static uint64_t pack(int kind, uint32_t key, int fd) { return (uint64_t)kind << 56 | (uint64_t)key << 24 | fd; }

/* A listener that epoll_wait() has told of is out of `all` until it is watched again. */
static int watch_listener(struct queue *q, int op, int index, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = pack(KIND_LISTENER, index, fd)};
  return epoll_ctl(q->all, op, fd, &event) ? -errno : 0;
}
int loop_add(int queue, int index, int fd) { return watch_listener(queues[queue], EPOLL_CTL_ADD, index, fd); }
void loop_remove(int queue, int index) {
  if (queues[queue] && queues[queue]->last == index) queues[queue]->last = -1;
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

static int serve_listener(struct queue *q) {
  if (!take(&listeners[q->last])) return ANSWERED;
  *word(AT_KEY) = q->last;
  q->row++;
  return TRAP;
}

/* No listener is served any more: all are watched by the event loop. */
static void leave(struct queue *q) {
  if (q->last >= 0) watch_listener(q, EPOLL_CTL_MOD, q->last, listeners[q->last].fd);
  q->last = -1;
}

/* The next listener in turn that has a call becomes the one that is served; a dead one is an event. */
static int choose(struct queue *q) {
  struct epoll_event found;
  leave(q);
  q->row = 0;
  if (epoll_wait(q->all, &found, 1, 0) <= 0) return NOTHING;
  if (found.data.u64 >> 56 == KIND_OTHERS) return others(q);
  if (!(found.events & EPOLLIN)) return hand_out(&found);
  q->last = (uint32_t)(found.data.u64 >> 24);
  return serve_listener(q);
}

/* One look, of at most `timeout` ms, at the listener served last and at what the event loop waits for; what programs did
 * without a trap comes first. */
static int look(struct queue *q, int timeout) {
  struct pollfd fds[2] = {{listeners[q->last].fd, POLLIN, 0}, {uv_backend_fd(q->poll.loop), POLLIN, 0}};
  if (poll(fds, 2, timeout) <= 0) return NOTHING;
  if (fds[1].revents) {
    int outcome = others(q);
    if (outcome) return outcome;
    q->waited++;
    if (!fds[0].revents || q->row >= ROW) return choose(q);
  }
  if (fds[0].revents & POLLIN) return serve_listener(q);
  struct epoll_event dead = {.events = fds[0].revents, .data.u64 = pack(KIND_LISTENER, q->last, fds[0].fd)};
  return hand_out(&dead);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static int next(struct queue *q) {
  if (q->position < q->count) return others(q);
  if (q->last < 0) return choose(q);
  uv_update_time(q->poll.loop);
  int patience = uv_backend_timeout(q->poll.loop), outcome = NOTHING;
  if (patience < 0 || patience > LONGEST) patience = LONGEST;
  if (!patience || listeners[q->last].hands_over <= 0) {
    uint64_t end = now() + (patience ? q->spin : 0);
    do outcome = look(q, 0);
    while (!outcome && q->last >= 0 && now() < end);
  }
  if (outcome || !patience || q->last < 0) return outcome;
  return look(q, patience);
}

static void on_ready(uv_poll_t *handle, int status, int events) {
  struct queue *q = handle->data;
  (void)status, (void)events;
  q->waited = 0;
  while (!q->closed && q->waited < TURN) {
    int outcome = next(q);
    if (outcome == NOTHING) break;
    if (outcome != ANSWERED) call_back(q->env, q->context, q->callback, outcome);
  }
  if (!q->closed) leave(q);
}

/* queueCreate(spin, callback): a new queue, or -errno. callback(outcome) is told of calls and events; see native.ts. */
static napi_value queue_create(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int i = 0;
  while (i < MAX_QUEUES && queues[i]) i++;
  if (i == MAX_QUEUES) return integer(env, -ENFILE);
  struct queue *q = calloc(1, sizeof *q);
  *q = (struct queue){.all = epoll_create1(EPOLL_CLOEXEC), .others = epoll_create1(EPOLL_CLOEXEC), .last = -1, .env = env};
  q->spin = uint_of(env, argv[0]) * 1000ull;
  q->poll.data = q;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = pack(KIND_OTHERS, 0, 0)};
  uv_loop_t *loop;
  napi_get_uv_event_loop(env, &loop);
  if (q->all < 0 || q->others < 0 || epoll_ctl(q->all, EPOLL_CTL_ADD, q->others, &event) || uv_poll_init(loop, &q->poll, q->all)) {
    int error = errno;
    close(q->all);
    close(q->others);
    free(q);
    return integer(env, -error);
  }
  napi_value name;
  napi_create_string_utf8(env, "netdouble", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, argv[1], 1, &q->callback);
  napi_async_init(env, NULL, name, &q->context);
  uv_poll_start(&q->poll, UV_READABLE | UV_DISCONNECT, on_ready);
  queues[i] = q;
  return integer(env, i);
}

static void on_closed(uv_handle_t *handle) { free(handle->data); }

static napi_value queue_close(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int i = int_of(env, argv[0]);
  struct queue *q = queues[i];
  queues[i] = NULL;
  q->closed = 1;
  uv_poll_stop(&q->poll);
  napi_delete_reference(env, q->callback);
  napi_async_destroy(env, q->context);
  close(q->all);
  close(q->others);
  uv_close((uv_handle_t *)&q->poll, on_closed);
  return integer(env, 0);
}

/* queueKeepAlive(queue, yes): whether it keeps the process from ending by itself. */
static napi_value queue_keep_alive(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  bool yes = true;
  napi_get_value_bool(env, argv[1], &yes);
  uv_handle_t *handle = (uv_handle_t *)&queues[int_of(env, argv[0])]->poll;
  if (yes) uv_ref(handle);
  else uv_unref(handle);
  return integer(env, 0);
}

/* epollSet(queue, op, fd, events, kind, key) */
static napi_value epoll_set(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  int fd = int_of(env, argv[2]);
  struct epoll_event event = {.events = uint_of(env, argv[3]), .data.u64 = pack(int_of(env, argv[4]), uint_of(env, argv[5]), fd)};
  return integer(env, epoll_ctl(queues[int_of(env, argv[0])]->others, int_of(env, argv[1]), fd, &event) ? -errno : 0);
}

void init_loop(napi_env env, napi_value exports) {
  define(env, exports, "queueCreate", queue_create);
  define(env, exports, "queueClose", queue_close);
  define(env, exports, "queueKeepAlive", queue_keep_alive);
  define(env, exports, "epollSet", epoll_set);
}
