import t from 'tap'
import { request_module } from '../../../src/kernel/kmod.ts'
import type { Kernel } from '../../../src/kernel/kernel.ts'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, hex, put32, putBe32 } from '../../../src/lib/bytes.ts'
import { MessageBuilder } from '../../../src/lib/message.ts'
import { dev_change_flags } from '../../../src/net/core/dev.ts'
import { mpls_dev_get, netns_mpls_of } from '../../../src/net/mpls/mpls_private.ts'
import { IFF_UP } from '../../../src/uapi/linux/if.ts'
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import {
  RTA_DST,
  RTA_NEWDST,
  RTA_OIF,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  rtmsg,
} from '../../../src/uapi/linux/rtnetlink.ts'
import { cat, echo, root } from '../../fs/support.ts'
import { type Ack, bootHost, Client, type Message } from '../core/rtnetlink_client.ts'

const AF_MPLS = 28
const MPLS_ROUTE = 27
const NEW = NLM_F_CREATE | NLM_F_EXCL

function stack(...labels: number[]): Uint8Array {
  const b = new Uint8Array(4 * labels.length)
  labels.forEach((label, i) => putBe32(b, 4 * i, (label << 12) | (i === labels.length - 1 ? 0x100 : 0)))
  return b
}
class MplsHost {
  readonly kernel: Kernel = bootHost({ ipv6: true })
  readonly client = new Client(this.kernel)
  readonly monitor = new Client(this.kernel, { groups: [MPLS_ROUTE] })
  constructor(labels = 1000) {
    request_module(this.kernel, 'mpls_router')
    if (labels > 0) this.labels(labels)
    const { loopback_dev: lo } = this.kernel.init_net
    dev_change_flags(lo, lo.flags | IFF_UP)
    this.heard()
  }
  labels(limit: number): void {
    echo(root(this.kernel), `${limit}\n`, '/proc/sys/net/mpls/platform_labels')
  }
  route(type: number, flags: number, label: Uint8Array, out: Uint8Array = new Uint8Array(0), oif = 1): Ack {
    const msg = new MessageBuilder()
    msg.struct(rtmsg, { rtm_family: AF_MPLS, rtm_dst_len: 20, rtm_table: 254, rtm_protocol: 4, rtm_type: 1 })
    msg.putBytes(RTA_DST.nr, label)
    if (out.length > 0) msg.putBytes(RTA_NEWDST.nr, out)
    const index = new Uint8Array(4)
    put32(index, 0, oif)
    msg.putBytes(RTA_OIF.nr, index)
    return this.client.ack(type, flags, msg.bytes().slice())
  }
  heard(): string[] {
    return this.monitor.receive().map(line)
  }
  show(): string[] {
    const body = new Uint8Array(rtmsg.size)
    body[0] = AF_MPLS
    return this.client
      .request(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, body)
      .filter((m) => m.type === RTM_NEWROUTE)
      .map(line)
  }
}
function line(m: Message): string {
  const found: Record<number, string> = {}
  eachAttr(m.bytes, 28, m.bytes.length, (nr, at) => {
    found[nr] = hex(m.bytes.subarray(at + 4, at + get16(m.bytes, at)))
  })
  const flags = rtmsg.field.rtm_flags.get(m.bytes, 16)
  return `${m.type === RTM_NEWROUTE ? 'new' : 'del'} ${parseInt(found[RTA_DST.nr], 16) >> 12} ${found[RTA_NEWDST.nr] ?? '-'} ${flags}`
}

t.test('labels: reserved, beyond the table, badly made', async (t) => {
  const h = new MplsHost(200)
  t.match(h.route(RTM_NEWROUTE, NEW, stack(15)), { error: -22, msg: /FIRST_UNRESERVED/ })
  t.match(h.route(RTM_NEWROUTE, NEW, stack(200)), { error: -22, msg: /platform_labels/ })
  t.match(h.route(RTM_NEWROUTE, NEW, Uint8Array.of(0, 6, 0x40, 0)), { error: -22, msg: 'BOS bit must be set in first label' })
  t.match(h.route(RTM_NEWROUTE, NEW, Uint8Array.of(0, 6, 0x41, 9)), { error: -22, msg: 'TTL in label must be 0' })
  t.match(h.route(RTM_NEWROUTE, NEW, stack(100), stack(3)), { error: -22, msg: /Implicit NULL/ })
  t.match(h.route(RTM_NEWROUTE, NEW, stack(100), stack(...Array(31).fill(20))), { error: -22, msg: 'Too many labels' })
  t.same(h.show(), [])
})

t.test('add, replace, delete, and what listeners hear', async (t) => {
  const h = new MplsHost()
  t.equal(h.route(RTM_NEWROUTE, NEW, stack(200)).error, 0)
  t.equal(h.route(RTM_NEWROUTE, NEW, stack(100), stack(16, 17)).error, 0)
  t.equal(h.route(RTM_NEWROUTE, NEW, stack(100)).error, -17, 'EEXIST')
  t.equal(h.route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, stack(100), stack(18)).error, 0)
  t.equal(h.route(RTM_NEWROUTE, NLM_F_REPLACE, stack(101)).error, -2, 'ENOENT')
  t.same(h.heard(), ['new 200 - 0', 'new 100 0001000000011100 0', 'new 100 00012100 0'])
  t.same(h.show(), ['new 100 00012100 0', 'new 200 - 0'], 'in the order of labels')
  t.equal(h.route(RTM_DELROUTE, 0, stack(100)).error, 0)
  t.equal(h.route(RTM_DELROUTE, 0, stack(100)).error, 0, 'also when it is not there')
  t.same(h.heard(), ['del 100 00012100 0'])
})

t.test('a smaller table takes routes along', async (t) => {
  const h = new MplsHost()
  for (const label of [20, 500]) h.route(RTM_NEWROUTE, NEW, stack(label))
  h.heard()
  h.labels(100)
  t.same(h.heard(), ['del 500 - 0'])
  t.ok(netns_mpls_of(h.kernel.init_net).platform_label.has(0), "explicit null is the host's own")
  h.labels(0)
  t.equal(netns_mpls_of(h.kernel.init_net).platform_label.size, 0)
})

t.test('routes through a device that is down are dead', async (t) => {
  const h = new MplsHost()
  h.route(RTM_NEWROUTE, NEW, stack(20))
  const { loopback_dev: lo } = h.kernel.init_net
  dev_change_flags(lo, lo.flags & ~IFF_UP)
  t.same(h.show(), [`new 20 - ${RTNH_F_DEAD | RTNH_F_LINKDOWN}`])
  dev_change_flags(lo, lo.flags | IFF_UP)
  t.same(h.show(), ['new 20 - 0'])
})

t.test('input is a switch of each device', async (t) => {
  const h = new MplsHost()
  const path = '/proc/sys/net/mpls/conf/lo/input'
  t.equal(cat(root(h.kernel), path), '0\n')
  echo(root(h.kernel), '1\n', path)
  t.equal(mpls_dev_get(h.kernel.init_net.loopback_dev)?.input_enabled, 1)
})
