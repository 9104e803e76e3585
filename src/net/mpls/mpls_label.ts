/** net/mpls/af_mpls.c nla_get_labels, nla_put_labels: stacks of labels as attributes hold them (RFC 3032: label, class, bottom, TTL). */
import { type AttrTable, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16, getBe32, putBe32 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import type { netlink_ext_ack } from '../netlink/extack.ts'
import { MPLS_LABEL_IMPLNULL } from './mpls_private.ts'

const SHIFT = 12
const TC = 0xe00
const BOS = 0x100
const TTL = 0xff

/** The labels of the attribute whose header is at `at`, the outermost first. */
export function nla_get_labels(buf: Uint8Array, at: number, max: number, extack: netlink_ext_ack | undefined): number[] | Errno {
  const fail = (text: string): Errno => extack?.fail(EINVAL, text, at) ?? EINVAL
  const len = get16(buf, at) - NLA_HDRLEN
  if (len & 3 || len / 4 > 255) return fail('Invalid length for labels attribute')
  const count = len / 4
  if (count > max) return fail('Too many labels')
  const labels: number[] = new Array(count).fill(0)
  for (let i = count - 1; i >= 0; i--) {
    const entry = getBe32(buf, at + NLA_HDRLEN + 4 * i)
    if (entry & TTL) return fail('TTL in label must be 0')
    if (entry & TC) return fail('Traffic class in label must be 0')
    const bottom = i === count - 1
    if (((entry & BOS) !== 0) !== bottom) {
      return fail(bottom ? 'BOS bit must be set in first label' : 'BOS bit can only be set in first label')
    }
    labels[i] = entry >>> SHIFT
    if (labels[i] === MPLS_LABEL_IMPLNULL) return fail('Implicit NULL Label (3) can not be used in encapsulation')
  }
  return labels
}
export function nla_get_labels_of(tb: AttrTable, nr: number, max: number, extack: netlink_ext_ack | undefined): number[] | Errno {
  return nla_get_labels(tb.buf, tb.atNr(nr), max, extack)
}
export function nla_put_labels(skb: MessageBuilder, nr: number, labels: readonly number[]): void {
  const o = skb.reserve(nr, 4 * labels.length)
  if (o < 0) return
  labels.forEach((label, i) => putBe32(skb.buf, o + 4 * i, ((label << SHIFT) | (i === labels.length - 1 ? BOS : 0)) >>> 0))
}
