/* One page shared by launcher and supervisor: the notifications that the supervisor has taken and not answered yet.
 * When the supervisor dies, the launcher answers these too; it could not learn their ids otherwise. */
#ifndef NETDOUBLE_SHARED_H
#define NETDOUBLE_SHARED_H
#include <stdint.h>

#define PARKED_SLOTS 500
struct shared_page {
  /* The one being served: id, and whether it is a network call (1) or one to be continued (0). */
  uint64_t current, current_network;
  uint64_t parked[PARKED_SLOTS];
};
#endif
