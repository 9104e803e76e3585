/* One page shared by launcher and supervisor: the notifications that the supervisor has taken and not answered yet.
 * When the supervisor dies, the launcher answers these too; it could not learn their ids otherwise. */
#ifndef NETDOUBLE_SHARED_H
#define NETDOUBLE_SHARED_H
#include <linux/seccomp.h>
#include <stdint.h>

#define PARKED_SLOTS 500
struct shared_page {
  /* The latest one: the kernel itself puts it here, so there is no moment at which it is taken and not known. */
  struct seccomp_notif taken;
  uint64_t parked[PARKED_SLOTS];
};
_Static_assert(sizeof(struct shared_page) <= 4096, "it is one page");
#endif
