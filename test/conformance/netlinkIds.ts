/**
 * Numbers in recorded requests that a host hands out: port ids and generic netlink family ids. They are learnt by
 * watching both sides, and a request is rewritten before it is sent.
 */
import { get16, get32, getString, put16, put32 } from '../../src/lib/bytes.ts'
import { NETLINK_GENERIC } from '../../src/uapi/linux/netlink.ts'

const GENL_ID_CTRL = 16
const CTRL_ATTR_FAMILY_ID = 1
const CTRL_ATTR_FAMILY_NAME = 2
const NLMSG_HDRLEN = 16
const GENL_HDRLEN = 4

export class NetlinkIds {
  private readonly ports = new Map<number, number>()
  private readonly recordedNames = new Map<number, string>()
  private readonly ourIds = new Map<string, number>()

  /** A socket that had port id `recorded` has port id `ours` here. */
  learnPort(recorded: number, ours: number): void {
    if (recorded !== 0) this.ports.set(recorded, ours)
  }

  /** Looks for generic netlink families in what the recorded program received, or in what one receives here. */
  learnFamilies(proto: number, data: Uint8Array, side: 'recorded' | 'ours'): void {
    if (proto !== NETLINK_GENERIC) return
    for (const at of messages(data)) {
      if (get16(data, at + 4) !== GENL_ID_CTRL) continue
      const end = at + get32(data, at)
      const id = attribute(data, at + NLMSG_HDRLEN + GENL_HDRLEN, end, CTRL_ATTR_FAMILY_ID)
      const name = attribute(data, at + NLMSG_HDRLEN + GENL_HDRLEN, end, CTRL_ATTR_FAMILY_NAME)
      if (id === undefined || name === undefined) continue
      const text = getString(data, name, end)
      if (side === 'recorded') this.recordedNames.set(get16(data, id), text)
      else this.ourIds.set(text, get16(data, id))
    }
  }

  /** The recorded request as this host understands it. */
  rewrite(proto: number, recorded: Uint8Array): Uint8Array {
    const data = recorded.slice()
    for (const at of messages(data)) {
      const port = this.ports.get(get32(data, at + 12))
      if (port !== undefined) put32(data, at + 12, port)
      const type = get16(data, at + 4)
      if (proto !== NETLINK_GENERIC || type <= GENL_ID_CTRL) continue
      const id = this.ourIds.get(this.recordedNames.get(type) ?? '')
      if (id !== undefined) put16(data, at + 4, id)
    }
    return data
  }
}

function* messages(data: Uint8Array): Generator<number> {
  for (let at = 0; at + NLMSG_HDRLEN <= data.length; ) {
    const length = get32(data, at)
    if (length < NLMSG_HDRLEN || at + length > data.length) return
    yield at
    at += (length + 3) & ~3
  }
}

/** Offset of the payload of the first attribute of that type. */
function attribute(data: Uint8Array, start: number, end: number, type: number): number | undefined {
  for (let at = start; at + 4 <= end; ) {
    const length = get16(data, at)
    if (length < 4) return undefined
    if ((get16(data, at + 2) & 0x3fff) === type) return at + 4
    at += (length + 3) & ~3
  }
  return undefined
}
