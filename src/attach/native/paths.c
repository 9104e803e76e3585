/* Which calls JavaScript need not see: those on files that cannot be virtual ones. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "napi.h"
#include "notify.h"

/* Which arguments of a call are its path and the directory it is relative to; -1: none. */
static struct place { int path, directory; } place_of(int nr) {
  switch (nr) {
    case SYS_openat: case SYS_newfstatat: case SYS_statx: case SYS_faccessat: case SYS_readlinkat: case SYS_name_to_handle_at: case SYS_mkdirat: case SYS_unlinkat:
    case 437: case 439:
      return (struct place){1, 0};
    case SYS_symlinkat: return (struct place){2, 1};
    case SYS_statfs: case SYS_umount2: case SYS_chdir: case SYS_getxattr: case SYS_lgetxattr: case SYS_listxattr: case SYS_llistxattr: return (struct place){0, -1};
    case SYS_mount: case SYS_inotify_add_watch: return (struct place){1, -1};
#ifdef SYS_open
    case SYS_open: case SYS_stat: case SYS_lstat: case SYS_access: case SYS_readlink: case SYS_mkdir: case SYS_unlink: case SYS_rmdir:
      return (struct place){0, -1};
    case SYS_symlink: return (struct place){1, -1};
#endif
  }
  return (struct place){-1, -1};
}

/* Reads the path at `from` to AT_PATH, as far as its end or a page that cannot be read. */
static void read_path(int pid, uint64_t from) {
  char *path = (char *)shared + AT_PATH;
  int n = 0;
  while (n < PATH_SIZE - 1) {
    size_t piece = 4096 - ((from + n) & 4095);
    if (piece > 256) piece = 256;
    if (piece > (size_t)(PATH_SIZE - 1 - n)) piece = PATH_SIZE - 1 - n;
    if (memory_read(pid, path + n, from + n, piece) < 0) break;
    char *end = memchr(path + n, 0, piece);
    if (end) {
      *word(AT_PATH_LENGTH) = end - path;
      return;
    }
    n += piece;
  }
  path[n] = 0;
  *word(AT_PATH_LENGTH) = n;
}

static int starts(const char *path, const char *with) { return !strncmp(path, with, strlen(with)); }

static int may_be_ours(const char *path) {
  while (path[1] == '/') path++;
  if (starts(path, "/usr/lib/mod")) path += 4;
  if (starts(path, "/lib/modules/") || starts(path, "/lib/modprobe.d")) return 1;
  return starts(path, "/proc") || starts(path, "/sys") || starts(path, "/run/netns") || starts(path, "/var/run/netns") ||
         starts(path, "/dev/net") || starts(path, "/dev/tap") || starts(path, "/dev/kmsg") || starts(path, "/run/cgroup2") || starts(path, "/var/run/cgroup2");
}

/* Below it lie real directories that stand for virtual ones, each by its path. */
static char scratch_root[256];
static napi_value set_scratch_root(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  size_t n;
  napi_get_value_string_utf8(env, argv[0], scratch_root, sizeof scratch_root, &n);
  return integer(env, 0);
}

/* A path relative to the working directory, or to a real one that is open, becomes one from the root, if that may be ours. */
static int relative_may_be_ours(int directory) {
  char *path = (char *)shared + AT_PATH, cwd[PATH_SIZE], link[48];
  int fd = directory < 0 ? AT_FDCWD : (int)notif->data.args[directory];
  if (fd != AT_FDCWD && fd >= *word(AT_BASE)) return 1;
  if (fd == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", (int)notif->pid);
  else snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)notif->pid, fd);
  long n = readlink(link, cwd, sizeof cwd - 1);
  if (n <= 0 || *cwd != '/') return 0;
  cwd[n] = 0;
  size_t root = strlen(scratch_root);
  if (root && starts(cwd, scratch_root) && cwd[root] == '/') memmove(cwd, cwd + root, n -= root), cwd[n] = 0;
  int length = *word(AT_PATH_LENGTH);
  if (!strcmp(cwd, "/")) n = 0;
  if (n + 1 + length >= PATH_SIZE) return 0;
  /* "/run" and a path of "netns/x" */
  if (strncmp(path, "..", 2) && n && !may_be_ours(cwd) && strcmp(cwd, "/run") && strcmp(cwd, "/var/run") && strcmp(cwd, "/dev")) return 0;
  memmove(path + n + 1, path, length + 1);
  memcpy(path, cwd, n);
  path[n] = '/';
  *word(AT_PATH_LENGTH) = n + 1 + length;
  return strstr(path, "/..") != NULL || may_be_ours(path);
}

/* Whether JavaScript need not see the call: it names a file that cannot be ours, or writes to an ordinary stdout. */
int is_not_ours(void) {
  int nr = notif->data.nr;
  if (nr == SYS_write) return notif->data.args[0] == 1 && !*word(AT_STDOUT_WATCHED);
  struct place place = place_of(nr);
  if (place.path < 0) return 0;
  read_path(notif->pid, notif->data.args[place.path]);
  const char *path = (char *)shared + AT_PATH;
  /* fstat() by another name */
  if (!*path) return place.directory < 0 || (int)notif->data.args[place.directory] < *word(AT_BASE);
  if (nr == SYS_mount && *path == '/' && (!path[1] || !strcmp(path, "/sys"))) return 0;
  if (*path != '/') return !relative_may_be_ours(place.directory);
  return !may_be_ours(path);
}

void init_paths(napi_env env, napi_value exports) { define(env, exports, "scratchRoot", set_scratch_root); }
