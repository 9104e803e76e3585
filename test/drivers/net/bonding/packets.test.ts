import t from 'tap'
import type { slave } from '../../../../src/drivers/net/bonding/bonding.ts'
import { bond_xmit_hash } from '../../../../src/drivers/net/bonding/bond_hash.ts'
import { unhex } from '../../../../src/lib/bytes.ts'
import { dev_get_stats, dev_queue_xmit } from '../../../../src/net/core/dev.ts'
import * as B from '../../../../src/uapi/linux/if_bonding.ts'
import { ETH_P_IP, ETH_P_IPV6 } from '../../../../src/uapi/linux/if_ether.ts'
import { frame, listen, mac } from '../../../net/core/packets.ts'
import { Bonds } from './bonds.ts'

const unicast = mac('020000000077')
/** How many of `count` packets each slave sends. */
function spread(mode: number, count: number, before: (h: Bonds, slaves: slave[]) => void = () => {}) {
  const h = new Bonds()
  const bond = h.bond(mode)
  const slaves = h.veths(bond, 3)
  h.up(bond)
  h.settle()
  before(h, slaves)
  const sent = slaves.map((s) => dev_get_stats(s.dev).tx_packets)
  for (let i = 0; i < count; i++) {
    const skb = frame(bond.dev, unicast)
    skb.buf[skb.data + 5] = i
    dev_queue_xmit(skb)
  }
  h.settle()
  return slaves.map((s, i) => dev_get_stats(s.dev).tx_packets - sent[i])
}

t.test('bond_start_xmit(): each row', (t) => {
  t.strictSame(spread(B.BOND_MODE_ROUNDROBIN, 6), [2, 2, 2], 'balance-rr: in turn')
  t.strictSame(
    spread(B.BOND_MODE_ROUNDROBIN, 6, (h, slaves) => h.carrier(slaves[1].dev, false)).reduce((a, b) => a + b),
    6,
    'balance-rr: the next that can send takes the place',
  )
  t.strictSame(spread(B.BOND_MODE_ACTIVEBACKUP, 6), [6, 0, 0], 'active-backup: the active one')
  t.equal(spread(B.BOND_MODE_XOR, 6).filter((n) => n > 0).length > 1, true, 'balance-xor: by hash')
  t.strictSame(spread(B.BOND_MODE_BROADCAST, 6), [6, 6, 6], 'broadcast: all')
  t.strictSame(spread(B.BOND_MODE_TLB, 6), [6, 0, 0], 'balance-tlb: what is not IP by the active one')
  t.strictSame(spread(B.BOND_MODE_ALB, 6), [6, 0, 0], 'balance-alb: the same')
  t.strictSame(
    spread(B.BOND_MODE_ROUNDROBIN, 6, (_h, slaves) => {
      slaves[0].bond.params.packets_per_slave = 3
      slaves[0].bond.rr_tx_counter = 2
    }),
    [0, 3, 3],
    'packets_per_slave',
  )
  t.end()
})
t.test('without slaves packets are dropped', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ROUNDROBIN)
  h.up(bond)
  bond.dev.netdev_ops.ndo_start_xmit?.(frame(bond.dev, unicast), bond.dev)
  t.equal(dev_get_stats(bond.dev).tx_dropped, 1)
  t.end()
})

t.test('bond_handle_frame(): the bond hears its active slave; of a backup only link local frames come through', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
  const [v0, v1] = h.veths(bond, 2)
  h.up(bond)
  h.settle()
  const heard = listen(h.kernel)
  const send = (name: string, to: Uint8Array) => {
    dev_queue_xmit(frame(h.device(name), to))
    h.settle()
    return heard.lines.splice(0)
  }
  t.strictSame(send('p0', bond.dev.dev_addr), ['b0<v0 0 50'])
  t.strictSame(send('p1', bond.dev.dev_addr), [])
  t.strictSame(send('p1', mac('0180c200000e')), ['v1 2 50'])
  t.strictSame([v0.inactive, v1.inactive], [0, 1])
  bond.params.all_slaves_active = 1
  v1.inactive = 0
  t.strictSame(send('p1', bond.dev.dev_addr), ['b0<v1 0 50'])
  t.end()
})

t.test('bond_xmit_hash(): what each policy looks at', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_XOR)
  const udp4 = unhex('4500001c00000000401100000a0000010a00000204d2003500080000')
  const udp6 = unhex('6000000000081140fd000000000000000000000000000001fd00000000000000000000000000000204d2003500080000')
  const hash = (policy: number, bytes: Uint8Array, proto: number, change: (b: Uint8Array) => void = () => {}) => {
    bond.params.xmit_policy = policy
    const skb = frame(bond.dev, unicast, { length: 14 + bytes.length, proto, src: new Uint8Array(mac('020000000011')) })
    skb.buf.set(bytes, skb.network_header)
    change(skb.buf.subarray(skb.data))
    return bond_xmit_hash(bond, skb)
  }
  t.equal(hash(B.BOND_XMIT_POLICY_LAYER2, udp4, ETH_P_IP), 0x77 ^ 0x11 ^ 0x0800)
  const fold = (x: number) => {
    const y = x ^ (x >>> 16)
    return (y ^ (y >>> 8)) >>> 0
  }
  const addrs = 0x0100000a ^ 0x0200000a
  t.equal(hash(B.BOND_XMIT_POLICY_LAYER23, udp4, ETH_P_IP), fold(0x77 ^ 0x11 ^ 0x0800 ^ addrs))
  t.equal(hash(B.BOND_XMIT_POLICY_LAYER34, udp4, ETH_P_IP), fold(0x3500d204 ^ addrs) >>> 1)
  const changed = (policy: number, bytes: Uint8Array, proto: number, at: number) =>
    hash(policy, bytes, proto) !== hash(policy, bytes, proto, (b) => (b[at] ^= 0x40))
  t.ok(changed(B.BOND_XMIT_POLICY_LAYER34, udp6, ETH_P_IPV6, 14 + 40), 'ports over IPv6')
  t.notOk(changed(B.BOND_XMIT_POLICY_LAYER23, udp6, ETH_P_IPV6, 14 + 40), 'layer2+3 does not look at ports')
  t.notOk(changed(B.BOND_XMIT_POLICY_VLAN_SRCMAC, udp4, ETH_P_IP, 14 + 16), 'vlan+srcmac does not look at addresses')
  t.ok(changed(B.BOND_XMIT_POLICY_VLAN_SRCMAC, udp4, ETH_P_IP, 9), '… but at the sender')
  const inner = unhex(`450000300000000040040000c0000201c0000202${Buffer.from(udp4).toString('hex')}`)
  t.ok(changed(B.BOND_XMIT_POLICY_ENCAP34, inner, ETH_P_IP, 14 + 40), 'encap3+4 looks at the ports inside')
  t.end()
})
