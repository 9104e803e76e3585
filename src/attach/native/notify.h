/* The parts of receiving and answering notifications that know of each other. */
#ifndef NETDOUBLE_NOTIFY_H
#define NETDOUBLE_NOTIFY_H
#include <linux/seccomp.h>
#include <stdint.h>

#include "napi.h"
#include "shared.h"

#define MAX_LISTENERS 4096
struct listener {
  int fd;
  unsigned base;
  struct shared_page *page;
  /* The queue that it belongs to. */
  int queue;
  /* Whether a program's call and our answer hand over the processor; -1: this kernel cannot do that. */
  int hands_over;
};
extern struct listener listeners[MAX_LISTENERS];

#define notif ((struct seccomp_notif *)(shared + AT_NOTIF))

/* Takes one notification to AT_NOTIF. 0: it is gone, or answered here. */
int take(struct listener *l);
/* Whether JavaScript need not see the call at AT_NOTIF. */
int is_not_ours(void);

/* loop.c: a listener of a queue; a dead one is not served any more. */
int loop_add(int queue, int index, int fd);
void loop_remove(int queue, int index);
#endif
