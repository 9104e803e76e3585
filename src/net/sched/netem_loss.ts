/**
 * net/sched/sch_netem.c loss_4state(), loss_gilb_ell(): packets that are lost in bursts. One draw moves the state, the
 * chance of each move being one of the model's values (of 2^32).
 *
 *   GI, state     | moves to                                             | and the packet
 *   gap           | isolated loss by p14, burst of losses by p13         | is lost when it leaves the gap
 *   burst, sent   | burst of losses by p23                               | is lost then
 *   burst of losses | burst, sent, by p32; gap by p31                    | is lost when it stays
 *   isolated loss | gap                                                  | is sent
 *
 *   GE, state     | is left by | and the packet is lost by
 *   good          | p          | k1
 *   bad           | r          | all but h
 */
import type { Kernel } from '../../kernel/kernel.ts'
import { KERN_INFO } from '../../kernel/printk.ts'
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, get32 } from '../../lib/bytes.ts'
import type { RandomStream } from '../../lib/random.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import * as P from '../../uapi/linux/pkt_sched_kinds.ts'

const GAP = 1
const BURST = 2
const LOST_IN_GAP = 3
const LOST_IN_BURST = 4
const GOOD = 1
const BAD = 2

/** State: the values in the order of struct tc_netem_gimodel or tc_netem_gemodel. */
export interface netem_loss {
  kind: number
  values: number[]
  state: number
}
/** get_loss_clg(): TCA_NETEM_LOSS. */
export function parse_loss(kernel: Kernel, bytes: Uint8Array): netem_loss | Errno | undefined {
  let found: netem_loss | Errno | undefined
  eachAttr(bytes, 0, bytes.length, (kind, at) => {
    if (found === EINVAL) return
    const layout = kind === P.NETEM_LOSS_GI ? P.tc_netem_gimodel : kind === P.NETEM_LOSS_GE ? P.tc_netem_gemodel : undefined
    const short = layout !== undefined && get16(bytes, at) - NLA_HDRLEN < layout.size
    if (layout === undefined || short) {
      const what = layout === undefined ? `unknown loss type ${kind}` : `incorrect ${kind === P.NETEM_LOSS_GI ? 'gi' : 'ge'} model size`
      kernel.printk(KERN_INFO, `netem: ${what}`)
      found = EINVAL
      return
    }
    const values = Array.from({ length: layout.size / 4 }, (_, i) => get32(bytes, at + NLA_HDRLEN + i * 4))
    found = { kind, values, state: kind === P.NETEM_LOSS_GI ? GAP : GOOD }
  })
  return found
}
/** loss_event() with CLG_RANDOM */
export function random_loss(random: RandomStream, loss: number, cor: { last: number; rho: number }): boolean {
  if (loss === 0) return false
  const value = random.u32()
  if (cor.rho === 0) return loss >= value
  cor.last = Math.floor((value * (2 ** 32 - cor.rho - 1) + cor.last * (cor.rho + 1)) / 2 ** 32)
  return loss >= cor.last
}
export function loss_event(random: RandomStream, model: netem_loss): boolean {
  return model.kind === P.NETEM_LOSS_GI ? loss_4state(random.u32(), model) : loss_gilb_ell(random, model)
}
function loss_4state(draw: number, model: netem_loss): boolean {
  const [p13, p31, p32, p14, p23] = model.values
  switch (model.state) {
    case GAP:
      if (draw < p14) model.state = LOST_IN_GAP
      else if (draw < p13 + p14) model.state = LOST_IN_BURST
      return model.state !== GAP
    case BURST:
      if (draw >= p23) return false
      model.state = LOST_IN_BURST
      return true
    case LOST_IN_BURST:
      if (draw < p32) model.state = BURST
      else if (draw < p32 + p31) model.state = GAP
      return model.state === LOST_IN_BURST
  }
  model.state = GAP
  return false
}
function loss_gilb_ell(random: RandomStream, model: netem_loss): boolean {
  const [p, r, h, k1] = model.values
  if (model.state === GOOD) {
    if (random.u32() < p) model.state = BAD
    return random.u32() < k1
  }
  if (random.u32() < r) model.state = GOOD
  return random.u32() > h
}
