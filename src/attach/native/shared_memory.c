/* Memory that a program and we both have: a packet socket's ring. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "napi.h"

static void unmap(napi_env env, void *data, void *hint) {
  (void)env;
  munmap(data, (size_t)hint);
}
/* sharedMemory(length): an ArrayBuffer, its memory file at AT_RESULT; or -errno. */
static napi_value shared_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  size_t length = address_of(env, argv[0]);
  int fd = memfd_create("netdouble-ring", MFD_CLOEXEC);
  if (fd < 0) return integer(env, -errno);
  void *at = ftruncate(fd, length) ? MAP_FAILED : mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) {
    int error = errno;
    close(fd);
    return integer(env, -error);
  }
  napi_value buffer;
  if (napi_create_external_arraybuffer(env, at, length, unmap, (void *)length, &buffer) != napi_ok) {
    munmap(at, length);
    close(fd);
    return integer(env, -ENOMEM);
  }
  *word(AT_RESULT) = fd;
  return buffer;
}

void init_shared_memory(napi_env env, napi_value exports) { define(env, exports, "sharedMemory", shared_memory); }
