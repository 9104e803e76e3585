/**
 * The referee lets counters differ a little, since IPv6 and bonds send at random times. Where nothing is random they are
 * Linux's to the byte: all of IFLA_STATS64 in the recordings of frames.
 */
import t from 'tap'
import { eachAttr } from '../../src/lib/attrs.ts'
import { get16, get32, get64, getString, unhex } from '../../src/lib/bytes.ts'
import { IFLA_IFNAME, IFLA_STATS64 } from '../../src/uapi/linux/if_link.ts'
import { RTM_NEWLINK } from '../../src/uapi/linux/rtnetlink.ts'
import { type Recording, readRecording } from '../oracle/recordings.ts'
import { replayDirect } from './direct.ts'

const IFINFO = 32
const FIELDS = 24

/** `[command] device counters` of every device that a reply shows. */
function counters(recording: Recording): string[] {
  return recording.commands.flatMap((command, n) =>
    command.io.flatMap((io) => {
      const message = io as { k: string; hex?: string; family?: number }
      return message.k === 'recv' && message.family === 16 && message.hex !== undefined
        ? links(unhex(message.hex)).map((line) => `[${n}] ${line}`)
        : []
    }),
  )
}
function links(b: Uint8Array): string[] {
  const out: string[] = []
  for (let at = 0; at + 16 <= b.length; ) {
    const len = get32(b, at)
    if (len < 16) break
    if (get16(b, at + 4) === RTM_NEWLINK) out.push(link(b, at, at + len))
    at += (len + 3) & ~3
  }
  return out
}
function link(b: Uint8Array, begin: number, end: number): string {
  let name = ''
  let stats: number[] = []
  eachAttr(b, begin + IFINFO, end, (nr, at) => {
    const length = get16(b, at)
    if (nr === IFLA_IFNAME.nr) name = getString(b, at + 4, at + length)
    if (nr === IFLA_STATS64.nr) stats = Array.from({ length: Math.min(FIELDS, (length - 4) >> 3) }, (_, i) => get64(b, at + 4 + 8 * i))
  })
  return `${name} ${stats.join(' ')}`
}

for (const name of ['083-v4-frames', '084-v4-frames-upper', '085-v4-frames-loose']) {
  t.test(name, async (t) => {
    const golden = readRecording(name)
    const expected = counters(golden)
    t.ok(
      expected.some((line) => / [1-9]/.test(line)),
      'there are counters',
    )
    t.same(counters(replayDirect(golden).recording), expected)
  })
}
