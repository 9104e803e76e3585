/**
 * net/802/mrp.c: the Multiple Registration Protocol (IEEE 802.1Q-2011, clause 10), its applicant only. Columns: New, Join and
 * Lv asked for here; time to send; New, JoinIn, In, JoinMt, Mt, Lv and LeaveAll heard; ReDeclare; the period is over. To send
 * in VN and AN says New, in VP, AA and AP JoinIn, in LA Lv (and the attribute is forgotten), else nothing.
 *
 *        | New | Join | Lv | send | rNew | rJoinIn | rIn | rJoinMt | rMt | rLv | rLA | ReDeclare | period
 *     VO | VN  | VP   | VO | VO   | VO   | AO      | VO  | VO      | VO  | VO  | VO  | VO        | VO
 *     VP | VN  | VP   | VO | AA   | VP   | AP      | VP  | VP      | VP  | VP  | VP  | VP        | VP
 *     VN | VN  | VN   | LA | AN   | VN   | VN      | VN  | VN      | VN  | VN  | VN  | VN        | VN
 *     AN | AN  | AN   | LA | QA   | AN   | AN      | AN  | AN      | AN  | VN  | VN  | VN        | AN
 *     AA | VN  | AA   | LA | QA   | AA   | QA      | AA  | AA      | AA  | VP  | VP  | VP        | AA
 *     QA | VN  | QA   | LA | QA   | QA   | QA      | QA  | AA      | AA  | VP  | VP  | VP        | AA
 *     LA | VN  | AA   | LA | VO   | LA   | LA      | LA  | LA      | LA  | LA  | LA  | LA        | LA
 *     AO | VN  | AP   | AO | AO   | AO   | QO      | AO  | AO      | AO  | VO  | VO  | VO        | AO
 *     QO | VN  | QP   | QO | QO   | QO   | QO      | QO  | AO      | AO  | VO  | VO  | VO        | QO
 *     AP | VN  | AP   | AO | QA   | AP   | QP      | AP  | AP      | AP  | VP  | VP  | VP        | AP
 *     QP | VN  | QP   | QO | QP   | QP   | QP      | QP  | AP      | AP  | VP  | VP  | VP        | AP
 *
 * DIVERGES: the timers sleep while nothing is declared; Linux's run on, unseen.
 */
