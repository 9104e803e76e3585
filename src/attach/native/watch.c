/* uv_poll: calls a function in the event loop's thread when a descriptor is readable. */
#include <stdlib.h>
#include <uv.h>

#include "napi.h"

struct watch {
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
};

static void on_ready(uv_poll_t *handle, int status, int events) {
  struct watch *w = (struct watch *)handle;
  (void)events;
  call_back(w->env, w->context, w->callback, status);
}

static void on_closed(uv_handle_t *handle) { free(handle); }

/* watch(fd, callback): a handle for unwatch(), or undefined. */
static napi_value watch(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  struct watch *w = calloc(1, sizeof *w);
  uv_loop_t *loop;
  napi_get_uv_event_loop(env, &loop);
  if (uv_poll_init(loop, &w->poll, int_of(env, argv[0]))) {
    free(w);
    return NULL;
  }
  napi_value name, external;
  napi_create_string_utf8(env, "netdouble", NAPI_AUTO_LENGTH, &name);
  w->env = env;
  napi_create_reference(env, argv[1], 1, &w->callback);
  napi_async_init(env, NULL, name, &w->context);
  uv_poll_start(&w->poll, UV_READABLE | UV_DISCONNECT, on_ready);
  napi_create_external(env, w, NULL, NULL, &external);
  return external;
}

static struct watch *watch_of(napi_env env, napi_value v) {
  void *w = NULL;
  napi_get_value_external(env, v, &w);
  return w;
}

static napi_value unwatch(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  struct watch *w = watch_of(env, argv[0]);
  uv_poll_stop(&w->poll);
  napi_delete_reference(env, w->callback);
  napi_async_destroy(env, w->context);
  uv_close((uv_handle_t *)&w->poll, on_closed);
  return NULL;
}

void init_watch(napi_env env, napi_value exports) {
  define(env, exports, "watch", watch);
  define(env, exports, "unwatch", unwatch);
}
