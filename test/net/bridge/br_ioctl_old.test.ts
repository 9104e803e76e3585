/** The requests of old brctl: numbers behind a pointer in the ifreq. */
import t from 'tap'
import { get32, hex, put64 } from '../../../src/lib/bytes.ts'
import { br_dev_siocdevprivate } from '../../../src/net/bridge/br_ioctl_old.ts'
import { EINVAL, EOPNOTSUPP, ERANGE } from '../../../src/uapi/errno.ts'
import { Bridged } from './bridgeHost.ts'

/** Memory of a program: requests at 0, answers at 1000. */
function memory() {
  const all = new Uint8Array(8192)
  return {
    all,
    read: (at: number, n: number) => all.slice(at, at + n),
    write: (at: number, bytes: Uint8Array) => {
      all.set(bytes, at)
      return undefined
    },
  }
}
function ask(h: Bridged, ...args: number[]) {
  const m = memory()
  for (const [i, value] of args.entries()) put64(m.all, i * 8, value)
  const result = br_dev_siocdevprivate(h.dev('br0'), new Uint8Array(40), m as never, 0x89f0, h.client.task)
  return { result, at: (o: number, n: number) => hex(m.all.subarray(1000 + o, 1000 + o + n)), word: (o: number) => get32(m.all, 1000 + o) }
}
function two(): Bridged {
  const h = new Bridged()
  h.bridge('br0', '02:00:00:00:00:f0')
  for (const n of [1, 2]) h.pair(n)
  return h
}

t.test('what a bridge, its ports and its addresses are', async (t) => {
  const h = two()
  const info = ask(h, 6, 1000)
  t.equal(info.at(8, 8), '80000200000000f0')
  t.equal(info.word(28), 1500, 'forward delay, in hundredths')
  const ports = ask(h, 7, 1000, 4)
  t.equal(ports.result, 4)
  t.same([ports.word(4), ports.word(8)], [h.dev('p1').ifindex, h.dev('p2').ifindex])
  t.equal(ask(h, 13, 1000, 1).at(16, 4), '01800180')
  t.equal(ask(h, 13, 1000, 9).result, EINVAL)
  const fdb = ask(h, 18, 1000, 100, 0)
  t.equal(fdb.result, 4, 'the own addresses of ports, untagged and in VLAN 1')
  t.equal(fdb.at(7, 1), '01')
})

t.test('what is set, and what is refused', async (t) => {
  const h = two()
  t.equal(ask(h, 9, 300).result, undefined)
  t.equal(h.br().hello_time, 750)
  t.equal(ask(h, 9, 5).result, ERANGE)
  t.equal(ask(h, 17, 2, 77).result, undefined)
  t.equal(h.port('p2').path_cost, 77)
  t.equal(ask(h, 5, h.dev('p1').ifindex).result, undefined)
  t.equal(h.br().port_list.length, 1)
  t.equal(ask(h, 12, 1).result, EOPNOTSUPP)
})