import { mod_timer, NSEC_PER_JIFFY, NSEC_PER_SEC, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import { getBe16 } from '../../lib/bytes.ts'
import type { net_device } from '../core/netdevice.ts'
import { type applicant_attr, applicant_pdu, applicant_xmit, attr_create, attr_destroy, attr_lookup } from './applicant.ts'

export type mrp_state = 'VO' | 'VP' | 'VN' | 'AN' | 'AA' | 'QA' | 'LA' | 'AO' | 'QO' | 'AP' | 'QP'
const EVENTS = [
  ...(['NEW', 'JOIN', 'LV', 'TX', 'R_NEW', 'R_JOIN_IN', 'R_IN', 'R_JOIN_MT', 'R_MT', 'R_LV', 'R_LA', 'REDECLARE', 'PERIODIC'] as const),
]
export type mrp_event = (typeof EVENTS)[number]
/** mrp_applicant_state_table */
export const mrp_applicant_state_table: Readonly<Record<mrp_state, string>> = {
  VO: 'VN VP VO VO VO AO VO VO VO VO VO VO VO',
  VP: 'VN VP VO AA VP AP VP VP VP VP VP VP VP',
  VN: 'VN VN LA AN VN VN VN VN VN VN VN VN VN',
  AN: 'AN AN LA QA AN AN AN AN AN VN VN VN AN',
  AA: 'VN AA LA QA AA QA AA AA AA VP VP VP AA',
  QA: 'VN QA LA QA QA QA QA AA AA VP VP VP AA',
  LA: 'VN AA LA VO LA LA LA LA LA LA LA LA LA',
  AO: 'VN AP AO AO AO QO AO AO AO VO VO VO AO',
  QO: 'VN QP QO QO QO QO QO AO AO VO VO VO QO',
  AP: 'VN AP AO QA AP QP AP AP AP VP VP VP AP',
  QP: 'VN QP QO QP QP QP QP AP AP VP VP VP AP',
}
/** enum mrp_vecattr_event, in the order of its numbers; three to a byte of a vector. */
const VECATTR_EVENTS: readonly mrp_event[] = ['R_NEW', 'R_JOIN_IN', 'R_IN', 'R_JOIN_MT', 'R_MT', 'R_LV']
const BASE = VECATTR_EVENTS.length
const SAYS: Partial<Record<mrp_state, number>> = { VN: 0, AN: 0, VP: 1, AA: 1, AP: 1, LA: 5 }

/** mrp_join_time, in jiffies: 200 ms; and mrp_periodic_time. */
const JOIN_TIME = 50
const PERIODIC_TIME = NSEC_PER_SEC
const VECATTR_LEN_MASK = 0x1fff
const VECATTR_FLAG_LA = 0x2000

/** struct mrp_application: constants of protocols upon this one. */
export interface mrp_application {
  readonly name: string
  readonly type: number
  readonly group_address: Uint8Array
  readonly version: number
  readonly maxattr: number
}
/** struct mrp_applicant: an application on a device. */
export class mrp_applicant {
  readonly dev: net_device
  readonly app: mrp_application
  /** In order. */
  mad: applicant_attr<mrp_state>[] = []
  pdu: applicant_pdu | undefined = undefined
  /** Of the message that is being filled: its type and values' length; 0: none. */
  mh_type = 0
  mh_len = 0
  /** Where the vector's length stands; 0: none; and the value that would go on with it. */
  vah = 0
  next_value: Uint8Array = new Uint8Array(0)
  queue: applicant_pdu[] = []
  readonly join_timer: timer_list
  readonly periodic_timer: timer_list
  constructor(dev: net_device, app: mrp_application) {
    this.dev = dev
    this.app = app
    this.join_timer = new timer_list(dev.nd_net.kernel.events, mrp_join_timer, this)
    this.periodic_timer = new timer_list(dev.nd_net.kernel.events, mrp_periodic_timer, this)
  }
}

/** mrp_attrvalue_inc() */
function value_inc(value: Uint8Array): Uint8Array {
  const next = value.slice()
  for (let i = next.length - 1; i >= 0 && ++next[i] === 0; i--);
  return next
}
/** mrp_pdu_queue(): the frame is complete. */
function pdu_queue(app: mrp_applicant): void {
  if (app.pdu === undefined) return
  if (app.mh_type !== 0) app.pdu.bytes.push(0, 0)
  app.pdu.bytes.push(0, 0)
  app.queue.push(app.pdu)
  app.pdu = undefined
}
function pdu_init(app: mrp_applicant): applicant_pdu {
  const pdu = new applicant_pdu(app.dev, 4)
  pdu.append(app.app.version)
  app.mh_type = app.mh_len = app.vah = 0
  app.pdu = pdu
  return pdu
}
/** mrp_pdu_append_vecattr_event(): into the vector, where the value goes on with it, or a new one; 4 bytes stay for end marks. */
function append_event(app: mrp_applicant, { type, value }: applicant_attr<mrp_state>, event: number): void {
  let pdu = app.pdu ?? pdu_init(app)
  if (pdu.bytes.length + 7 + value.length > pdu.room) {
    pdu_queue(app)
    pdu = pdu_init(app)
  }
  const { bytes } = pdu
  if (app.mh_type !== type || app.mh_len !== value.length) {
    if (app.mh_type !== 0) bytes.push(0, 0)
    bytes.push(type, value.length)
    app.mh_type = type
    app.mh_len = value.length
    app.vah = 0
  }
  if (app.vah === 0 || !value.every((byte, i) => byte === app.next_value[i])) {
    app.vah = bytes.length
    bytes.push(0, 0, ...value)
  }
  const length = (bytes[app.vah] << 8) | bytes[app.vah + 1]
  const pos = length % 3
  if (pos === 0) bytes.push(event * BASE * BASE)
  else bytes[bytes.length - 1] += pos === 1 ? event * BASE : event
  bytes[app.vah] = (length + 1) >> 8
  bytes[app.vah + 1] = (length + 1) & 255
  app.next_value = value_inc(value)
}
/** mrp_queue_xmit() */
function queue_xmit({ dev, app, queue }: mrp_applicant): void {
  for (const { bytes } of queue.splice(0)) applicant_xmit(dev, app.group_address, app.type, app.type, bytes)
}

export function mrp_attr_event(app: mrp_applicant, attr: applicant_attr<mrp_state>, event: mrp_event): void {
  const said = event === 'TX' ? SAYS[attr.state] : undefined
  if (said !== undefined) append_event(app, attr, said)
  const leaves = event === 'TX' && attr.state === 'LA'
  attr.state = mrp_applicant_state_table[attr.state].split(' ')[EVENTS.indexOf(event)] as mrp_state
  if (leaves) attr_destroy(app.mad, attr)
}
function mad_event(app: mrp_applicant, event: mrp_event): void {
  for (const attr of [...app.mad]) mrp_attr_event(app, attr, event)
}
/** mrp_join_timer_arm(), mrp_periodic_timer_arm() */
function timers_arm(app: mrp_applicant): void {
  if (app.mad.length === 0) return
  const { events, random } = app.dev.nd_net.kernel
  const restless = app.mad.some(({ state }) => SAYS[state] !== undefined)
  if (restless && !timer_pending(app.join_timer)) mod_timer(app.join_timer, events.now + random.below(JOIN_TIME) * NSEC_PER_JIFFY)
  if (!timer_pending(app.periodic_timer)) mod_timer(app.periodic_timer, events.now + PERIODIC_TIME)
}
export function mrp_join_timer(app: mrp_applicant): void {
  mad_event(app, 'TX')
  pdu_queue(app)
  queue_xmit(app)
  timers_arm(app)
}
export function mrp_periodic_timer(app: mrp_applicant): void {
  mad_event(app, 'PERIODIC')
  pdu_queue(app)
  timers_arm(app)
}

export function mrp_request_join(app: mrp_applicant, type: number, value: Uint8Array): void {
  mrp_attr_event(app, attr_create(app.mad, type, value, 'VO'), 'JOIN')
  timers_arm(app)
}
export function mrp_request_leave(app: mrp_applicant, type: number, value: Uint8Array): void {
  const attr = attr_lookup(app.mad, type, value)
  if (attr === undefined) return
  mrp_attr_event(app, attr, 'LV')
  timers_arm(app)
}
/** mrp_uninit_applicant(): what there is to say is said at once. */
export function mrp_uninit_applicant(app: mrp_applicant): void {
  timer_delete(app.join_timer)
  timer_delete(app.periodic_timer)
  mad_event(app, 'TX')
  app.mad = []
  pdu_queue(app)
  queue_xmit(app)
}

/** mrp_pdu_parse_vecattr(): where the next vector begins; undefined: the frame is at fault. */
function parse_vecattr(app: mrp_applicant, b: Uint8Array, start: number, type: number, len: number): number | undefined {
  if (start + 2 > b.length) return undefined
  const lenflags = getBe16(b, start)
  if (lenflags & VECATTR_FLAG_LA) mad_event(app, 'R_LA')
  const count = lenflags & VECATTR_LEN_MASK
  let at = start + 2
  if (count === 0) return at
  if (at + len > b.length) return undefined
  let value: Uint8Array = b.slice(at, at + len)
  at += len
  for (let i = 0; i < count; i++) {
    if (at >= b.length) return undefined
    const pos = i % 3
    const event = pos === 0 ? Math.floor(b[at] / (BASE * BASE)) : pos === 1 ? Math.floor(b[at] / BASE) % BASE : b[at] % BASE
    if (event >= BASE) return undefined
    const attr = attr_lookup(app.mad, type, value)
    if (attr !== undefined) mrp_attr_event(app, attr, VECATTR_EVENTS[event])
    value = value_inc(value)
    if (pos === 2) at++
  }
  return count % 3 === 0 ? at : at + 1
}
/** mrp_pdu_parse_msg() */
function parse_msg(app: mrp_applicant, b: Uint8Array, start: number): number | undefined {
  if (start + 2 > b.length) return undefined
  const [type, len] = [b[start], b[start + 1]]
  if (type === 0 || type > app.app.maxattr || len === 0) return undefined
  let at: number | undefined = start + 2
  while (at !== undefined && at < b.length) {
    if (at + 2 > b.length) break
    if (getBe16(b, at) === 0) return at + 2
    at = parse_vecattr(app, b, at, type, len)
  }
  return at
}
/** mrp_rcv(): `b`: what follows the Ethernet header. */
export function mrp_pdu_rcv(app: mrp_applicant, b: Uint8Array): void {
  if (b.length < 1 || b[0] !== app.app.version) return
  let at: number | undefined = 1
  while (at !== undefined && at < b.length) {
    if (at + 2 > b.length || getBe16(b, at) === 0) break
    at = parse_msg(app, b, at)
  }
  timers_arm(app)
}
