/** Numbers of the system call interface that attach itself needs (Linux uapi headers). */
export const EPERM = 1
export const ENOENT = 2
export const EACCES = 13
export const EBADF = 9
export const EAGAIN = 11
export const EFAULT = 14
export const ENOTDIR = 20
export const ENODATA = 61
export const EOPNOTSUPP = 95
export const EOVERFLOW = 75
export const ESTALE = 116
export const EISDIR = 21
export const ENODEV = 19
export const EINVAL = 22
export const ERANGE = 34
export const EMFILE = 24
export const ENOTTY = 25
export const ELOOP = 40
export const ENOTSOCK = 88
export const EMSGSIZE = 90
/** linux/errno.h: never seen by programs; the kernel restarts the call or returns EINTR, as the handler was installed. */
export const ERESTARTSYS = 512

export const SECCOMP_CONTINUE = 1

export const EPOLL_ADD = 1
export const EPOLL_DEL = 2
export const EPOLL_MOD = 3
export const EPOLLIN = 0x001
export const EPOLLOUT = 0x004
export const EPOLLERR = 0x008
export const EPOLLHUP = 0x010
export const EPOLLET = 0x80000000
/** What makes a descriptor readable. */
export const POLLRDHUP = 0x2000
export const POLL_READABLE = 0x001 | 0x008 | 0x010 | POLLRDHUP
export const SHUT_WR = 1
export const POLLOUT = 0x004
export const POLLERR = 0x008
export const POLLHUP = 0x010

export const AF_INET = 2
export const SOCK_STREAM = 1
export const SOCK_SEQPACKET = 5
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
export const SOCK_TYPE_MASK = 15

export const MSG_PEEK = 0x2
export const MSG_TRUNC = 0x20
export const MSG_DONTWAIT = 0x40
/** Longest name of a socket. */
export const SOCKADDR_STORAGE = 128
export const MSG_ERRQUEUE = 0x2000
export const MSG_CTRUNC = 0x8
export const MSG_WAITFORONE = 0x10000

export const O_ACCMODE = 3
export const O_WRONLY = 1
export const O_RDONLY = 0
export const O_RDWR = 2
export const O_CREAT = 0o100
export const O_NONBLOCK = 0o4000
export const O_DIRECTORY = 0o200000
export const O_NOFOLLOW = 0o400000
export const O_CLOEXEC = 0o2000000
export const O_PATH = 0o10000000
export const F_DUPFD = 0
export const F_SETFL = 4
export const F_DUPFD_CLOEXEC = 1030
export const AT_FDCWD = -100
export const AT_SYMLINK_NOFOLLOW = 0x100
export const AT_REMOVEDIR = 0x200
export const AT_EMPTY_PATH = 0x1000
export const CLOSE_RANGE_CLOEXEC = 4
export const CLONE_NEWNS = 0x00020000
export const CLONE_NEWUSER = 0x10000000
export const CLONE_NEWNET = 0x40000000
export const IOV_MAX = 1024
