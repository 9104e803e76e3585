/* Descriptors of our own: pairs, passed descriptors, the listening unix socket. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "napi.h"

static napi_value result(napi_env env, long r) { return number(env, r < 0 ? -errno : (double)r); }

/* pair(type): the two ends at AT_RESULT, close-on-exec; or -errno. */
static napi_value pair(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  return result(env, socketpair(AF_UNIX, int_of(env, argv[0]) | SOCK_CLOEXEC, 0, word(AT_RESULT)));
}
/* pipe(): the reading and the writing end at AT_RESULT, close-on-exec, never waiting; or -errno. */
static napi_value make_pipe(napi_env env, napi_callback_info info) {
  (void)info;
  return result(env, pipe2(word(AT_RESULT), O_CLOEXEC | O_NONBLOCK));
}
static napi_value close_fd(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  return result(env, close(int_of(env, argv[0])));
}
static napi_value status_flags(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  return result(env, fcntl(int_of(env, argv[0]), F_GETFL));
}
/* inode(fd): device and inode in one number, as processes.c makes it. */
static napi_value inode(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct stat st;
  if (fstat(int_of(env, argv[0]), &st)) return integer(env, -errno);
  return number(env, (double)st.st_dev * 1099511627776.0 + (double)st.st_ino);
}
/* sendTo(fd, at, length) from the shared buffer, never waiting. */
static napi_value send_to(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  return result(env, send(int_of(env, argv[0]), shared + uint_of(env, argv[1]), uint_of(env, argv[2]), MSG_DONTWAIT | MSG_NOSIGNAL));
}
/* receiveFrom(fd, at, room) into the shared buffer, never waiting. */
static napi_value receive_from(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  return result(env, recv(int_of(env, argv[0]), shared + uint_of(env, argv[1]), uint_of(env, argv[2]), MSG_DONTWAIT));
}
/* drain(fd, most): throws away what is queued, at most so many datagrams; how many that was. */
static napi_value drain(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd = int_of(env, argv[0]), most = int_of(env, argv[1]), n = 0;
  char byte;
  while (n < most && recv(fd, &byte, 1, MSG_DONTWAIT) > 0) n++;
  return integer(env, n);
}
/* unread(fd): bytes sent here that the other end has not read. */
static napi_value unread(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int n = 0;
  return integer(env, ioctl(int_of(env, argv[0]), TIOCOUTQ, &n) ? -errno : n);
}
static napi_value shut(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  return result(env, shutdown(int_of(env, argv[0]), int_of(env, argv[1])));
}
/* seek(fd, offset, whence) */
static napi_value seek(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  return result(env, lseek(int_of(env, argv[0]), int_of(env, argv[1]), int_of(env, argv[2])));
}
static napi_value memory_file(napi_env env, napi_callback_info info) {
  (void)info;
  return result(env, memfd_create("netdouble", MFD_CLOEXEC));
}

/* inotifyAddWatch(fd, path, mask): the watch's number, or -errno. */
static napi_value inotify_add(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  char path[4096];
  size_t n;
  napi_get_value_string_utf8(env, argv[1], path, sizeof path, &n);
  return result(env, inotify_add_watch(int_of(env, argv[0]), path, uint_of(env, argv[2])));
}

/* listenUnix(path): listening descriptor, mode 0600; or -errno. */
static napi_value listen_unix(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t n;
  napi_get_value_string_utf8(env, argv[0], address.sun_path, sizeof address.sun_path, &n);
  if (n >= sizeof address.sun_path - 1) return integer(env, -ENAMETOOLONG);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return integer(env, -errno);
  fchmod(fd, 0600); /* the file inherits the socket's mode: never open to others, not even for a moment */
  if (bind(fd, (void *)&address, sizeof address) || chmod(address.sun_path, 0600) || listen(fd, 128)) {
    int error = errno;
    close(fd);
    return integer(env, -error);
  }
  return integer(env, fd);
}
/* connectsTo(path): 0 when somebody listens there. */
static napi_value connects_to(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t n;
  napi_get_value_string_utf8(env, argv[0], address.sun_path, sizeof address.sun_path, &n);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = connect(fd, (void *)&address, sizeof address) && errno != EAGAIN ? -errno : 0;
  close(fd);
  return integer(env, error);
}
static napi_value accept_unix(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  return result(env, accept4(int_of(env, argv[0]), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

/* receiveFds(fd): { length, fds } of one recvmsg() into the payload area; length is -errno, or 0 at the end. */
static napi_value receive_fds(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(16 * sizeof(int))];
  } control;
  struct iovec iov = {shared + AT_PAYLOAD, 65536};
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  long n = recvmsg(int_of(env, argv[0]), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  napi_value object, fds;
  napi_create_object(env, &object);
  napi_create_array(env, &fds);
  napi_set_named_property(env, object, "length", number(env, n < 0 ? -errno : n));
  napi_set_named_property(env, object, "fds", fds);
  uint32_t count = 0;
  for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    int *passed = (int *)CMSG_DATA(c);
    for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) napi_set_element(env, fds, count++, integer(env, passed[i]));
  }
  return object;
}

void init_descriptors(napi_env env, napi_value exports) {
  define(env, exports, "pair", pair);
  define(env, exports, "pipe", make_pipe);
  define(env, exports, "close", close_fd);
  define(env, exports, "statusFlags", status_flags);
  define(env, exports, "inode", inode);
  define(env, exports, "sendTo", send_to);
  define(env, exports, "receiveFrom", receive_from);
  define(env, exports, "drain", drain);
  define(env, exports, "unread", unread);
  define(env, exports, "shutdown", shut);
  define(env, exports, "seek", seek);
  define(env, exports, "memoryFile", memory_file);
  define(env, exports, "inotifyAddWatch", inotify_add);
  define(env, exports, "listenUnix", listen_unix);
  define(env, exports, "connectsTo", connects_to);
  define(env, exports, "accept", accept_unix);
  define(env, exports, "receiveFds", receive_fds);
}
