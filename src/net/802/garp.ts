/**
 * net/802/garp.c: the Generic Attribute Registration Protocol (IEEE 802.1D-1998, clause 12), its applicant only: what is
 * declared is told until others are heard to know it. Columns: time to send; JoinIn, JoinEmpty, Empty, LeaveIn and LeaveEmpty
 * heard; declared, withdrawn here. `!` sends JoinIn, `?` sends LeaveEmpty (and forgets the attribute), - changes nothing.
 *
 *        | send | JoinIn | JoinEmpty | Empty | LeaveIn | LeaveEmpty | declare | withdraw
 *     VA | AA!  | AA     | VA        | VA    | VA      | VP         | -       | LA
 *     AA | QA!  | QA     | VA        | VA    | VA      | VP         | -       | LA
 *     QA | -    | QA     | VA        | VA    | VP      | VP         | -       | LA
 *     LA | VO?  | LA     | VO        | LA    | LA      | VO         | VA      | -
 *     VP | AA!  | AP     | VP        | VP    | VP      | VP         | -       | VO
 *     AP | QA!  | QP     | VP        | VP    | VP      | VP         | -       | AO
 *     QP | -    | QP     | VP        | VP    | VP      | VP         | -       | QO
 *     VO | -    | AO     | VO        | VO    | VO      | VO         | VP      | -
 *     AO | -    | QO     | VO        | VO    | VO      | VO         | AP      | -
 *     QO | -    | QO     | VO        | VO    | VO      | VO         | QP      | -
 *
 * DIVERGES: the timer sleeps while no attribute has anything to send; Linux's runs on, unseen.
 */
import { mod_timer, NSEC_PER_JIFFY, timer_delete, timer_list, timer_pending } from '../../kernel/time.ts'
import { getBe16 } from '../../lib/bytes.ts'
import { ETH_P_802_2 } from '../../uapi/linux/if_ether.ts'
import type { net_device } from '../core/netdevice.ts'
import { kfree_skb, type sk_buff } from '../core/skbuff.ts'
import { type applicant_attr, applicant_pdu, applicant_xmit, attr_create, attr_destroy, attr_lookup } from './applicant.ts'

export type garp_state = 'VA' | 'AA' | 'QA' | 'LA' | 'VP' | 'AP' | 'QP' | 'VO' | 'AO' | 'QO'
const EVENTS = ['TRANSMIT_PDU', 'R_JOIN_IN', 'R_JOIN_EMPTY', 'R_EMPTY', 'R_LEAVE_IN', 'R_LEAVE_EMPTY', 'REQ_JOIN', 'REQ_LEAVE'] as const
export type garp_event = (typeof EVENTS)[number]
/** garp_applicant_state_table */
export const garp_applicant_state_table: Readonly<Record<garp_state, readonly string[]>> = {
  VA: ['AA!', 'AA', 'VA', 'VA', 'VA', 'VP', '', 'LA'],
  AA: ['QA!', 'QA', 'VA', 'VA', 'VA', 'VP', '', 'LA'],
  QA: ['', 'QA', 'VA', 'VA', 'VP', 'VP', '', 'LA'],
  LA: ['VO?', 'LA', 'VO', 'LA', 'LA', 'VO', 'VA', ''],
  VP: ['AA!', 'AP', 'VP', 'VP', 'VP', 'VP', '', 'VO'],
  AP: ['QA!', 'QP', 'VP', 'VP', 'VP', 'VP', '', 'AO'],
  QP: ['', 'QP', 'VP', 'VP', 'VP', 'VP', '', 'QO'],
  VO: ['', 'AO', 'VO', 'VO', 'VO', 'VO', 'VP', ''],
  AO: ['', 'QO', 'VO', 'VO', 'VO', 'VO', 'AP', ''],
  QO: ['', 'QO', 'VO', 'VO', 'VO', 'VO', 'QP', ''],
}

/** garp_join_time, in jiffies: 200 ms. */
const JOIN_TIME = 50
const GARP_PROTOCOL_ID = 1
const GARP_END_MARK = 0
const GARP_LEAVE_ALL = 0
const GARP_JOIN_IN = 2
const GARP_LEAVE_EMPTY = 3
/** What an attribute's event says, by its number (enum garp_attr_event); LeaveAll is by itself, LeaveIn is not listened to. */
const heard: Readonly<Record<number, garp_event>> = { 1: 'R_JOIN_EMPTY', 2: 'R_JOIN_IN', 3: 'R_LEAVE_EMPTY', 5: 'R_EMPTY' }
/** The service access point of spanning trees, on both sides, and an unnumbered information frame. */
const LLC = Uint8Array.of(0x42, 0x42, 0x03)

/** struct garp_application: constants of protocols upon this one. */
export interface garp_application {
  readonly name: string
  readonly group_address: Uint8Array
  readonly maxattr: number
}
/** struct garp_applicant: an application on a device. */
export class garp_applicant {
  readonly dev: net_device
  readonly app: garp_application
  /** In order. */
  gid: applicant_attr<garp_state>[] = []
  pdu: applicant_pdu | undefined = undefined
  /** Of the message that is being filled; 0: none. */
  cur_type = 0
  queue: applicant_pdu[] = []
  readonly join_timer: timer_list
  constructor(dev: net_device, app: garp_application) {
    this.dev = dev
    this.app = app
    this.join_timer = new timer_list(dev.nd_net.kernel.events, garp_join_timer, this)
  }
}

