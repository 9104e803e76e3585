/** What a frame costs: from dev_queue_xmit() on one end of a veth pair to its protocol at the other. */
import { dev_open, dev_queue_xmit } from '../../src/net/core/dev.ts'
import { IFLA_IFNAME } from '../../src/uapi/linux/if_link.ts'
import { Links } from '../drivers/net/linkRequests.ts'
import { frame, listen } from '../net/core/packets.ts'

const FRAMES = 200_000

/** ns a frame, the least of `rounds`. */
export function vethFrame(rounds = 5): number {
  const h = new Links()
  h.newlink(
    'veth',
    'v0',
    undefined,
    h.peer((msg) => msg.put(IFLA_IFNAME, 'v1')),
  )
  const [v0, v1] = [h.device('v0'), h.device('v1')]
  dev_open(v0)
  dev_open(v1)
  h.settle()
  const log = listen(h.kernel)
  let best = Infinity
  for (let r = 0; r < rounds; r++) {
    log.lines = []
    log.skbs = []
    const begin = process.hrtime.bigint()
    for (let i = 0; i < FRAMES; i++) {
      dev_queue_xmit(frame(v0, v1.dev_addr))
      if (log.lines.length > 1000) {
        log.lines = []
        log.skbs = []
      }
    }
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / FRAMES)
  }
  return best
}

if (process.argv[1] === import.meta.filename || process.argv[1]?.endsWith('packets.ts'))
  console.log(`veth frame: ${vethFrame().toFixed(0)} ns`)
