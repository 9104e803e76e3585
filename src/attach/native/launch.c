/* netdouble-launch: runs a program with its network system calls handed to a netdouble server.
 *
 *   netdouble-launch --connect [SOCKET] [--host NAME] [--as-user UID] [--no-files] [--] PROGRAM [ARGUMENTS]
 *   netdouble-launch --control FD …            the same on an inherited connection (how a supervisor in Node starts it)
 *
 * SOCKET is by default $NETDOUBLE_SOCKET, else ${XDG_RUNTIME_DIR:-/tmp}/netdouble-<uid>.sock.
 * On the connection it sends one line, `attach {JSON}\n`, with two descriptors: the seccomp listener and a shared page
 * (shared.h); the server answers `ok\n` or `error TEXT\n`. The connection then stays open for as long as both live.
 * Exit status: the program's; 125 when it could not be attached, 126 and 127 as in sh when it could not be executed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "filter.h"
#include "parent.h"
#include "shared.h"

extern char **environ;

struct options {
  int control;
  int connect;
  const char *socket;
  const char *host;
  long as_user;
  int files;
  char **argv;
};

static void die(int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("netdouble: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(status);
}

static const char *value(char **argv, int *i) {
  if (!argv[*i + 1]) die(125, "%s needs a value", argv[*i]);
  return argv[++*i];
}

static struct options parse(char **argv) {
  struct options o = {.control = -1, .as_user = -1, .files = 1};
  int i = 1;
  for (; argv[i] && argv[i][0] == '-'; i++) {
    if (!strcmp(argv[i], "--")) {
      i++;
      break;
    }
    if (!strcmp(argv[i], "--control")) o.control = atoi(value(argv, &i));
    else if (!strcmp(argv[i], "--host")) o.host = value(argv, &i);
    else if (!strcmp(argv[i], "--as-user")) o.as_user = strtol(value(argv, &i), NULL, 10);
    else if (!strcmp(argv[i], "--no-files")) o.files = 0;
    else if (!strncmp(argv[i], "--connect=", 10)) o.connect = 1, o.socket = argv[i] + 10;
    else if (!strcmp(argv[i], "--connect")) {
      o.connect = 1;
      if (argv[i + 1] && strchr(argv[i + 1], '/')) o.socket = argv[++i];
    } else die(125, "unknown option %s", argv[i]);
  }
  o.argv = argv + i;
  if (!*o.argv || (o.control < 0 && !o.connect))
    die(125, "usage: netdouble-launch --connect [SOCKET] [--host NAME] [--as-user UID] [--no-files] -- PROGRAM [ARGUMENTS]");
  return o;
}

/* The one rule for where a server listens; src/attach/paths.ts has it for servers. */
static void default_socket(char *path, size_t size) {
  const char *given = getenv("NETDOUBLE_SOCKET"), *directory = getenv("XDG_RUNTIME_DIR");
  if (given && *given) snprintf(path, size, "%s", given);
  else snprintf(path, size, "%s/netdouble-%u.sock", directory && *directory ? directory : "/tmp", (unsigned)getuid());
}

static int connect_to(const char *given) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (given) snprintf(address.sun_path, sizeof address.sun_path, "%s", given);
  else default_socket(address.sun_path, sizeof address.sun_path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (void *)&address, sizeof address))
    die(125, "no server at %s: %s (start one with: netdouble serve)", address.sun_path, strerror(errno));
  return fd;
}

/* Where execvp() would find the program: searched here, before its calls are trapped one by one. */
static const char *find_program(const char *name) {
  static char path[4096];
  if (strchr(name, '/')) return name;
  const char *directory = getenv("PATH");
  if (!directory) directory = "/usr/local/bin:/usr/bin:/bin";
  for (;;) {
    const char *end = strchrnul(directory, ':');
    struct stat st;
    int n = end - directory;
    snprintf(path, sizeof path, "%.*s%s%s", n, directory, n ? "/" : "./", name);
    if (!access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode)) return path;
    if (!*end) return NULL;
    directory = end + 1;
  }
}

static void explain(int error) {
  if (error == EBUSY)
    die(125, "already attached: a seccomp supervisor (netdouble's or a container runtime's) watches this process, and the kernel allows one");
  if (error == EINVAL || error == ENOSYS)
    die(125, "this kernel has no seccomp notification with WAIT_KILLABLE_RECV (Linux 5.19 or later is needed)");
  die(125, "seccomp notification is forbidden here: %s", strerror(error));
}