/** garp_pdu_queue(): the frame is complete. */
function pdu_queue(app: garp_applicant): void {
  if (app.pdu === undefined) return
  app.pdu.bytes.push(GARP_END_MARK, GARP_END_MARK)
  app.queue.push(app.pdu)
  app.pdu = undefined
}
function pdu_append_attr(app: garp_applicant, attr: applicant_attr<garp_state>, event: number): void {
  for (;;) {
    if (app.pdu === undefined) {
      app.pdu = new applicant_pdu(app.dev, LLC.length)
      app.pdu.append(GARP_PROTOCOL_ID >> 8, GARP_PROTOCOL_ID)
      app.cur_type = 0
    }
    const head = app.cur_type === attr.type ? [] : app.cur_type === 0 ? [attr.type] : [GARP_END_MARK, attr.type]
    // the two marks at the end fit as well
    const fits = app.pdu.bytes.length + head.length + 2 + attr.value.length + 2 <= app.pdu.room
    if (fits) {
      app.pdu.append(...head, 2 + attr.value.length, event, ...attr.value)
      app.cur_type = attr.type
      return
    }
    pdu_queue(app)
  }
}
/** garp_queue_xmit() */
function queue_xmit({ dev, app, queue }: garp_applicant): void {
  for (const { bytes } of queue.splice(0)) {
    applicant_xmit(dev, app.group_address, LLC.length + bytes.length, ETH_P_802_2, [...LLC, ...bytes])
  }
}

export function garp_attr_event(app: garp_applicant, attr: applicant_attr<garp_state>, event: garp_event): void {
  const next = garp_applicant_state_table[attr.state][EVENTS.indexOf(event)]
  if (next === '') return
  if (next.endsWith('!')) pdu_append_attr(app, attr, GARP_JOIN_IN)
  attr.state = next.slice(0, 2) as garp_state
  if (!next.endsWith('?')) return
  pdu_append_attr(app, attr, GARP_LEAVE_EMPTY)
  attr_destroy(app.gid, attr)
}
function gid_event(app: garp_applicant, event: garp_event): void {
  for (const attr of [...app.gid]) garp_attr_event(app, attr, event)
}
/** garp_join_timer_arm(): within the join time, by chance. */
function join_timer_arm(app: garp_applicant): void {
  const { events, random } = app.dev.nd_net.kernel
  const restless = app.gid.some(({ state }) => garp_applicant_state_table[state][0] !== '')
  if (!restless || timer_pending(app.join_timer)) return
  mod_timer(app.join_timer, events.now + random.below(JOIN_TIME) * NSEC_PER_JIFFY)
}
export function garp_join_timer(app: garp_applicant): void {
  gid_event(app, 'TRANSMIT_PDU')
  pdu_queue(app)
  queue_xmit(app)
  join_timer_arm(app)
}

export function garp_request_join(app: garp_applicant, type: number, value: Uint8Array): void {
  garp_attr_event(app, attr_create(app.gid, type, value, 'VO'), 'REQ_JOIN')
  join_timer_arm(app)
}
export function garp_request_leave(app: garp_applicant, type: number, value: Uint8Array): void {
  const attr = attr_lookup(app.gid, type, value)
  if (attr === undefined) return
  garp_attr_event(app, attr, 'REQ_LEAVE')
  join_timer_arm(app)
}
/** garp_uninit_applicant(): what there is to say is said at once. */
export function garp_uninit_applicant(app: garp_applicant): void {
  timer_delete(app.join_timer)
  gid_event(app, 'TRANSMIT_PDU')
  app.gid = []
  pdu_queue(app)
  queue_xmit(app)
}

/** garp_pdu_parse_msg(): attributes up to an end mark; where the next message begins, or undefined: the frame is at fault. */
function parse_msg(app: garp_applicant, b: Uint8Array, start: number): number | undefined {
  const type = b[start]
  if (type === 0) return undefined
  let at = start + 1
  while (at < b.length) {
    const length = b[at]
    if (length < 2 || at + length > b.length) return undefined
    const event = b[at + 1]
    const value = b.subarray(at + 2, at + length)
    at += length
    if (type <= app.app.maxattr && !attr_heard(app, type, event, value)) return undefined
    if (b[at] === GARP_END_MARK) return at + 1
  }
  return at
}
function attr_heard(app: garp_applicant, type: number, nr: number, value: Uint8Array): boolean {
  if (nr === GARP_LEAVE_ALL) {
    if (value.length !== 0) return false
    gid_event(app, 'R_LEAVE_EMPTY')
    return true
  }
  const event = heard[nr]
  if (event === undefined) return true
  if (value.length === 0) return false
  const attr = attr_lookup(app.gid, type, value)
  if (attr !== undefined) garp_attr_event(app, attr, event)
  return true
}
/** garp_pdu_rcv(): at skb.data is what follows the LLC header. Takes the frame. */
export function garp_pdu_rcv(app: garp_applicant, skb: sk_buff): void {
  const b = skb.buf.slice(skb.data, skb.tail)
  if (b.length >= 2 && getBe16(b, 0) === GARP_PROTOCOL_ID) {
    let at: number | undefined = 2
    while (at !== undefined && at < b.length) {
      at = parse_msg(app, b, at)
      if (at !== undefined && b[at] === GARP_END_MARK) break
    }
    join_timer_arm(app)
  }
  kfree_skb(skb)
}
