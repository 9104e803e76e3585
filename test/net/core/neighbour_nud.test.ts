/** Each row of the tables in neighbour_nud.ts. */
import t, { type Test } from 'tap'
import { unhex } from '../../../src/lib/bytes.ts'
import {
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  NEIGH_VAR_APP_PROBES,
  NEIGH_VAR_MCAST_PROBES,
  NEIGH_VAR_MCAST_REPROBES,
  NEIGH_VAR_SET,
  type neighbour,
} from '../../../src/net/core/neighbour.ts'
import {
  __neigh_set_probe_once,
  neigh_event_ns,
  neigh_event_send,
  neigh_resolve,
  neigh_update,
} from '../../../src/net/core/neighbour_nud.ts'
import { dev_get_stats } from '../../../src/net/core/dev.ts'
import { neigh_release } from '../../../src/net/core/neighbour_table.ts'
import { alloc_skb, dev_alloc_skb, skb_bytes, skb_put } from '../../../src/net/core/skbuff.ts'
import { arp_create } from '../../../src/net/ipv4/arp_send.ts'
import { EPERM, isErrno } from '../../../src/uapi/errno.ts'
import * as N from '../../../src/uapi/linux/neighbour.ts'
import { ipv4, MAC, NeighbourHost, OTHER, state_name, timer_in } from './neighbourHost.ts'

const DST = '10.0.0.2'

function is(t: Test, n: neighbour, state: number): void {
  t.equal(state_name(n.nud_state), state_name(state))
}

t.test('REACHABLE is STALE when its time is over and nobody used it', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_REACHABLE)
  host.after(n.parms.reachable_time * 4)
  is(t, n, N.NUD_REACHABLE)
  host.after(8)
  is(t, n, N.NUD_STALE)
  t.same(host.told(), [`new ${DST} STALE ${MAC}`])
  t.equal(timer_in(host, n), undefined)
})
t.test('REACHABLE that was confirmed meanwhile stays', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_REACHABLE)
  host.after(n.parms.reachable_time * 4 - 1000)
  neigh_update(n, undefined, N.NUD_REACHABLE, 0, 0)
  host.after(2000)
  is(t, n, N.NUD_REACHABLE)
  t.equal(timer_in(host, n), n.parms.reachable_time * 4 - 2000)
  t.same(host.told(), [])
})
t.test('REACHABLE that is in use is DELAY, silently; then PROBE, told with the first probe; then FAILED', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_REACHABLE)
  host.after(n.parms.reachable_time * 4 - 1000)
  neigh_event_send(n)
  host.after(1008)
  is(t, n, N.NUD_DELAY)
  t.same(host.told(), [])
  t.equal(timer_in(host, n), 5000)
  host.after(5000)
  is(t, n, N.NUD_PROBE)
  t.same(host.told(), [`new ${DST} PROBE ${MAC} probes 1`])
  t.equal(timer_in(host, n), 1000)
  host.after(2000)
  is(t, n, N.NUD_PROBE)
  t.equal(n.probes, 3)
  host.after(1000)
  t.same(host.told(), [`new ${DST} FAILED probes 3`])
  t.equal(timer_in(host, n), undefined)
})
t.test('DELAY that is confirmed in time is REACHABLE', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_STALE)
  neigh_event_send(n)
  is(t, n, N.NUD_DELAY)
  // neigh_confirm(): upper layers saw an answer
  host.after(3000)
  n.confirmed = host.kernel.jiffies()
  host.after(2000)
  is(t, n, N.NUD_REACHABLE)
  t.same(host.told(), [`new ${DST} REACHABLE ${MAC}`])
  t.equal(timer_in(host, n), n.parms.reachable_time * 4 - 2000)
})
t.test('PROBE goes on with mcast_resolicit', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_STALE)
  NEIGH_VAR_SET(n.parms, NEIGH_VAR_MCAST_REPROBES, 2)
  neigh_event_send(n)
  host.after(9000)
  is(t, n, N.NUD_PROBE)
  host.after(1000)
  is(t, n, N.NUD_FAILED)
  t.equal(n.probes, 5)
})
t.test('INCOMPLETE asks three times and fails; what waits is lost', async (t) => {
  const host = new NeighbourHost()
  const n = neigh_resolve(host.tbl, ipv4(DST), host.d0, alloc_skb(100))
  if (isErrno(n)) throw n
  is(t, n, N.NUD_INCOMPLETE)
  t.equal(n.probes, 4, 'counted from ucast_solicit on; the first goes at once')
  t.equal(timer_in(host, n), 1000)
  neigh_event_send(n, alloc_skb(100))
  t.equal(n.arp_queue.length, 2)
  t.equal(n.probes, 4)
  host.after(2996)
  is(t, n, N.NUD_INCOMPLETE)
  t.same(host.told(), [])
  host.after(4)
  t.same(host.told(), [`new ${DST} FAILED probes 6`])
  t.equal(n.arp_queue.length, 0)
  t.equal(host.tbl.stats.res_failed, 1)
})
t.test('FAILED asks again when it is used', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_STALE)
  neigh_update(n, undefined, N.NUD_FAILED, 0, 0)
  t.ok(neigh_event_send(n), 'the packet waits')
  is(t, n, N.NUD_INCOMPLETE)
})
t.test('no probes allowed: use fails at once', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_STALE)
  neigh_update(n, undefined, N.NUD_FAILED, 0, 0)
  NEIGH_VAR_SET(n.parms, NEIGH_VAR_MCAST_PROBES, 0)
  t.ok(neigh_event_send(n))
  is(t, n, N.NUD_FAILED)
  t.equal(timer_in(host, n), undefined)
})
t.test('programs are asked in place of the network (app_solicit)', async (t) => {
  const host = new NeighbourHost()
  NEIGH_VAR_SET(host.tbl.dev_parms.get(host.d0) as neighbour['parms'], NEIGH_VAR_APP_PROBES, 1)
  neigh_resolve(host.tbl, ipv4(DST), host.d0)
  t.same(host.told(), [`get ${DST} INCOMPLETE probes 3`])
})
t.test('use of other states changes nothing', async (t) => {
  const host = new NeighbourHost()
  for (const state of [N.NUD_REACHABLE, N.NUD_PERMANENT, N.NUD_NOARP, N.NUD_PROBE]) {
    const n = host.known(`10.0.1.${state}`, state)
    t.notOk(neigh_event_send(n), `${state_name(state)}: the packet goes`)
    is(t, n, state)
  }
})

