/* Answering what is trapped when there is no supervisor any more. */
#ifndef NETDOUBLE_ORPHAN_H
#define NETDOUBLE_ORPHAN_H
#include "shared.h"

/* Answers what the dead supervisor had taken: ENETDOWN for network calls, the real kernel for the rest. */
void orphan_release(int listener, unsigned base, struct shared_page *page);
/* Takes and answers one notification. Returns 0 when the tree is gone. */
int orphan_serve(int listener, unsigned base);
#endif
