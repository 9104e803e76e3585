import t from 'tap'
import { mod_timer, NSEC_PER_SEC, type timer_function, timer_list } from '../../src/kernel/time.ts'
import { Lab } from '../../src/lab/lab.ts'

const note: timer_function = (data: string[], timer) => data.push(`${timer.expires}`)

t.test('virtual time stands still until it is stepped, and each event runs at its own time', async (t) => {
  const lab = new Lab()
  const ran: string[] = []
  const seen: timer_function = () => ran.push(`at ${lab.events.now}`)
  for (const at of [3000, 1000, 2000]) mod_timer(new timer_list(lab.events, seen, undefined), at)
  lab.advance(999)
  t.same(ran, [])
  lab.advance(1001)
  t.same(ran, ['at 1000', 'at 2000'])
  t.equal(lab.events.now, 2000)
  lab.sync()
  t.equal(lab.events.now, 2000, 'sync() does not move virtual time')
})

t.test('runUntilIdle goes from event to event, and gives up on timers that re-arm for ever', async (t) => {
  const lab = new Lab()
  const ran: string[] = []
  mod_timer(new timer_list(lab.events, note, ran), 5 * NSEC_PER_SEC)
  t.equal(lab.runUntilIdle(), true)
  t.same(ran, [`${5 * NSEC_PER_SEC}`])
  t.equal(lab.events.now, 5 * NSEC_PER_SEC)
  const again: timer_function = (_, timer) => mod_timer(timer, lab.events.now + NSEC_PER_SEC)
  mod_timer(new timer_list(lab.events, again, undefined), lab.events.now)
  t.equal(lab.runUntilIdle(10 * NSEC_PER_SEC), false)
  t.ok(lab.events.now <= 15 * NSEC_PER_SEC)
})

t.test('watchdogs do not keep a lab busy: each looks once more, and it is idle', async (t) => {
  const lab = new Lab()
  const looked: number[] = []
  const watch: timer_function = (id, timer) => {
    looked.push(id)
    mod_timer(timer, lab.events.now + NSEC_PER_SEC)
    // what it finds is an event as any other: all look again after it
    if (looked.length === 2) mod_timer(new timer_list(lab.events, note, []), lab.events.now + 100)
  }
  for (const id of [1, 2]) {
    const timer = new timer_list(lab.events, watch, id)
    timer.periodic = true
    mod_timer(timer, lab.events.now + id)
  }
  t.equal(lab.runUntilIdle(), true)
  t.same(looked, [1, 2, 1, 2])
  t.ok(lab.events.now < 2 * NSEC_PER_SEC)
})

t.test('a lab in real or scaled time follows the clock it is given', async (t) => {
  for (const [time, factor] of [
    ['real', 1],
    [{ scale: 10 }, 10],
  ] as const) {
    const lab = new Lab({ time })
    let wall = 500
    const ran: string[] = []
    mod_timer(new timer_list(lab.events, note, ran), 100 * factor)
    lab.follow(() => wall)
    lab.sync()
    t.equal(lab.events.now, 0)
    wall += 99
    lab.sync()
    t.same(ran, [])
    wall += 1
    lab.sync()
    t.equal(lab.events.now, 100 * factor)
    t.equal(ran.length, 1)
    t.throws(() => lab.advance(1), /follows a clock/)
  }
})

t.test('a step backwards, a fraction or a factor of 0 is refused', async (t) => {
  const lab = new Lab()
  t.throws(() => lab.advance(-1), RangeError)
  t.throws(() => lab.advance(0.5), RangeError)
  t.throws(() => new Lab({ time: { scale: 0 } }), RangeError)
  t.throws(() => lab.follow(() => 0), /virtual time/)
})