static void run_child(const struct filter_options *filter, const char *path, char **argv, int sync, const sigset_t *mask,
                      void (*on_chld)(int)) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int listener = filter_install(filter);
  if (write(sync, &listener, sizeof listener) != sizeof listener || listener < 0) _exit(125);
  if (on_chld == SIG_IGN) signal(SIGCHLD, SIG_IGN);
  sigprocmask(SIG_SETMASK, mask, NULL);
  execve(path, argv, environ); /* trapped: waits for the server's consent */
  int error = errno;
  dprintf(2, "netdouble: %s: %s\n", argv[0], strerror(error));
  _exit(error == ENOENT ? 127 : 126);
}

static size_t quote(char *out, size_t size, const char *text) {
  size_t n = 0;
  for (; *text && n + 8 < size; text++) {
    unsigned char c = *text;
    if (c == '"' || c == '\\') out[n++] = '\\', out[n++] = c;
    else if (c < 32) n += snprintf(out + n, size - n, "\\u%04x", c);
    else out[n++] = c;
  }
  out[n] = 0;
  return n;
}

static void hello(int control, const struct options *o, const struct filter_options *f, int child, int listener, int page) {
  char line[2048], host[1024];
  quote(host, sizeof host, o->host ? o->host : "");
  int n = snprintf(line, sizeof line, "attach {\"host\":%s%s%s,\"asUser\":%ld,\"files\":%s,\"base\":%u,\"top\":%u,\"uid\":%u,\"pid\":%d}\n",
                   o->host ? "\"" : "", o->host ? host : "null", o->host ? "\"" : "", o->as_user, o->files ? "true" : "false",
                   f->base, f->top, (unsigned)geteuid(), child);
  struct iovec iov = {line, n};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(2 * sizeof(int))];
  } control_data;
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control_data, .msg_controllen = sizeof control_data};
  control_data.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(2 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  int fds[2] = {listener, page};
  memcpy(CMSG_DATA(&control_data.header), fds, sizeof fds);
  if (sendmsg(control, &message, MSG_NOSIGNAL) != n) die(125, "the server hung up: %s", strerror(errno));
}

/* Inside an attached tree the program is on a server already: just run it there. */
static void join_present_tree(const struct options *o) {
  const char *attached = getenv("NETDOUBLE_ATTACHED");
  if (!attached || !o->connect) return;
  if (o->host && strcmp(o->host, attached))
    die(125, "already attached to host %s: a program inside an attached one cannot change to %s", *attached ? attached : "(default)", o->host);
  if (o->as_user > 0) die(125, "already attached: --as-user cannot be changed from inside");
  execvp(o->argv[0], o->argv);
  die(errno == ENOENT ? 127 : 126, "%s: %s", o->argv[0], strerror(errno));
}

/* The kernel's own bound, unless somebody has raised fs.nr_open. */
#define MOST_FILES (1u << 20)

static struct filter_options choose_filter(const struct options *o) {
  struct rlimit files = {1024, 1024};
  getrlimit(RLIMIT_NOFILE, &files);
  /* From below 1024 for select(), below the limit for open(), above what programs use themselves; to where they may raise it. */
  unsigned first = files.rlim_cur < 1024 ? files.rlim_cur : 1024;
  unsigned top = files.rlim_max < MOST_FILES ? files.rlim_max : MOST_FILES;
  uid_t outside = geteuid(), inside = o->as_user < 0 ? 0 : o->as_user;
  return (struct filter_options){
      .base = first / 2,
      .top = top,
      .files = o->files,
      .ids = outside == inside ? ID_NATIVE : inside == 0 ? ID_ZERO : ID_TRAP,
  };
}

int main(int argc, char **argv) {
  (void)argc;
  struct options o = parse(argv);
  join_present_tree(&o);
  const char *path = find_program(o.argv[0]);
  if (!path) die(127, "%s: not found", o.argv[0]);
  int control = o.control >= 0 ? o.control : connect_to(o.socket);
  fcntl(control, F_SETFD, FD_CLOEXEC);
  struct filter_options filter = choose_filter(&o);
  setenv("NETDOUBLE_ATTACHED", o.host ? o.host : "", 1);

  int page = memfd_create("netdouble", MFD_CLOEXEC), sync[2];
  struct shared_page *shared = NULL;
  if (page >= 0 && !ftruncate(page, 4096)) shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
  if (shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sync)) die(125, "%s", strerror(errno));

  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  void (*on_chld)(int) = signal(SIGCHLD, SIG_DFL);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  /* The child shares the descriptor table until it executes, so the listener needs no passing. */
  int child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  if (child < 0) die(125, "fork: %s", strerror(errno));
  if (!child) run_child(&filter, path, o.argv, sync[1], &before, on_chld);

  int listener;
  if (read(sync[0], &listener, sizeof listener) != sizeof listener) die(125, "the child died at once");
  if (listener < 0) explain(-listener);
  close(sync[0]);
  close(sync[1]);
  hello(control, &o, &filter, child, listener, page);
  close(page);
  return parent_run(&(struct parent){child, control, listener, filter.base, shared});
}
