/** RTM_NEWLINK and RTM_DELLINK as a program sends them, on a kernel with the device core and the plain kinds. */
import { dummy_init_module } from '../../../src/drivers/net/dummy.ts'
import { ifb_init_module } from '../../../src/drivers/net/ifb.ts'
import { veth_init } from '../../../src/drivers/net/veth.ts'
import { CAP_FULL_SET } from '../../../src/kernel/capability.ts'
import type { task_struct } from '../../../src/kernel/task.ts'
import { getS32 } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import type { net } from '../../../src/net/core/net_namespace.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import type { socket } from '../../../src/net/socket.ts'
import { sys_recvmsg, sys_sendmsg, sys_socket } from '../../../src/syscalls/syscalls.ts'
import { type Errno, errnoOf, isErrno } from '../../../src/uapi/errno.ts'
import { IFLA_IFNAME, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO, VETH_INFO_PEER } from '../../../src/uapi/linux/if_link.ts'
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { ifinfomsg, RTM_DELLINK, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_NETLINK, SOCK_RAW } from '../../../src/uapi/linux/socket.ts'
import { Devices } from '../../net/core/deviceHarness.ts'

type Fill = (msg: MessageBuilder) => void

export class Links extends Devices {
  readonly task: task_struct
  private readonly sock: socket
  constructor() {
    super()
    dummy_init_module(this.kernel)
    veth_init(this.kernel)
    ifb_init_module(this.kernel)
    this.task = this.kernel.task_for({ tgid: 100, tid: 100, comm: 'ip', uid: 0, gid: 0, capabilities: CAP_FULL_SET, netns: 0 })
    const sock = sys_socket(this.task, AF_NETLINK, SOCK_RAW, 0)
    if (isErrno(sock)) throw new Error(`${sock}`)
    this.sock = sock
  }
  /** `ip link add NAME type KIND`; without a name the kind's template. The error of the ACK. */
  newlink(kind: string, name?: string, more: Fill = () => {}, data: Fill = () => {}, index = 0): Errno | undefined {
    return this.request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, index, (msg) => {
      if (name !== undefined) msg.put(IFLA_IFNAME, name)
      more(msg)
      const info = msg.nest(IFLA_LINKINFO)
      msg.put(IFLA_INFO_KIND, kind)
      const nest = msg.nest(IFLA_INFO_DATA)
      data(msg)
      msg.nestEnd(nest)
      msg.nestEnd(info)
    })
  }
  /** IFLA_INFO_DATA of veth: the peer's own request. */
  peer(fill: Fill, index = 0): Fill {
    return (msg) => {
      const nest = msg.nestNoflag(VETH_INFO_PEER)
      msg.struct(ifinfomsg, { ifi_index: index })
      fill(msg)
      msg.nestEnd(nest)
    }
  }
  dellink(dev: net_device): Errno | undefined {
    return this.request(RTM_DELLINK, 0, dev.ifindex, () => {})
  }
  request(type: number, flags: number, index: number, fill: Fill): Errno | undefined {
    const msg = new MessageBuilder()
    msg.begin(type, NLM_F_REQUEST | NLM_F_ACK | flags, 1, 0)
    msg.struct(ifinfomsg, { ifi_index: index })
    fill(msg)
    msg.end()
    const sent = sys_sendmsg(this.task, this.sock, { data: msg.bytes().slice(), flags: 0 })
    if (isErrno(sent)) throw new Error(`${sent}`)
    const got = sys_recvmsg(this.task, this.sock, { size: 65536, controlSize: 0, flags: 0 })
    if (isErrno(got)) throw new Error(`${got}`)
    const code = -getS32(got.data, 16)
    return code === 0 ? undefined : errnoOf(code)
  }
  device(name: string, net: net = this.kernel.init_net): net_device {
    const dev = net.dev_name_head.get(name)
    if (dev === undefined) throw new Error(`no device ${name}`)
    return dev
  }
  names(net: net = this.kernel.init_net): string[] {
    return net.dev_base_head.map((dev) => dev.name)
  }
}
