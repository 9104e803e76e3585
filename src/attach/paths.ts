/** Where a server listens by default. native/launch.c (default_socket) has the same rule for programs. */

/** $NETDOUBLE_SOCKET, else ${XDG_RUNTIME_DIR:-/tmp}/netdouble-<uid>.sock. */
export function defaultSocketPath(env: Record<string, string | undefined> = process.env): string {
  if (env.NETDOUBLE_SOCKET) return env.NETDOUBLE_SOCKET
  return `${env.XDG_RUNTIME_DIR || '/tmp'}/netdouble-${process.getuid?.() ?? 0}.sock`
}
