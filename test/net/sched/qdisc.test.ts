import t from 'tap'
import { dev_cpu_dead } from '../../../src/net/core/dev.ts'
import { softnet_data } from '../../../src/net/core/dev_softnet.ts'
import { alloc_skb, skb_put } from '../../../src/net/core/skbuff.ts'
import { qdisc_create_dflt } from '../../../src/net/sched/sch_generic.ts'
import { noop_qdisc_ops } from '../../../src/net/sched/sch_noop.ts'
import { pfifo_fast_ops } from '../../../src/net/sched/sch_pfifo_fast.ts'
import { Devices } from '../core/deviceHarness.ts'

function bytes(n: number) {
  const skb = alloc_skb(n)
  skb_put(skb, n)
  return skb
}

t.test('a queue keeps order, counts, and drops beyond the device\u2019s queue length', async (t) => {
  const dev = new Devices().add('d0')
  dev.tx_queue_len = 2
  const sch = qdisc_create_dflt(dev, pfifo_fast_ops, 0)
  if (sch === undefined) throw new Error('no queue')
  const results = [10, 20, 30].map((n) => sch.ops.enqueue?.(bytes(n), sch))
  t.same(results, [0, 0, 1])
  t.same([sch.qstats.qlen, sch.qstats.backlog, sch.qstats.drops], [2, 30, 1])
  t.equal(sch.ops.dequeue?.(sch)?.len, 10)
  t.same([sch.qstats.backlog, sch.bstats.packets, sch.bstats.bytes], [20, 1, 10])
  sch.ops.reset?.(sch)
  t.same([sch.ops.dequeue?.(sch), sch.qstats.qlen, sch.qstats.backlog], [undefined, 0, 0])
  t.equal(noop_qdisc_ops.enqueue?.(bytes(1), sch), 2, 'a device that is down drops')
})

t.test('what a CPU that goes offline held goes to a living one', async (t) => {
  const { kernel } = new Devices()
  kernel.netdev.softnet.push(new softnet_data(1))
  const [first, second] = kernel.netdev.softnet
  second.process_queue.push(bytes(1))
  second.input_pkt_queue.push(bytes(2))
  second.completion_queue.push(bytes(3))
  dev_cpu_dead(kernel, 1)
  t.same(
    first.input_pkt_queue.map((skb) => skb.len),
    [1, 2],
    'in order',
  )
  t.equal(first.completion_queue.length, 1)
  t.equal(second.input_pkt_queue.length, 0)
  t.equal(second.online, false)
})
