/**
 * Frames of every protocol that a host takes apart, spoilt at random by a seed: nothing throws, what is kept stays bounded, and
 * the host answers afterwards as before.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createLab } from '../../src/index.ts'
import { RandomStream } from '../../src/lib/random.ts'
import { putBe16 } from '../../src/lib/bytes.ts'
import { buildLab } from '../../src/lab/topology.ts'
import { ip_compute_csum } from '../../src/net/core/checksum.ts'
import { inPackage } from '../place.ts'

const COUNT = Number(process.env.NETDOUBLE_FUZZ_FRAMES ?? 30_000)
const SEED = Number(process.env.NETDOUBLE_FUZZ_SEED ?? 1)
const US = '02000000000b'
const THEM = '02000000000a'

/** Devices that take frames apart, each its own way. */
const SETUP = `
set -e
ip link set lo up; ip link set eth0 up
ip addr add 10.0.0.2/24 dev eth0; ip addr add 2001:db8::2/64 dev eth0 nodad
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=0 net.ipv4.conf.all.accept_source_route=1
ip link add link eth0 name vlan5 up type vlan id 5 gvrp on mvrp on
ip addr add 10.0.5.2/24 dev vlan5
ip link add link eth0 name mac0 up type macvlan
ip link add vx0 up type vxlan id 7 local 10.0.0.2 dstport 4789 dev eth0
ip link add gnv0 up type geneve id 7 remote 10.0.0.1
ip link add gre0x up type gre local 10.0.0.2 remote 10.0.0.1
ip link add gretap0x up type gretap local 10.0.0.2 remote 10.0.0.1
ip link add erspan0x up type erspan local 10.0.0.2 remote 10.0.0.1 seq key 9 erspan_ver 1
ip link add ipip0x up type ipip local 10.0.0.2 remote 10.0.0.1
ip link add sit0x up type sit local 10.0.0.2 remote 10.0.0.1
ip link add tnl0x up type ip6tnl local 2001:db8::2 remote 2001:db8::1 mode any
ip link add bond0 up type bond mode 802.3ad
ip link add va type veth peer name vb; ip link set va master bond0; ip link set vb up
ip link add br0 up type bridge stp_state 1 mcast_snooping 1 mcast_querier 1 vlan_filtering 1
ip link add vc type veth peer name vd; ip link set vc up master br0; ip link set vd up
tc qdisc add dev vd clsact; tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress matchall action mirred egress mirror dev vd
tc filter add dev eth0 ingress prio 2 matchall action mirred egress mirror dev vb
modprobe mpls_router; sysctl -qw net.mpls.platform_labels=100 net.mpls.conf.eth0.input=1; ip -f mpls route add 16 via inet 10.0.0.1
`

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const eth = (type: string, payload: Uint8Array, dst = US) => join(bytes(dst + THEM + type), payload)
function ip4(proto: number, payload: Uint8Array, options = new Uint8Array(0), dst = '0a000002'): Uint8Array {
  const header = join(bytes(`4500 0000 0001 0000 40 00 0000 0a000001${dst}`), options)
  header[0] = 0x45 + options.length / 4
  header[9] = proto
  putBe16(header, 2, header.length + payload.length)
  putBe16(header, 10, ip_compute_csum(header, 0, header.length))
  return eth('0800', join(header, payload))
}
function ip6(nexthdr: number, payload: Uint8Array, dst = '20010db8000000000000000000000002'): Uint8Array {
  const header = bytes(`6000 0000 0000 00ff 20010db8000000000000000000000001 ${dst}`)
  putBe16(header, 4, payload.length)
  header[6] = nexthdr
  return eth('86dd', join(header, payload))
}
const udp = (port: number, payload: Uint8Array) => {
  const header = bytes('1000 0000 0000 0000')
  putBe16(header, 2, port)
  putBe16(header, 4, 8 + payload.length)
  return join(header, payload)
}
const inner = () => eth('0800', bytes('4500001c0001000040010000 0a000001 0a000002 0800f7ff00000000'))

