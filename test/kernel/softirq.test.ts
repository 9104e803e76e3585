import t from 'tap'
import { Kernel } from '../../src/kernel/kernel.ts'
import { local_bh_disable, local_bh_enable, NET_RX_SOFTIRQ, NET_TX_SOFTIRQ, open_softirq, raise_softirq } from '../../src/kernel/softirq.ts'
import { EventQueue, mod_timer, NSEC_PER_JIFFY, timer_list } from '../../src/kernel/time.ts'
import { delayed_work, schedule_work } from '../../src/kernel/workqueue.ts'

function kernelWithLog() {
  const kernel = new Kernel(new EventQueue(), 1)
  const log: string[] = []
  open_softirq(kernel, NET_RX_SOFTIRQ, () => log.push(`rx at ${kernel.now()}`))
  open_softirq(kernel, NET_TX_SOFTIRQ, () => log.push(`tx at ${kernel.now()}`))
  return { kernel, log }
}

t.test('in a request, bottom halves off: at the outermost enable, lowest number first', async (t) => {
  const { kernel, log } = kernelWithLog()
  local_bh_disable(kernel)
  local_bh_disable(kernel)
  raise_softirq(kernel, NET_RX_SOFTIRQ)
  raise_softirq(kernel, NET_TX_SOFTIRQ)
  local_bh_enable(kernel)
  t.same(log, [])
  local_bh_enable(kernel)
  t.same(log, ['tx at 0', 'rx at 0'])
})

t.test('in a request, bottom halves on: at its end', async (t) => {
  const { kernel, log } = kernelWithLog()
  raise_softirq(kernel, NET_RX_SOFTIRQ)
  t.same(log, [])
  kernel.events.runDue()
  t.same(log, ['rx at 0'])
})

t.test('in a timer: when its function has returned; in work: at the enable', async (t) => {
  const { kernel, log } = kernelWithLog()
  const event = (name: string) => () => {
    local_bh_disable(kernel)
    raise_softirq(kernel, NET_RX_SOFTIRQ)
    local_bh_enable(kernel)
    log.push(`end of ${name}`)
  }
  mod_timer(new timer_list(kernel.events, event('timer'), kernel), 10)
  kernel.events.runUntil(20)
  schedule_work(new delayed_work(kernel.events, event('work'), kernel))
  kernel.events.runUntil(30)
  t.same(log, ['end of timer', 'rx at 10', 'rx at 20', 'end of work'])
})

t.test('in a softirq: in the next round, never inside; the tenth round leaves the rest to a later jiffy', async (t) => {
  const kernel = new Kernel(new EventQueue(), 1)
  let depth = 0
  let runs = 0
  open_softirq(kernel, NET_RX_SOFTIRQ, () => {
    t.equal(depth++, 0, 'not inside itself')
    runs++
    local_bh_disable(kernel)
    raise_softirq(kernel, NET_RX_SOFTIRQ)
    local_bh_enable(kernel)
    depth--
  })
  raise_softirq(kernel, NET_RX_SOFTIRQ)
  kernel.events.runDue()
  t.equal(runs, 10, 'a storm ends')
  kernel.events.runUntil(NSEC_PER_JIFFY - 1)
  t.equal(runs, 10)
  kernel.events.runUntil(NSEC_PER_JIFFY)
  t.equal(runs, 20, 'and goes on a jiffy later')
})
