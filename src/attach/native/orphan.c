#define _GNU_SOURCE
#include "orphan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "filter.h"

static void answer(int listener, uint64_t id, int network) {
  struct seccomp_notif_resp response = {.id = id};
  if (network) response.error = -ENETDOWN;
  else response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) && errno == EINTR);
}

void orphan_release(int listener, struct shared_page *page) {
  if (!page) return;
  if (page->current) answer(listener, page->current, page->current_network);
  for (int i = 0; i < PARKED_SLOTS; i++)
    if (page->parked[i]) answer(listener, page->parked[i], 1);
}

int orphan_serve(int listener, unsigned base) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) return errno == ENOENT || errno == EINTR;
  answer(listener, call.id, filter_is_network(&call.data, base));
  return 1;
}