/** A good frame of each kind, beside those that two hosts really send. */
function templates(): Uint8Array[] {
  const recorded = readFileSync(inPackage('test/wire/exchange.hex'), 'utf8').split('\n').filter(Boolean).map(bytes)
  const tagged = (tci: string, frame: Uint8Array) => join(frame.subarray(0, 12), bytes(`8100${tci}`), frame.subarray(12))
  const echo = ip4(1, bytes('0800f7ff00000000'))
  return [
    ...recorded,
    echo,
    ...['0005', '0000', 'e00a', '0fff'].map((tci) => tagged(tci, echo)),
    tagged('0005', tagged('0006', echo)),
    ip4(1, bytes('0800f7ff00000000'), bytes('070b04 0000000000000000 00')),
    ip4(1, bytes('0800f7ff00000000'), bytes('440c0500 0000000000000000')),
    ip4(1, bytes('0800f7ff00000000'), bytes('830b04 0a000005 0a000006 00')),
    ip4(2, bytes('1164ee9b00000000'), bytes('94040000'), 'e0000001'),
    ip4(2, bytes('1164ec1e00000000 027d0001 0a000009'), bytes('94040000'), 'e0000001'),
    ip4(2, bytes('2200 0000 00000001 04000000 ef010203'), bytes('94040000'), 'e0000016'),
    ip4(17, udp(4789, join(bytes('08000000 00000700'), inner()))),
    ip4(17, udp(6081, join(bytes('01006558 00000700 01020301 00000000'), inner()))),
    ip4(47, join(bytes('00000800'), inner().subarray(14))),
    ip4(47, join(bytes('b0006558 00000000 00000009 00000001'), inner())),
    ip4(47, join(bytes('100088be 00000001 10050009 00000000'), inner())),
    ip4(4, inner().subarray(14)),
    ip4(41, ip6(58, bytes('8000000000000000')).subarray(14)),
    ip4(103, bytes('2000dfff')),
    ip4(6, bytes('10000016 00000001 00000000 50020000 00000000')),
    ip4(136, bytes('1000000700080000')),
    ip4(50, bytes('00000001 00000001 00112233')),
    ip6(0, bytes('3a00 0502 0000 0100 8200 0000 00000000 00000000000000000000000000000000')),
    ip6(60, bytes('3a00 010400000000 8000000000000000')),
    ip6(43, bytes('3a02 0401 01000000 20010db8000000000000000000000009 8000000000000000')),
    ip6(44, bytes('3a00 0001 00000001 80000000000000000011223344556677')),
    ip6(4, inner().subarray(14)),
    ip6(41, ip6(58, bytes('8000000000000000')).subarray(14)),
    ip6(47, join(bytes('00000800'), inner().subarray(14))),
    ip6(
      58,
      bytes(
        '8600 0000 4040 0708 00000000 00000000 0304 40c0 00015180 00003840 00000000 20010db8000100000000000000000000 0101 02000000000a 0501 0000 000005dc 1903 0000 00000258 20010db8000000000000000000000053 1802 3000 00000258 20010db800020000',
      ),
      'ff020000000000000000000000000001',
    ),
    ip6(
      58,
      bytes(
        '8900 0000 00000000 fe80000000000000000000000000000a 20010db8000000000000000000000009 0201 02000000000a 0402 0000 00000000 6000000000000000',
      ),
    ),
    eth('8847', join(bytes('00010140'), inner().subarray(14))),
    eth('8847', join(bytes('00020040 00010140'), inner().subarray(14))),
    eth(
      '0026',
      bytes('424203 0000 00 00 00 8000 020000000001 00000000 8000 020000000001 8001 0000 1400 0200 0f00 0000000000000000'),
      '0180c2000000',
    ),
    eth(
      '8809',
      bytes(
        '0101 0114 ffff 02000000000a 0011 00ff 0001 45 000000 0214 ffff 02000000000b 0011 00ff 0001 45 000000 0310 0000 000000000000000000000000 0000 '.padEnd(
          220,
          '0',
        ),
      ),
      '0180c2000002',
    ),
    eth('88cc', bytes('0207 04 02000000000a 0403 05 6130 0602 0078 0000'), '0180c200000e'),
    eth('0010', bytes('424203 0001 01 04 01 0005 00 00'), '0180c2000021'),
    eth('88f5', bytes('00 01 02 0001 0005 6c 0000 0000'), '0180c2000021'),
    eth('0806', bytes('0001 0800 0604 0001 02000000000a 0a000001 000000000000 0a000002'), 'ffffffffffff'),
    eth('6558', new Uint8Array(60)),
  ]
}

