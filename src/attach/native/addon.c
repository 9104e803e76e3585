/* The addon: primitives without policy, for the supervisor in TypeScript. */
#include <stdlib.h>
#include <sys/syscall.h>

#include "napi.h"

unsigned char *shared;

void define(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value f;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &f);
  napi_set_named_property(env, exports, name, f);
}

/* Calls a JavaScript function from the event loop; what it throws is nobody's but the process's. */
void call_back(napi_env env, napi_async_context context, napi_ref callback, int argument) {
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value function, receiver, value = integer(env, argument), ignored;
  napi_get_reference_value(env, callback, &function);
  napi_get_global(env, &receiver);
  napi_make_callback(env, context, receiver, function, 1, &value, &ignored);
  bool thrown;
  if (!napi_is_exception_pending(env, &thrown) && thrown) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

/* Numbers of the system calls on this machine, by name. */
static napi_value numbers(napi_env env) {
  static const struct { const char *name; int nr; } calls[] = {
#define CALL(x) {#x, SYS_##x}
      CALL(uname), CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(syslog), CALL(lseek),
      CALL(socket), CALL(bind), CALL(connect), CALL(listen), CALL(accept), CALL(accept4), CALL(getsockname), CALL(getpeername),
      CALL(setsockopt), CALL(getsockopt), CALL(shutdown), CALL(sendto), CALL(recvfrom), CALL(sendmsg), CALL(recvmsg), CALL(sendmmsg),
      CALL(recvmmsg), CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(pread64), CALL(pwrite64), CALL(getdents64), CALL(close), CALL(dup),
      CALL(dup3), CALL(fcntl), CALL(ioctl), CALL(execve), CALL(execveat), CALL(openat), CALL(newfstatat), CALL(statx), CALL(faccessat),
      CALL(readlinkat), CALL(mkdirat), CALL(setuid), CALL(setgid), CALL(setreuid), CALL(setregid), CALL(setresuid), CALL(setresgid), CALL(setgroups),
      CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getresuid), CALL(getresgid), CALL(getgroups), CALL(capget),
      CALL(capset), CALL(prctl), CALL(unshare), CALL(setns), CALL(clone), CALL(mount), CALL(umount2), CALL(unlinkat), CALL(symlinkat),
      CALL(statfs), CALL(fstatfs), CALL(fstat), CALL(inotify_add_watch), CALL(bpf), CALL(mmap), CALL(name_to_handle_at), CALL(open_by_handle_at), CALL(chdir), CALL(fchdir), CALL(getcwd), CALL(ppoll), CALL(pselect6), CALL(epoll_ctl),
      CALL(getxattr), CALL(lgetxattr), CALL(listxattr), CALL(llistxattr),
#ifdef SYS_open
      CALL(open), CALL(stat), CALL(lstat), CALL(access), CALL(readlink), CALL(mkdir), CALL(dup2), CALL(unlink), CALL(rmdir),
      CALL(symlink), CALL(poll), CALL(select),
#endif
      {"close_range", 436}, {"openat2", 437}, {"faccessat2", 439},
  };
  napi_value object;
  napi_create_object(env, &object);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) napi_set_named_property(env, object, calls[i].name, integer(env, calls[i].nr));
  return object;
}

static void release(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  free(data);
}

NAPI_MODULE_INIT() {
  /* Not the JavaScript heap: the bytes must never move, and worker threads would each have their own. */
  if (shared) {
    napi_throw_error(env, NULL, "netdouble's addon can be loaded by one thread only");
    return exports;
  }
  shared = calloc(1, AT_PAYLOAD + PAYLOAD_SIZE);
  napi_value buffer;
  napi_create_external_arraybuffer(env, shared, AT_PAYLOAD + PAYLOAD_SIZE, release, NULL, &buffer);
  napi_set_named_property(env, exports, "buffer", buffer);
  napi_set_named_property(env, exports, "calls", numbers(env));
  *word(AT_BASE) = 1 << 30;
  init_notify(env, exports);
  init_paths(env, exports);
  init_loop(env, exports);
  init_memory(env, exports);
  init_descriptors(env, exports);
  init_processes(env, exports);
  init_watch(env, exports);
  init_shared_memory(env, exports);
  init_trace(env, exports);
  return exports;
}
