/* The few N-API idioms of the addon. Arguments are numbers; failures are returned as -errno. */
#ifndef NETDOUBLE_NAPI_H
#define NETDOUBLE_NAPI_H
#include <node_api.h>
#include <stdint.h>
#include <stddef.h>

#define ARGUMENTS(n)                                      \
  size_t argc = (n);                                      \
  napi_value argv[(n)];                                   \
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL)

static inline int int_of(napi_env env, napi_value v) {
  int32_t n = 0;
  napi_get_value_int32(env, v, &n);
  return n;
}
static inline uint32_t uint_of(napi_env env, napi_value v) {
  uint32_t n = 0;
  napi_get_value_uint32(env, v, &n);
  return n;
}
/* Addresses and lengths: below 2^53, so a double carries them. */
static inline uint64_t address_of(napi_env env, napi_value v) {
  double d = 0;
  napi_get_value_double(env, v, &d);
  return (uint64_t)d;
}
static inline napi_value number(napi_env env, double d) {
  napi_value v;
  napi_create_double(env, d, &v);
  return v;
}
static inline napi_value integer(napi_env env, int n) {
  napi_value v;
  napi_create_int32(env, n, &v);
  return v;
}

/* The buffer shared with JavaScript; src/attach/native.ts has the same offsets. */
enum {
  AT_NOTIF = 0,
  AT_KIND = 88,
  AT_KEY = 92,
  AT_FD = 96,
  AT_EVENTS = 100,
  AT_BASE = 104,
  AT_PATH_LENGTH = 108,
  AT_STDOUT_WATCHED = 112,
  AT_RESULT = 116, /* three words of answers */
  AT_MSGHDR = 128,
  AT_NAME = 192,
  NAME_SIZE = 256,
  AT_PATH = 512,
  PATH_SIZE = 4096,
  AT_CONTROL = 4608,
  CONTROL_SIZE = 3584,
  AT_PAYLOAD = 8192,
  PAYLOAD_SIZE = 1 << 20,
};
/* Of send(): not the kernel's. */
#define GOES_ON (1u << 16)
extern unsigned char *shared;
static inline int32_t *word(int at) { return (int32_t *)(shared + at); }

long memory_read(int pid, void *to, uint64_t from, size_t n);
long memory_write(int pid, const void *from, uint64_t to, size_t n);

void call_back(napi_env env, napi_async_context context, napi_ref callback, int argument);
void init_notify(napi_env env, napi_value exports);
void init_paths(napi_env env, napi_value exports);
void init_loop(napi_env env, napi_value exports);
void init_memory(napi_env env, napi_value exports);
void init_descriptors(napi_env env, napi_value exports);
void init_processes(napi_env env, napi_value exports);
void init_watch(napi_env env, napi_value exports);
void init_shared_memory(napi_env env, napi_value exports);
void init_trace(napi_env env, napi_value exports);
void define(napi_env env, napi_value exports, const char *name, napi_callback callback);
#endif