t.test('an answer makes INCOMPLETE reachable and lets go what waited', async (t) => {
  const host = new NeighbourHost()
  const waiting = dev_alloc_skb(host.d0, 100)
  skb_put(waiting, 100)
  waiting.network_header = waiting.data
  const n = neigh_resolve(host.tbl, ipv4(DST), host.d0, waiting) as neighbour
  host.after(500)
  const before = dev_get_stats(host.d0).tx_packets
  neigh_update(n, unhex(MAC), N.NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE, 0)
  t.same(host.told(), [`new ${DST} REACHABLE ${MAC} probes 4`])
  t.equal(n.arp_queue.length, 0)
  t.equal(dev_get_stats(host.d0).tx_packets, before + 1, 'it has gone')
  t.equal(timer_in(host, n), n.parms.reachable_time * 4)
})
t.test('another address: ignored, suspected or taken', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_REACHABLE)
  neigh_update(n, unhex(OTHER), N.NUD_STALE, 0, 0)
  is(t, n, N.NUD_REACHABLE)
  t.same(host.told(), [])
  neigh_update(n, unhex(OTHER), N.NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE, 0)
  t.same(host.told(), [`new ${DST} STALE ${MAC}`])
  neigh_update(n, unhex(OTHER), N.NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE, 0)
  t.same(host.told(), [], 'what is not connected is not suspected further')
  neigh_update(n, unhex(OTHER), N.NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0)
  t.same(host.told(), [`new ${DST} STALE ${OTHER}`])
})
t.test('the same address as STALE does not weaken what is known', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_REACHABLE)
  neigh_update(n, unhex(MAC), N.NUD_STALE, NEIGH_UPDATE_F_OVERRIDE, 0)
  is(t, n, N.NUD_REACHABLE)
})
t.test('the network does not change what an administrator set', async (t) => {
  const host = new NeighbourHost()
  host.add(DST, { lladdr: MAC })
  const n = host.entry(DST)
  t.equal(neigh_update(n, unhex(OTHER), N.NUD_REACHABLE, NEIGH_UPDATE_F_OVERRIDE, 0), EPERM)
  is(t, n, N.NUD_PERMANENT)
})
t.test('who asks us is known from then on', async (t) => {
  const host = new NeighbourHost()
  const n = neigh_event_ns(host.tbl, unhex(MAC), ipv4(DST), host.d0) as neighbour
  neigh_release(n)
  t.same(host.told(), [`new ${DST} STALE ${MAC}`])
})
t.test('a failed entry listens once more', async (t) => {
  const host = new NeighbourHost()
  const n = host.known(DST, N.NUD_STALE)
  neigh_update(n, undefined, N.NUD_FAILED, 0, 0)
  __neigh_set_probe_once(n)
  is(t, n, N.NUD_INCOMPLETE)
  host.after(1000)
  is(t, n, N.NUD_FAILED)
})

t.test('a request on the wire (RFC 826): to all, then to the one that is known', async (t) => {
  const { d0 } = new NeighbourHost()
  const asked = arp_create(d0, 0x0a000001, 0x0a000002)
  const own = Buffer.from(d0.dev_addr.subarray(0, 6)).toString('hex')
  const golden = (dest: string) => `${dest}${own}0806` + `0001080006040001${own}0a000001` + '0000000000000a000002'
  t.equal(asked && Buffer.from(skb_bytes(asked)).toString('hex'), golden('ffffffffffff'))
  const known = arp_create(d0, 0x0a000001, 0x0a000002, unhex(MAC))
  t.equal(known && Buffer.from(skb_bytes(known)).toString('hex'), golden(MAC))
})
t.test('each request is counted by the device', async (t) => {
  const host = new NeighbourHost()
  neigh_resolve(host.tbl, ipv4(DST), host.d0)
  host.after(5000)
  const stats = dev_get_stats(host.d0)
  t.same([stats.tx_packets, stats.tx_bytes], [3, 3 * 42])
})
