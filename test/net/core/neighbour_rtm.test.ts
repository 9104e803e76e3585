/** RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH and RTM_*NEIGHTBL as programs see them. */
import t from 'tap'
import { NSEC_PER_SEC } from '../../../src/kernel/time.ts'
import { eachAttr } from '../../../src/lib/attrs.ts'
import { get16, get32, get64, unhex } from '../../../src/lib/bytes.ts'
import { NTF_MANAGED } from '../../../src/net/core/neighbour.ts'
import { EEXIST, EINVAL, ENOENT } from '../../../src/uapi/errno.ts'
import * as N from '../../../src/uapi/linux/neighbour.ts'
import { RTM_GETNEIGH, RTM_GETNEIGHTBL, RTM_NEWNEIGH, RTM_SETNEIGHTBL } from '../../../src/uapi/linux/rtnetlink.ts'
import { AF_INET } from '../../../src/uapi/linux/socket.ts'
import { ipv4, MAC, NeighbourHost, neigh_body, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, OTHER } from './neighbourHost.ts'
import { concat, message, nla, parseAck } from './rtnetlink_client.ts'

const DST = '10.0.0.2'
const ok = { error: 0, msg: undefined, offset: undefined }
const u64 = (n: number) => concat(nla(0, n).subarray(4), nla(0, 0).subarray(4))

t.test('the bytes of a notification', async (t) => {
  const host = new NeighbourHost()
  host.add(DST, { lladdr: MAC, proto: 7 })
  const [m] = host.listener.receive()
  const golden = [
    // nlmsghdr: the requester's port, no sequence number
    '54000000 1c00 0000 00000000',
    // ndmsg: AF_INET, ifindex 3, PERMANENT, no flags, RTN_UNICAST
    '02000000 03000000 8000 00 01',
    '0800 0100 0a000002',
    '0a00 0200 020000000001 0000',
    '0800 0400 00000000',
    // confirmed, used, updated just now; one reference beside the table's
    '1400 0300 00000000 00000000 00000000 01000000',
    '0500 0c00 07 000000',
  ]
  const bytes = unhex(golden.join('').replaceAll(' ', ''))
  t.same(m.bytes.slice(0, 12), bytes.slice(0, 12))
  t.equal(m.pid, host.client.task.tgid)
  t.same(m.bytes.slice(16), bytes.slice(12))
})

t.test('create, exclusive, replace, change', async (t) => {
  const host = new NeighbourHost()
  t.equal(host.add(DST, { lladdr: MAC, nl: NLM_F_REPLACE }).error, -ENOENT.code, 'nothing to change')
  t.same(host.add(DST, { lladdr: MAC }), ok)
  t.equal(host.add(DST, { lladdr: OTHER }).error, -EEXIST.code)
  t.same(host.told(), [`new ${DST} PERMANENT ${MAC}`])
  t.same(host.add(DST, { lladdr: OTHER, nl: NLM_F_CREATE }), ok, 'without replace the address stays')
  t.same(host.told(), [])
  t.same(host.add(DST, { lladdr: OTHER, nl: NLM_F_CREATE | NLM_F_REPLACE }), ok)
  t.same(host.add(DST, { state: N.NUD_STALE, nl: NLM_F_REPLACE }), ok)
  t.same(host.told(), [`new ${DST} PERMANENT ${OTHER}`, `new ${DST} STALE ${OTHER}`])
  t.same(host.del(DST), ok)
  t.same(host.told(), [`new ${DST} FAILED`, `del ${DST} FAILED`])
  t.equal(host.del(DST).error, -ENOENT.code)
})

