/** Filters that compare words and marks, or nothing, on a hierarchy of classes; actions that change packets. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import type { Host } from '../../../src/lab/host.ts'
import type { Qdisc } from '../../../src/net/sched/qdisc.ts'
import { packet } from './tcHost.ts'

type runs = (command: string) => Promise<string>
async function host(): Promise<{ run: runs; q: Qdisc; lab: Host['lab'] }> {
  const h = createHost({ devices: [] })
  const run = (command: string) => h.run('sh', ['-c', `${command} 2>&1`]).then(({ stdout }) => stdout)
  await run('ip link add d0 numtxqueues 1 type dummy; ip link set d0 up; tc qdisc add dev d0 root handle 1: htb default 2')
  for (const id of [1, 2]) await run(`tc class add dev d0 parent 1: classid 1:${id} htb rate 1mbit`)
  return { run, q: h.kernel.init_net.dev_name_head.get('d0')?.qdisc as Qdisc, lab: h.lab }
}
/** An IPv4 packet to 10.0.0.`last`; the qdisc's children by what they hold then. */
function send(q: Qdisc, last: number, mark = 0): void {
  const skb = packet(60)
  skb.protocol = 0x0800
  skb.network_header = skb.data
  skb.buf.set([0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 10, 0, 0, last], skb.data)
  skb.mark = mark
  q.ops.enqueue?.(skb, q)
}
function held(q: Qdisc): number[] {
  const { cl_ops } = q.ops
  return (cl_ops?.walk(q) ?? []).sort().map((cl) => cl_ops?.leaf(q, cl)?.qstats.qlen ?? 0)
}

t.test('u32: the word that is asked for, and no other', async (t) => {
  const { run, q } = await host()
  t.equal(await run('tc filter add dev d0 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.7/32 classid 1:1'), '')
  for (const last of [7, 8, 7]) send(q, last)
  t.same(held(q), [2, 1])
  t.match(await run('tc -s filter show dev d0'), /rule hit 3 success 2/)
  t.match(await run('tc class del dev d0 classid 1:1'), /HTB class in use/)
})
t.test('u32: tables that a filter leads to', async (t) => {
  const { run, q } = await host()
  const add = 'tc filter add dev d0 parent 1: protocol ip prio 1'
  t.equal(await run(`${add} handle 1: u32 divisor 4`), '')
  t.equal(await run(`${add} u32 ht 1:3: match u8 0 0 classid 1:1`), '')
  t.equal(await run(`${add} u32 match u8 0 0 link 1: hashkey mask 0x3 at 16`), '')
  for (const last of [3, 4, 7]) send(q, last)
  t.same(held(q), [2, 1], 'the two lowest bits choose the list')
  t.match(await run('tc filter del dev d0 parent 1: protocol ip prio 1 handle 1: u32'), /Can not delete in-use filter/)
})
t.test('fw: the mark', async (t) => {
  const { run, q } = await host()
  t.equal(await run('tc filter add dev d0 parent 1: protocol all prio 1 handle 6 fw classid 1:1'), '')
  send(q, 1, 6)
  send(q, 1, 5)
  t.same(held(q), [1, 1])
})
t.test('actions: what a packet is when they are done with it', async (t) => {
  const { run, q } = await host()
  const filter = 'tc filter add dev d0 parent 1: protocol ip prio 1 u32 match u8 0 0 classid 1:1'
  t.equal(await run(`${filter} action skbedit mark 9 pipe action pedit ex munge ip ttl set 3 pipe action csum ip4h`), '')
  send(q, 1)
  const skb = q.ops.dequeue?.(q)
  t.equal(skb?.mark, 9)
  const ip = skb?.buf.subarray(skb.network_header, skb.network_header + 20) as Uint8Array
  t.equal(ip[8], 3)
  let sum = 0
  for (let i = 0; i < 20; i += 2) sum += (ip[i] << 8) | ip[i + 1]
  t.equal((sum & 0xffff) + (sum >> 16), 0xffff, 'a header whose checksum is right')
})
t.test('police: a rate, and what is above it', async (t) => {
  const { run, q } = await host()
  const filter = 'tc filter add dev d0 parent 1: protocol ip prio 1 u32 match u8 0 0 classid 1:1'
  t.equal(await run(`${filter} action police rate 8kbit burst 100 conform-exceed drop/pass`), '')
  for (let i = 0; i < 4; i++) send(q, 1)
  t.same(held(q), [1, 0], 'one of 60 bytes fits into 100')
  t.match(await run('tc -s actions ls action police'), /dropped 3, overlimits 3/)
})
t.test('netem: a delay by the clock, and chance that is the same for the same seed', async (t) => {
  const h = createHost({ devices: [], seed: 7 })
  const run = (command: string) => h.run('sh', ['-c', `${command} 2>&1`]).then(({ stdout }) => stdout)
  await run('ip link add d0 type dummy; ip link set d0 up; tc qdisc add dev d0 root netem delay 10ms loss 50%')
  const q = h.kernel.init_net.dev_name_head.get('d0')?.qdisc as Qdisc
  for (let i = 0; i < 100; i++) send(q, 1)
  const { qlen, drops } = q.qstats
  t.equal(qlen + drops, 100)
  t.ok(drops > 30 && drops < 70)
  t.equal(q.ops.dequeue?.(q), undefined, 'not yet')
  h.lab.advance(11e6)
  t.equal(q.qstats.qlen, 0)
  t.equal(q.bstats.packets, qlen)
})
t.test('sfq and fq: flows take turns; a flow of fq keeps to its rate', async (t) => {
  for (const kind of ['sfq', 'fq maxrate 8kbit quantum 256 initial_quantum 256']) {
    const h = createHost({ devices: [] })
    await h.run('sh', ['-c', `ip link add d0 type dummy; ip link set d0 up; tc qdisc add dev d0 root ${kind}`])
    const q = h.kernel.init_net.dev_name_head.get('d0')?.qdisc as Qdisc
    for (let i = 0; i < 60; i++) send(q, 1)
    send(q, 2)
    let before = 0
    for (let skb = q.ops.dequeue?.(q); skb !== undefined && skb.buf[skb.network_header + 19] === 1; skb = q.ops.dequeue?.(q)) before++
    t.ok(before < 50, `${kind}: the second flow does not wait for all of the first`)
    if (!kind.startsWith('fq')) continue
    t.ok(q.qstats.qlen > 0, 'the rest waits for its time')
    h.lab.advance(10e9)
    t.equal(q.qstats.qlen, 0)
  }
})

t.test('basic: every packet, the newest filter first', async (t) => {
  const { run, q } = await host()
  const add = (handle: number, minor: number) =>
    run(`tc filter add dev d0 parent 1: protocol ip pref 1 handle ${handle} basic classid 1:${minor}`)
  t.equal(await add(1, 2), '')
  send(q, 1)
  t.same(held(q), [0, 1])
  t.equal(await add(2, 1), '')
  send(q, 1)
  t.same(held(q), [1, 1])
  t.match(
    await run("tc filter add dev d0 parent 1: protocol ip pref 1 basic match 'u32(u32 0 0 at 0)' classid 1:1"),
    /No such file or directory/,
  )
})