/** One of: bytes changed, a length made odd, cut, made longer, a piece doubled, two put together. */
function spoil(random: RandomStream, all: readonly Uint8Array[]): Uint8Array {
  let frame = all[random.below(all.length)].slice()
  for (let n = random.below(4); n > 0; n--) {
    const at = 12 + random.below(Math.max(1, frame.length - 12))
    switch (random.below(7)) {
      case 0:
        frame[at] = random.below(256)
        break
      case 1:
        frame[at] ^= 1 << random.below(8)
        break
      case 2:
        frame[at] = [0, 1, 2, 4, 7, 8, 0x7f, 0x80, 0xff][random.below(9)]
        break
      case 3:
        frame = frame.slice(0, at)
        break
      case 4:
        frame = join(frame, new Uint8Array(random.below(200)).fill(random.below(256)))
        break
      case 5:
        frame = join(frame.subarray(0, at), frame.subarray(Math.max(12, at - random.below(40))))
        break
      default:
        frame = join(frame.subarray(0, at), all[random.below(all.length)].subarray(14))
    }
  }
  if (random.below(3) > 0) mend(frame)
  return frame.subarray(0, 1514)
}
/** The header's checksum of IPv4 anew: so that more than that is seen of it. */
function mend(frame: Uint8Array): void {
  const hlen = (frame[14] & 15) * 4
  if (frame[12] !== 8 || frame[13] !== 0 || hlen < 20 || frame.length < 14 + hlen) return
  putBe16(frame, 24, 0)
  putBe16(frame, 24, ip_compute_csum(frame, 14, hlen))
}

t.test(`${COUNT} frames, seed ${SEED}`, async (t) => {
  const lab = createLab({ seed: SEED })
  const device = (end: string, n: number) => ({ name: 'eth0', mac: `02:00:00:00:00:0${end}`, addresses: [`10.0.0.${n}/24`] })
  buildLab(lab, {
    hosts: { a: { devices: [device('a', 1)] }, b: { devices: [{ name: 'eth0', mac: '02:00:00:00:00:0b' }] } },
    wires: [{ name: 'cable', ends: ['a/eth0', 'b/eth0'] }],
  } as never)
  const b = lab.host('b')
  const { code, stderr } = await b.run('sh', ['-c', SETUP])
  t.equal(code, 0, stderr)
  lab.advance(5e9)
  const random = new RandomStream(SEED, 'frames')
  const all = templates()
  const [end] = lab.wires.get('cable')!.cable.ends
  const { kernel } = b
  for (let i = 0; i < COUNT; i++) {
    const frame = spoil(random, all)
    try {
      end.transmit(frame)
      if (i % 8 === 0) lab.advance(1e6)
    } catch (error) {
      t.fail(`frame ${i}: ${Buffer.from(frame).toString('hex')}: ${(error as Error).stack}`)
      return
    }
  }
  const { init_net } = kernel
  t.ok((init_net.ipv4.frags?.mem ?? 0) <= 4 << 20, 'pieces of IPv4 that wait are bounded')
  t.ok((init_net.ipv6.frags?.mem ?? 0) <= 4 << 20, 'pieces of IPv6')
  lab.advance(120e9)
  t.equal(init_net.ipv4.frags?.queues.size ?? 0, 0, 'and are given up in time')
  t.equal(init_net.ipv6.frags?.queues.size ?? 0, 0)
  const neighbours = (await b.run('sh', ['-c', 'ip neigh show nud all | wc -l'])).stdout
  t.ok(Number(neighbours) < 1100, `${neighbours} neighbours: no more than gc_thresh3`)
  const capture = lab.capture({ wire: 'cable' })
  end.transmit(all[all.length - 2])
  end.transmit(ip4(1, bytes('0800e5cb12340000')))
  lab.advance(1e9)
  t.ok(Buffer.from(capture.close()).includes(Buffer.from('0000edcb12340000', 'hex')), 'it answers an echo')
})