t.test('what is refused, and with which words', async (t) => {
  const host = new NeighbourHost()
  t.same(host.add(DST, {}), { ...ok, error: -EINVAL.code, msg: 'No link layer address given' })
  t.same(host.dump(), [`new ${DST} NONE`], 'the entry was made and stays')
  const cases: [Uint8Array, string, number][] = [
    [N.ndmsg.encode({ ndm_family: AF_INET, ndm_ifindex: 3 }), 'Network address not specified', 22],
    [neigh_body(new Uint8Array(2), {}), 'Invalid network address', 22],
    [neigh_body(ipv4(DST), { lladdr: '0200' }), 'Invalid link address', 22],
    [neigh_body(ipv4(DST), { index: 0 }), 'Device not specified', 22],
    [neigh_body(ipv4(DST), { flags: N.NTF_PROXY, ext: 1 }), 'Invalid NTF_* flag combination', 22],
    [neigh_body(ipv4('10.0.0.3'), { ext: 1 }), 'Invalid NTF_* flag for permanent entry', 22],
    [neigh_body(ipv4(DST), { ext: 2 }), 'reserved bit set', 22],
    [neigh_body(ipv4(DST), { index: 99 }), '', 19],
    [neigh_body(ipv4(DST), { family: 99 }), '', 97],
  ]
  for (const [body, msg, error] of cases) {
    const ack = host.client.ack(RTM_NEWNEIGH, NLM_F_CREATE, body)
    t.same([ack.error, ack.msg ?? ''], [-error, msg])
  }
  t.equal(host.get('10.0.0.99'), 'Neighbour entry not found')
  t.equal(host.get(DST, { flags: N.NTF_PROXY }), 'Proxy neighbour entry not found')
  t.equal(host.get(DST, { index: 0 }), 'No device specified')
  t.equal(host.get(DST, { state: 2 }), 'Invalid values in header for neighbor get request')
  t.equal(host.get(DST, { flags: N.NTF_USE }), 'Invalid flags in header for neighbor get request')
  t.equal(host.get(DST, { lladdr: MAC }), 'Unsupported attribute in neighbor get request')
})

t.test('strict dumps say what they do not take', async (t) => {
  const host = new NeighbourHost()
  const dump = (body: Uint8Array, client = host.strict) => {
    const [m] = client.request(RTM_GETNEIGH, NLM_F_DUMP | 1, body)
    return parseAck(m).msg
  }
  t.equal(dump(new Uint8Array(4)), 'Invalid header for neighbor dump request')
  t.equal(dump(N.ndmsg.encode({ ndm_state: 1 })), 'Invalid values in header for neighbor dump request')
  t.equal(dump(N.ndmsg.encode({ ndm_flags: N.NTF_USE })), 'Invalid flags in header for neighbor dump request')
  t.equal(dump(concat(N.ndmsg.encode({}), nla(N.NDA_DST, ipv4(DST)))), 'Unsupported attribute in neighbor dump request')
  t.equal(dump(N.ndmsg.encode({ ndm_state: 1 }), host.client), undefined, 'others get all')
})

t.test('dumps by device and master', async (t) => {
  const host = new NeighbourHost()
  host.add(DST, { lladdr: MAC })
  host.add('10.0.0.3', { lladdr: MAC, index: 2 })
  t.same(host.dump(), [`new ${DST} PERMANENT ${MAC}`, `new 10.0.0.3 PERMANENT ${MAC}`])
  t.same(host.dump({ index: 2 }), [`new 10.0.0.3 PERMANENT ${MAC}`])
  t.equal(host.dump_messages({ index: 2 })[0].flags, 0x22, 'NLM_F_DUMP_FILTERED')
  t.same(host.dump({ master: 3 }), [])
  t.equal(host.dump({ master: 0xffffffff }).length, 2, 'those without a master')
})

t.test('a table larger than a buffer comes whole', async (t) => {
  const host = new NeighbourHost()
  for (let i = 0; i < 600; i++) host.add(`10.1.${i >> 8}.${i & 255}`, { lladdr: MAC })
  t.equal(new Set(host.dump()).size, 600)
  t.ok(host.tbl.stats.hash_grows > 4)
})

t.test('proxy entries: on a device, on all; they are not told', async (t) => {
  const host = new NeighbourHost()
  t.same(host.add('10.0.0.50', { flags: N.NTF_PROXY, proto: 4 }), ok)
  t.same(host.add('10.0.0.51', { flags: N.NTF_PROXY, index: 0 }), ok)
  t.same(host.dump({ proxy: true }), ['new 10.0.0.50 NONE flags 8 proto 4', 'new 10.0.0.51 NONE flags 8'])
  t.equal(host.get('10.0.0.51', { flags: N.NTF_PROXY }), 'new 10.0.0.51 NONE flags 8', 'it counts for every device')
  t.same(host.dump(), [])
  t.equal(host.del('10.0.0.51', { flags: N.NTF_PROXY }).error, -ENOENT.code, 'but is deleted by its own')
  t.same(host.del('10.0.0.51', { flags: N.NTF_PROXY, index: 0 }), ok)
  host.set(3, 0, 1)
  t.same(host.dump({ proxy: true }), [], 'a device that goes down takes its entries')
  t.same(host.told(), [])
})

