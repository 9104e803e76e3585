/** kernel/printk/printk.c do_syslog(): the log as syslog(2) reads it (dmesg -S, busybox's dmesg, klogd). */
import { EINVAL, EPERM, type Errno } from '../uapi/errno.ts'
import { CAP_SYSLOG } from './capability.ts'
import { type printk_record, printk_line, printk_priority } from './printk.ts'
import { capable, type task_struct } from './task.ts'

// include/linux/syslog.h
const SYSLOG_ACTION_CLOSE = 0
const SYSLOG_ACTION_OPEN = 1
const SYSLOG_ACTION_READ = 2
const SYSLOG_ACTION_READ_ALL = 3
const SYSLOG_ACTION_READ_CLEAR = 4
const SYSLOG_ACTION_CLEAR = 5
const SYSLOG_ACTION_CONSOLE_OFF = 6
const SYSLOG_ACTION_CONSOLE_ON = 7
const SYSLOG_ACTION_CONSOLE_LEVEL = 8
const SYSLOG_ACTION_SIZE_UNREAD = 9
const SYSLOG_ACTION_SIZE_BUFFER = 10
/** CONFIG_LOG_BUF_SHIFT of 17. */
const LOG_BUF_LEN = 1 << 17

function line(record: printk_record): Uint8Array {
  return Buffer.from(`<${printk_priority(record)}>${printk_line(record)}\n`, 'latin1')
}
/** check_syslog_permissions(): kernel.dmesg_restrict is 1, as Debian builds it. EPERM. */
export function check_syslog_permissions(task: task_struct): Errno | undefined {
  return capable(task, CAP_SYSLOG) ? undefined : EPERM
}

/** What the call returns, or the bytes that the program's buffer of `len` gets. `has_buf`: there is a buffer. */
export function do_syslog(task: task_struct, type: number, has_buf: boolean, len: number): number | Uint8Array | Errno {
  const error = check_syslog_permissions(task)
  if (error !== undefined) return error
  const { log } = task.kernel
  switch (type) {
    case SYSLOG_ACTION_CLOSE:
    case SYSLOG_ACTION_OPEN:
    case SYSLOG_ACTION_CONSOLE_OFF:
    case SYSLOG_ACTION_CONSOLE_ON:
      return 0
    case SYSLOG_ACTION_READ:
    case SYSLOG_ACTION_READ_ALL:
    case SYSLOG_ACTION_READ_CLEAR:
      if (!has_buf || len < 0) return EINVAL
      return type === SYSLOG_ACTION_READ ? syslog_print(task, len) : syslog_print_all(task, len, type === SYSLOG_ACTION_READ_CLEAR)
    case SYSLOG_ACTION_CLEAR:
      log.clear_seq = log.next_seq
      return 0
    case SYSLOG_ACTION_CONSOLE_LEVEL:
      return len < 1 || len > 8 ? EINVAL : 0
    case SYSLOG_ACTION_SIZE_UNREAD:
      return log.since(log.syslog_seq).reduce((sum, record) => sum + line(record).length, 0)
    case SYSLOG_ACTION_SIZE_BUFFER:
      return LOG_BUF_LEN
    default:
      return EINVAL
  }
}
/** Lines that nobody has read yet. Where there is none Linux waits for one, which is not built: EINVAL, counted. */
function syslog_print({ kernel }: task_struct, len: number): Uint8Array | Errno {
  const { log } = kernel
  const lines: Uint8Array[] = []
  let room = len
  for (const record of log.since(log.syslog_seq)) {
    const bytes = line(record)
    if (bytes.length > room) break
    lines.push(bytes)
    room -= bytes.length
    log.syslog_seq = record.seq + 1
  }
  if (lines.length > 0 || len === 0) return Buffer.concat(lines)
  kernel.unsupported.count('syscall', 'syslog(SYSLOG_ACTION_READ) that waits')
  return EINVAL
}
/** The last lines that fit, of those that were not cleared. */
function syslog_print_all({ kernel }: task_struct, len: number, clear: boolean): Uint8Array {
  const { log } = kernel
  const lines = log.since(log.clear_seq).map(line)
  let room = len
  let from = lines.length
  while (from > 0 && lines[from - 1].length <= room) room -= lines[--from].length
  if (clear) log.clear_seq = log.next_seq
  return Buffer.concat(lines.slice(from))
}
