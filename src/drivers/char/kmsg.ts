/**
 * drivers/char/mem.c, kernel/printk/printk.c devkmsg_*(): /dev/kmsg, a record of the log for each read, and a line more in the
 * log for each write. Every opening reads from the oldest record on.
 */
import type { chrdev_ops } from '../../fs/chrdev.ts'
import { vfs_of } from '../../fs/vfs.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_INFO, LOG_KERN, LOG_USER, type log_reader, type printk_record, printk_priority } from '../../kernel/printk.ts'
import { check_syslog_permissions } from '../../kernel/syslog.ts'
import type { task_struct } from '../../kernel/task.ts'
import { sock } from '../../net/sock.ts'
import { type proto_ops, socket } from '../../net/socket.ts'
import { POLLERR, POLLIN, POLLPRI, POLLRDNORM } from '../../net/sockopt_cmsg.ts'
import type { ReceivedMessage, ReceiveRequest, SendMessage } from '../../syscalls/types.ts'
import { EAGAIN, EINVAL, EPIPE, ESPIPE, type Errno } from '../../uapi/errno.ts'
import { SOCK_RAW } from '../../uapi/linux/socket.ts'

const KMSG_PATH = '/dev/kmsg'
/** PRINTKRB_RECORD_MAX, bytes of a line that a program writes. */
const RECORD_MAX = 1024
const SEEK_DATA = 3
const NOTHING = new Uint8Array(0)

/** struct devkmsg_user: an opening, and where it reads. */
export class devkmsg_user extends sock implements log_reader {
  seq: number
  constructor(task: task_struct, file: socket) {
    super(task.net_ns, file, 0, SOCK_RAW, 0)
    this.seq = task.kernel.log.records[0]?.seq ?? task.kernel.log.next_seq
  }
  log_added(): void {
    this.sk_socket?.watcher?.dataReady()
  }
}
const user_of = (file: socket): devkmsg_user => file.sk as devkmsg_user
/** Records that were not read in time are gone. */
function overrun({ seq, sk_net }: devkmsg_user): boolean {
  const first = sk_net.kernel.log.records[0]
  return first !== undefined && seq < first.seq
}

/** msg_print_ext_body(): what is not plain ASCII is written as a number. */
function escaped(text: string): string {
  return text.replace(/[^ -~]|\\/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
/** info_print_ext_header() */
function record_text(record: printk_record): string {
  return `${printk_priority(record)},${record.seq},${Math.floor(record.at / 1000)},-;${escaped(record.text)}\n`
}
export function devkmsg_read(file: socket, { size }: ReceiveRequest): ReceivedMessage | Errno {
  const user = user_of(file)
  const { log } = file.kernel
  if (overrun(user)) {
    user.seq = log.records[0].seq
    return EPIPE
  }
  const [record] = log.since(user.seq)
  if (record === undefined) return EAGAIN
  const data = Buffer.from(record_text(record), 'latin1')
  user.seq = record.seq + 1
  return data.length > size ? EINVAL : { data, result: data.length, name: NOTHING, control: NOTHING, flags: 0 }
}
/** A line may say its priority; no program speaks as the kernel. */
export function devkmsg_write(file: socket, { data }: SendMessage): number | Errno {
  if (data.length > RECORD_MAX) return EINVAL
  const text = Buffer.from(data).toString('latin1')
  const [said, priority] = /^<(\d+)>/.exec(text) ?? ['', String((LOG_USER << 3) | KERN_INFO)]
  const facility = Number(priority) >> 3
  file.kernel.printk(Number(priority) & 7, text.slice(said.length).replace(/\n$/, ''), facility === LOG_KERN ? LOG_USER : facility)
  return data.length
}
export function devkmsg_poll(file: socket): number {
  const user = user_of(file)
  if (overrun(user)) return POLLIN | POLLRDNORM | POLLERR | POLLPRI
  return user.seq < file.kernel.log.next_seq ? POLLIN | POLLRDNORM : 0
}
/** The first line that `dmesg --clear` has not put away (SEEK_DATA). */
export function devkmsg_llseek(file: socket, offset: number, whence: number): number | Errno {
  if (offset !== 0) return ESPIPE
  if (whence !== SEEK_DATA) return EINVAL
  user_of(file).seq = file.kernel.log.clear_seq
  return 0
}
export function devkmsg_release(file: socket): void {
  file.kernel.log.readers.delete(user_of(file))
  file.kernel.namespaces.put_net(user_of(file).sk_net)
}
/** There is nothing to ask of it. */
export function devkmsg_getname(): Errno {
  return EINVAL
}
export const kmsg_file_ops: proto_ops = {
  family: 0,
  release: devkmsg_release,
  getname: devkmsg_getname,
  sendmsg: devkmsg_write,
  recvmsg: devkmsg_read,
  poll: devkmsg_poll,
  llseek: devkmsg_llseek,
}
export function devkmsg_open(task: task_struct): socket | Errno {
  const error = check_syslog_permissions(task)
  if (error !== undefined) return error
  const file = new socket(task.kernel, task, 0, SOCK_RAW, 0)
  const user = new devkmsg_user(task, file)
  file.ops = kmsg_file_ops
  file.sk = user
  task.kernel.log.readers.add(user)
  task.kernel.namespaces.get_net(task.net_ns)
  return file
}
/** The mode lets all read; who may is decided when it is opened. */
export const kmsg_fops: chrdev_ops = { name: 'kmsg_fops', mode: 0o666, open: devkmsg_open }

/** drivers/char/mem.c chr_dev_init() */
export function chr_dev_init(kernel: Kernel): Errno | undefined {
  vfs_of(kernel).chrdevs.set(KMSG_PATH, kmsg_fops)
  return undefined
}