t.test('extern_learn, router, protocol', async (t) => {
  const host = new NeighbourHost()
  host.add(DST, { lladdr: MAC, flags: N.NTF_EXT_LEARNED | N.NTF_ROUTER, state: N.NUD_REACHABLE, proto: 9 })
  t.same(host.told(), [`new ${DST} REACHABLE flags ${N.NTF_EXT_LEARNED | N.NTF_ROUTER} ${MAC} proto 9`])
  t.equal(host.tbl.gc_entries, 0, 'others look after it')
  host.add(DST, { lladdr: MAC, state: N.NUD_REACHABLE, nl: NLM_F_REPLACE })
  t.same(host.told(), [`new ${DST} REACHABLE ${MAC} proto 9`], 'flags that are not repeated go')
  t.equal(host.tbl.gc_entries, 1)
})

t.test('use and managed: entries that resolve themselves', async (t) => {
  const host = new NeighbourHost()
  t.same(host.add(DST, { lladdr: MAC, flags: N.NTF_USE }), ok)
  t.same(host.dump(), [`new ${DST} INCOMPLETE probes 4`], 'the address is not taken')
  t.same(host.add('10.0.0.3', { ext: N.NTF_EXT_MANAGED, state: 0 }), ok)
  host.after(3000)
  t.same(host.told(), [`new ${DST} FAILED probes 6`, 'new 10.0.0.3 FAILED probes 6 ext 1'])
  host.after(60_100)
  const told = host.told()
  t.equal(told.length, 12, 'every five seconds')
  t.ok(told.every((line) => line === 'new 10.0.0.3 FAILED probes 6 ext 1'))
  t.ok(host.entry('10.0.0.3').flags & NTF_MANAGED)
  host.add('10.0.0.3', { lladdr: MAC, nl: NLM_F_REPLACE })
  t.same(host.told(), [`new 10.0.0.3 PERMANENT ${MAC} probes 6`])
})

/** NDTPA_* or NDTA_* by number, 4 or 8 bytes as a number. */
function numbers(b: Uint8Array, start: number, end: number): Map<number, number> {
  const out = new Map<number, number>()
  eachAttr(b, start, end, (nr, o) => {
    const n = get16(b, o) - 4
    if (n === 4) out.set(nr, get32(b, o + 4))
    else if (n === 8) out.set(nr, get64(b, o + 4))
    else out.set(nr, o)
  })
  return out
}

t.test('ip ntable: tables, devices, and what can be set', async (t) => {
  const host = new NeighbourHost()
  const dump = () => host.strict.request(RTM_GETNEIGHTBL, NLM_F_DUMP | 1, N.ndtmsg.encode({})).filter((m) => m.type !== 3)
  t.equal(dump().length, 1 + host.kernel.init_net.dev_base_head.length)
  const table = dump()[0].bytes
  const attrs = numbers(table, 20, table.length)
  t.same(
    [N.NDTA_THRESH1, N.NDTA_THRESH2, N.NDTA_THRESH3, N.NDTA_GC_INTERVAL].map((a) => attrs.get(a.nr)),
    [128, 512, 1024, 30000],
  )
  const config = N.ndt_config.get(table, (attrs.get(N.NDTA_CONFIG.nr) as number) + 4)
  t.match(config, { ndtc_key_len: 4, ndtc_entry_size: 408, ndtc_entries: 0, ndtc_hash_mask: 7 })
  const set = (...parts: Uint8Array[]) =>
    host.client.ack(RTM_SETNEIGHTBL, 0x500, concat(N.ndtmsg.encode({ ndtm_family: AF_INET }), nla(N.NDTA_NAME, 'arp_cache'), ...parts))
  const parms = (index: number, ...parts: Uint8Array[]) => nla(N.NDTA_PARMS, nla(N.NDTPA_IFINDEX, index), ...parts)
  t.same(set(parms(3, nla(N.NDTPA_BASE_REACHABLE_TIME, u64(60000)), nla(N.NDTPA_QUEUE_LEN, 7))), ok)
  t.same(set(nla(N.NDTA_THRESH1, 3)), ok)
  t.equal(set(parms(77)).error, -ENOENT.code)
  const d0 = dump()[1].bytes
  const nest = numbers(d0, 20, d0.length).get(N.NDTA_PARMS.nr) as number
  const shown = numbers(d0, nest + 4, nest + get16(d0, nest))
  t.same(
    [N.NDTPA_IFINDEX, N.NDTPA_BASE_REACHABLE_TIME, N.NDTPA_QUEUE_LEN, N.NDTPA_QUEUE_LENBYTES].map((a) => shown.get(a.nr)),
    [3, 60000, 7, 7 * 2090],
  )
  const reachable = shown.get(N.NDTPA_REACHABLE_TIME.nr) as number
  t.ok(reachable >= 30000 && reachable < 90000)
  t.equal(host.tbl.gc_thresh1, 3)
  const [m] = host.strict.request(RTM_GETNEIGHTBL, NLM_F_DUMP | 1, concat(N.ndtmsg.encode({}), nla(1, 1)))
  t.equal(parseAck(m).msg, 'Invalid data after header in neighbor table dump request')
})

