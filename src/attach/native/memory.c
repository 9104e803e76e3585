/* The memory of programs: plain reads and writes, and message headers with their vectors in one or two system calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "napi.h"

#define MAX_VECTORS 1024

/* Vectors and header of the message fetched last. */
static struct msghdr header;
static struct iovec vectors[MAX_VECTORS + 3];
static size_t vector_count;

static int refused(void) { return errno == ENOSYS || errno == EPERM; }

/* $NETDOUBLE_NO_PROCESS_VM: as where they are forbidden. */
static int forbidden = -1;
static int is_forbidden(void) {
  if (forbidden < 0) forbidden = getenv("NETDOUBLE_NO_PROCESS_VM") != NULL;
  return forbidden ? (errno = EPERM) : 0;
}
static long vm_read(int pid, const struct iovec *local, int locals, const struct iovec *remote, size_t remotes) {
  return is_forbidden() ? -1 : process_vm_readv(pid, local, locals, remote, remotes, 0);
}
static long vm_write(int pid, const struct iovec *local, int locals, const struct iovec *remote, size_t remotes) {
  return is_forbidden() ? -1 : process_vm_writev(pid, local, locals, remote, remotes, 0);
}

/* Where process_vm_*() is forbidden, /proc/PID/mem may not be. */
static long by_file(int pid, void *bytes, uint64_t address, size_t n, int writing) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = open(path, (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (fd < 0) return -errno;
  long done = writing ? pwrite(fd, bytes, n, address) : pread(fd, bytes, n, address);
  close(fd);
  return done == (long)n ? done : -EFAULT;
}

long memory_read(int pid, void *to, uint64_t from, size_t n) {
  struct iovec local = {to, n}, remote = {(void *)from, n};
  long done = vm_read(pid, &local, 1, &remote, 1);
  if (done == (long)n) return done;
  if (done < 0 && refused()) return by_file(pid, to, from, n, 0);
  return done < 0 && errno == ESRCH ? -ESRCH : -EFAULT;
}

long memory_write(int pid, const void *from, uint64_t to, size_t n) {
  struct iovec local = {(void *)from, n}, remote = {(void *)to, n};
  long done = vm_write(pid, &local, 1, &remote, 1);
  if (done == (long)n) return done;
  if (done < 0 && refused()) return by_file(pid, (void *)from, to, n, 1);
  return done < 0 && errno == ESRCH ? -ESRCH : -EFAULT;
}

/* read(pid, address, length, at): length or -errno; the bytes are in the shared buffer. */
static napi_value read_bytes(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  uint32_t n = uint_of(env, argv[2]), at = uint_of(env, argv[3]);
  if (n > AT_PAYLOAD + PAYLOAD_SIZE - at) return integer(env, -EMSGSIZE);
  return number(env, n ? memory_read(int_of(env, argv[0]), shared + at, address_of(env, argv[1]), n) : 0);
}

static napi_value write_bytes(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  uint32_t n = uint_of(env, argv[2]), at = uint_of(env, argv[3]);
  return number(env, n ? memory_write(int_of(env, argv[0]), shared + at, address_of(env, argv[1]), n) : 0);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Programs keep a message's header, vectors and name close together, on the stack: this much around the header comes with it. */
#define BELOW 256
#define ABOVE 1024
static struct {
  uint64_t from, end;
  unsigned char bytes[BELOW + ABOVE];
} around;

static int is_around(uint64_t from, size_t n) { return from >= around.from && from <= around.end && n <= around.end - from; }

/* As memory_read() */
static long read_around(int pid, void *to, uint64_t from, size_t n) {
  if (!is_around(from, n)) return memory_read(pid, to, from, n);
  memcpy(to, around.bytes + (from - around.from), n);
  return n;
}

static long read_header(int pid, uint64_t address) {
  struct iovec local = {around.bytes, sizeof around.bytes}, remote = {(void *)(address - BELOW), sizeof around.bytes};
  long done = vm_read(pid, &local, 1, &remote, 1);
  around.from = address - BELOW;
  around.end = around.from + (done < 0 ? 0 : done);
  return read_around(pid, &header, address, sizeof header);
}

/* Moves the parts one after the other: `local` is ours, `remote` the program's, of equal total length. */
static long transfer(int pid, struct iovec *local, int locals, struct iovec *remote, size_t remotes, size_t total, int writing) {
  if (!total) return 0;
  int known = !writing;
  for (size_t i = 0; known && i < remotes; i++) known = is_around((uint64_t)remote[i].iov_base, remote[i].iov_len);
  if (!known) {
    long done = writing ? vm_write(pid, local, locals, remote, remotes) : vm_read(pid, local, locals, remote, remotes);
    if (done == (long)total) return 0;
    if (done >= 0 || !refused()) return -EFAULT;
  }
  size_t offset = 0, part = 0; /* piece by piece: no piece of `remote` crosses one of `local`'s ends */
  for (size_t i = 0; i < remotes; i++) {
    if (offset == local[part].iov_len) part++, offset = 0;
    char *ours = (char *)local[part].iov_base + offset;
    uint64_t theirs = (uint64_t)remote[i].iov_base;
    long r = known ? read_around(pid, ours, theirs, remote[i].iov_len) : by_file(pid, ours, theirs, remote[i].iov_len, writing);
    if (r < 0) return r;
    offset += remote[i].iov_len;
  }
  return 0;
}

/* The vectors cut to `limit` bytes; returns how many are left. */
static size_t cut(struct iovec *to, size_t limit) {
  size_t n = 0;
  for (size_t i = 0; i < vector_count && limit; i++) {
    size_t length = smaller(vectors[i].iov_len, limit);
    if (!length) continue;
    to[n++] = (struct iovec){vectors[i].iov_base, length};
    limit -= length;
  }
  return n;
}

static double fetch_vectors(int pid, int with_payload) {
  vector_count = header.msg_iovlen;
  if (vector_count > MAX_VECTORS) return -EMSGSIZE;
  if (vector_count && read_around(pid, vectors, (uint64_t)header.msg_iov, vector_count * sizeof *vectors) < 0) return -EFAULT;
  double total = 0;
  for (size_t i = 0; i < vector_count; i++) total += vectors[i].iov_len;
  if (!with_payload) return total;
  if (total > PAYLOAD_SIZE) return -EMSGSIZE;
  static struct iovec remote[MAX_VECTORS + 3];
  size_t name = header.msg_name ? smaller(header.msg_namelen, NAME_SIZE) : 0;
  size_t control = header.msg_control ? header.msg_controllen : 0;
  if (control > CONTROL_SIZE) return -ENOBUFS;
  struct iovec local[3];
  int locals = 0;
  size_t remotes = cut(remote, total);
  if (total) local[locals++] = (struct iovec){shared + AT_PAYLOAD, total};
  if (name) local[locals++] = (struct iovec){shared + AT_NAME, name}, remote[remotes++] = (struct iovec){header.msg_name, name};
  if (control) local[locals++] = (struct iovec){shared + AT_CONTROL, control}, remote[remotes++] = (struct iovec){header.msg_control, control};
  long error = transfer(pid, local, locals, remote, remotes, (size_t)total + name + control, 0);
  return error < 0 ? (double)error : total;
}

/* fetchMessage(pid, address, withPayload): bytes in its vectors, or -errno. The header is at AT_MSGHDR; with the payload also
 * name, control and payload at their places. The vectors are kept for storeMessage. */
static napi_value fetch_message(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int pid = int_of(env, argv[0]);
  if (read_header(pid, address_of(env, argv[1])) < 0) return integer(env, -EFAULT);
  memcpy(shared + AT_MSGHDR, &header, sizeof header);
  return number(env, fetch_vectors(pid, int_of(env, argv[2])));
}

/* fetchVectors(pid, address, count, withPayload): the same for readv() and writev(). */
static napi_value fetch_vectors_only(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  header = (struct msghdr){.msg_iov = (void *)address_of(env, argv[1]), .msg_iovlen = uint_of(env, argv[2])};
  around.end = around.from;
  return number(env, fetch_vectors(int_of(env, argv[0]), int_of(env, argv[3])));
}

/* storeMessage(pid, address | 0, dataLength, nameLength, controlLength, flags): fills the message fetched last from the
 * payload, name and control areas, and its header when it has one, in one system call. */
static napi_value store_message(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  int pid = int_of(env, argv[0]);
  uint64_t address = address_of(env, argv[1]);
  static struct iovec remote[MAX_VECTORS + 6];
  struct iovec local[6];
  uint32_t name_length = uint_of(env, argv[3]);
  size_t data = uint_of(env, argv[2]), total = 0, control = uint_of(env, argv[4]);
  struct { uint64_t control_length; int32_t flags; } tail = {control, int_of(env, argv[5])};
  int locals = 0;
  size_t remotes = cut(remote, data);
#define PART(ours, theirs, n) (local[locals++] = (struct iovec){(void *)(ours), (n)}, remote[remotes++] = (struct iovec){(void *)(theirs), (n)}, total += (n))
  if (data) local[locals++] = (struct iovec){shared + AT_PAYLOAD, data}, total = data;
  if (address) {
    size_t name = header.msg_name ? smaller(header.msg_namelen, name_length) : 0;
    if (name) PART(shared + AT_NAME, header.msg_name, name);
    if (control) PART(shared + AT_CONTROL, header.msg_control, control);
    if (header.msg_name) PART(&name_length, address + offsetof(struct msghdr, msg_namelen), 4);
    PART(&tail, address + offsetof(struct msghdr, msg_controllen), 12);
  }
  return integer(env, transfer(pid, local, locals, remote, remotes, total, 1));
}

/* storeName(pid, address, lengthAt, length, to, data): a sockaddr from the name area, as move_addr_to_user() does: cut to the
 * room that the program says it has, with its real length. And `data` bytes of the payload area, also if there is no room for
 * a name: that is found out after them. 0 or -errno. */
static napi_value store_name(napi_env env, napi_callback_info info) {
  ARGUMENTS(6);
  int pid = int_of(env, argv[0]);
  uint64_t address = address_of(env, argv[1]), length_at = address_of(env, argv[2]);
  uint32_t length = uint_of(env, argv[3]);
  size_t data = uint_of(env, argv[5]), total = 0;
  int32_t room = 0;
  int error = memory_read(pid, &room, length_at, sizeof room) < 0 ? -EFAULT : room < 0 ? -EINVAL : 0, parts = 0;
  size_t name = error ? 0 : smaller(room, length);
  struct iovec local[3], remote[3];
#define STORE(ours, theirs, n) (local[parts] = (struct iovec){(void *)(ours), (n)}, remote[parts++] = (struct iovec){(void *)(theirs), (n)}, total += (n))
  if (data) STORE(shared + AT_PAYLOAD, address_of(env, argv[4]), data);
  if (!error) STORE(&length, length_at, sizeof length);
  if (name) STORE(shared + AT_NAME, address, name);
  int failed = transfer(pid, local, parts, remote, parts, total, 1);
  return integer(env, failed ? failed : error);
}

void init_memory(napi_env env, napi_value exports) {
  define(env, exports, "read", read_bytes);
  define(env, exports, "write", write_bytes);
  define(env, exports, "fetchMessage", fetch_message);
  define(env, exports, "fetchVectors", fetch_vectors_only);
  define(env, exports, "storeMessage", store_message);
  define(env, exports, "storeName", store_name);
}
