/* The launcher's life after the start: the program's parent, as unnoticeable as possible. */
#ifndef NETDOUBLE_PARENT_H
#define NETDOUBLE_PARENT_H
#include "shared.h"

struct parent {
  int child;
  int control;
  int listener;
  unsigned base;
  struct shared_page *page;
};

/* Returns the program's exit status, or ends by the signal that ended the program. All signals are blocked on entry. */
int parent_run(struct parent *self);
#endif