t.test('limits: a full table makes room or refuses', async (t) => {
  const host = new NeighbourHost()
  host.tbl.gc_thresh1 = 2
  host.tbl.gc_thresh2 = 4
  host.tbl.gc_thresh3 = 6
  const stale = (i: number) => host.add(`10.0.2.${i}`, { lladdr: MAC, state: N.NUD_STALE }).error
  for (let i = 1; i <= 6; i++) t.equal(stale(i), 0)
  t.equal(stale(7), -105, 'ENOBUFS: all are fresh')
  t.equal(host.add('10.0.2.8', { lladdr: MAC }).error, 0, 'permanent ones do not count')
  t.equal(host.tbl.stats.table_fulls, 1)
  t.match(host.kernel.log.records.at(-1)?.text, 'neighbour: arp_cache: neighbor table overflow!')
  host.told()
  host.after(6000)
  t.equal(stale(9), 0)
  t.same(
    host.told().filter((line) => line.startsWith('del')),
    [1, 2, 3].map((i) => `del 10.0.2.${i} STALE ${MAC}`),
    'the oldest went, down to the second threshold',
  )
})

t.test('age: above the first threshold what nobody used for a minute goes', async (t) => {
  const host = new NeighbourHost()
  host.add(DST, { lladdr: MAC, state: N.NUD_STALE })
  host.add('10.0.0.3', { lladdr: MAC })
  host.after(300_000)
  t.equal(host.dump().length, 2)
  host.tbl.gc_thresh1 = 1
  host.after(15_000)
  t.same(host.dump(), [`new 10.0.0.3 PERMANENT ${MAC}`])
  t.ok(host.tbl.stats.periodic_gc_runs > 15)
})
t.test('no timer runs for empty tables', async (t) => {
  const host = new NeighbourHost()
  t.equal(host.tbl.gc_timer.slot, -1)
  host.after(1000 * 1000)
  t.equal(host.kernel.now(), 1000 * NSEC_PER_SEC)
  host.client.request(RTM_GETNEIGHTBL, NLM_F_DUMP | 1, N.ndtmsg.encode({}))
  t.ok(host.tbl.stats.periodic_gc_runs > 60, 'its runs are counted all the same')
})

t.test('ages and references in a dump', async (t) => {
  const host = new NeighbourHost()
  host.add(DST, { lladdr: MAC, state: N.NUD_STALE })
  host.after(2500)
  const [m] = host.dump_messages()
  const at = numbers(m.bytes, 28, m.bytes.length).get(N.NDA_CACHEINFO.nr) as number
  t.same(N.nda_cacheinfo.get(m.bytes, at + 4), { ndm_confirmed: 6250, ndm_used: 250, ndm_updated: 250, ndm_refcnt: 0 })
  t.equal(message(RTM_NEWNEIGH, 0, 0, neigh_body(ipv4(DST), {})).length, 36)
  t.equal(NLM_F_EXCL, 0x200)
})
