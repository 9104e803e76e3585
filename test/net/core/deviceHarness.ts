/** A kernel with the device core alone, plain test devices, and one log of what it tells: chain, rtnetlink, kernel log. */

import { net_dev_init } from '../../../src/drivers/net/loopback.ts'
import { Kernel } from '../../../src/kernel/kernel.ts'
import { NOTIFY_DONE, notifier_block, notifier_from_errno } from '../../../src/kernel/notifier.ts'
import { EventQueue, NSEC_PER_MSEC } from '../../../src/kernel/time.ts'
import { decode, eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, getS32 } from '../../../src/lib/bytes.ts'
import { alloc_netdev, register_netdevice, register_netdevice_notifier, rtnl_unlock } from '../../../src/net/core/dev.ts'
import { net_ns_init } from '../../../src/net/core/net_namespace.ts'
import * as netdevice from '../../../src/net/core/netdevice.ts'
import { rtnetlink_init } from '../../../src/net/core/rtnetlink.ts'
import { ether_setup } from '../../../src/net/ethernet/eth.ts'
import { netlink_proto_init } from '../../../src/net/netlink/af_netlink.ts'
import { sock_init } from '../../../src/net/socket.ts'
import type { Errno } from '../../../src/uapi/errno.ts'
import { IFLA_IFNAME } from '../../../src/uapi/linux/if_link.ts'
import { NETLINK_ROUTE } from '../../../src/uapi/linux/netlink.ts'
import { RTM_DELLINK, RTM_NEWLINK, RTNLGRP_LINK } from '../../../src/uapi/linux/rtnetlink.ts'

/** Names of the NETDEV_* events by number. */
const eventNames = new Map<number, string>()
for (const [name, value] of Object.entries(netdevice)) {
  if (/^NETDEV_[A-Z_]+$/.test(name) && !/^NETDEV_(TX|HW|XDP_ACT)/.test(name) && typeof value === 'number')
    eventNames.set(value, name.slice(7))
}

export class Recorder {
  lines: string[] = []
  /** `EVENT name` → what the callback answers. */
  vetoes = new Map<string, Errno>()
}
export function record(nb: notifier_block, event: number, info: netdevice.netdev_notifier_info): number {
  const recorder = nb.data as Recorder
  const line = `${eventNames.get(event)} ${info.dev.name}`
  recorder.lines.push(line)
  const veto = recorder.vetoes.get(line)
  return veto === undefined ? NOTIFY_DONE : notifier_from_errno(veto)
}

function describe(data: Uint8Array): string {
  const type = get16(data, 4)
  let name = ''
  eachAttr(data, 32, get32(data, 0), (nr, at) => {
    if (nr === IFLA_IFNAME.nr) name = decode(IFLA_IFNAME.type, data, at)
  })
  const change = getS32(data, 28)
  const verb = type === RTM_NEWLINK ? 'NEWLINK' : type === RTM_DELLINK ? 'DELLINK' : `type ${type}`
  return `> ${verb} ${name} flags=${get32(data, 24).toString(16)} change=${change === -1 ? 'all' : change.toString(16)}`
}

/** The kernel's log, the chain's events and the link group's messages all write to `log`, in order. */
export class Devices {
  readonly kernel = new Kernel(new EventQueue(), 1)
  readonly recorder = new Recorder()
  constructor() {
    const { kernel, recorder } = this
    net_ns_init(kernel)
    sock_init(kernel)
    netlink_proto_init(kernel)
    if (kernel.rtnl === undefined) rtnetlink_init(kernel)
    net_dev_init(kernel)
    this.settle()
    register_netdevice_notifier(kernel, new notifier_block(record, recorder))
    kernel.trace = {
      netlink_multicast: (_k, _net, protocol, group, _portid, data) => {
        if (protocol === NETLINK_ROUTE && group === RTNLGRP_LINK) recorder.lines.push(describe(data))
      },
      printk: (_k, r) => {
        recorder.lines.push(`# ${r.text}`)
      },
    }
    this.log()
  }
  /** What has been logged since the last call. */
  log(): string[] {
    return this.recorder.lines.splice(0)
  }
  /** A test device, not registered. */
  alloc(name: string, ops: netdevice.net_device_ops | undefined = undefined, setup: (dev: netdevice.net_device) => void = ether_setup) {
    const dev = alloc_netdev(this.kernel.init_net, name, ops, setup)
    dev.dev_addr.set([2, 0, 0, 0, 0, 1])
    return dev
  }
  /** A registered one; what it told is forgotten. */
  add(name: string, ops?: netdevice.net_device_ops, setup?: (dev: netdevice.net_device) => void): netdevice.net_device {
    const dev = this.alloc(name, ops, setup)
    const error = register_netdevice(dev)
    if (error !== undefined) throw new Error(`${error}`)
    this.settle()
    this.log()
    return dev
  }
  /** Ends the request and runs what is due. */
  settle(): void {
    rtnl_unlock(this.kernel)
    this.kernel.events.runDue()
  }
  /** Lets `ms` of lab time pass. */
  pass(ms: number): void {
    this.kernel.events.runUntil(this.kernel.events.now + ms * NSEC_PER_MSEC)
  }
}
