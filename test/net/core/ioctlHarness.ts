/** Programs' memory and the SIOC* requests on a booted host with dummies. */
import { dummy_link_ops, dummy_netdev_ops, dummy_setup } from '../../../src/drivers/net/dummy.ts'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { Lab } from '../../../src/lab/lab.ts'
import { hex, put32, putString, unhex } from '../../../src/lib/bytes.ts'
import { alloc_netdev, register_netdev } from '../../../src/net/core/dev.ts'
import { NET_NAME_USER, type net_device } from '../../../src/net/core/netdevice.ts'
import { sock_ioctl } from '../../../src/net/ioctl.ts'
import type { socket } from '../../../src/net/socket.ts'
import { sys_socket } from '../../../src/syscalls/syscalls.ts'
import type { UserMemory } from '../../../src/syscalls/types.ts'
import { EFAULT, type Errno, isErrno } from '../../../src/uapi/errno.ts'

/** One mapped page at 0x1000, all 0xa5. */
export class Memory implements UserMemory {
  readonly page = new Uint8Array(4096).fill(0xa5)
  read(addr: number, length: number): Uint8Array | Errno {
    return this.mapped(addr, length) ? this.page.slice(addr - 0x1000, addr - 0x1000 + length) : EFAULT
  }
  write(addr: number, bytes: Uint8Array): Errno | undefined {
    if (!this.mapped(addr, bytes.length)) return EFAULT
    this.page.set(bytes, addr - 0x1000)
    return undefined
  }
  private mapped(addr: number, length: number): boolean {
    return addr >= 0x1000 && addr + length <= 0x2000
  }
}

export class Ioctls {
  readonly kernel: Kernel
  readonly task: task_struct
  readonly memory = new Memory()
  sock: socket | undefined
  constructor(sock: 'inet' | 'netlink' | 'none' = 'netlink') {
    const lab = new Lab()
    this.kernel = lab.addHost('host', { ipv6: false, devices: [] }).kernel
    this.task = this.as(0)
    const made = sock === 'none' ? undefined : sys_socket(this.task, sock === 'inet' ? 2 : 16, sock === 'inet' ? 2 : 3, 0)
    if (isErrno(made)) throw new Error(made.name)
    this.sock = made
  }
  as(uid: number): task_struct {
    const tid = 10 + uid
    return this.kernel.task_for({ tgid: tid, tid, comm: 'test', uid, gid: uid, capabilities: uid === 0 ? CAP_FULL_SET : 0n, netns: 0 })
  }
  dummy(name: string, addr = '020000000301'): net_device {
    const dev = alloc_netdev(this.kernel.init_net, name, dummy_netdev_ops, dummy_setup, { name_assign_type: NET_NAME_USER })
    dev.dev_addr.set(unhex(addr))
    dev.rtnl_link_ops = dummy_link_ops
    const error = register_netdev(dev)
    if (isErrno(error)) throw new Error(error.name)
    return dev
  }
  /** The name of the error, or the union's bytes behind the name. `union` starts it; the rest is 0xa5. */
  ifreq(cmd: number, name: string, union = '', task = this.task): string {
    const ifr = new Uint8Array(40).fill(0xa5)
    ifr[putString(ifr, 0, name)] = 0
    ifr.set(unhex(union), 16)
    this.memory.write(0x1000, ifr)
    const result = sock_ioctl(task, this.sock, cmd, 0x1000, this.memory)
    this.kernel.events.runDue()
    return isErrno(result) ? result.name : hex(this.memory.page.subarray(16, 40))
  }
  /** Name field after the last request. */
  nameField(): string {
    return hex(this.memory.page.subarray(0, 16))
  }
}

export function le32(n: number): string {
  const b = new Uint8Array(4)
  put32(b, 0, n)
  return hex(b)
}
