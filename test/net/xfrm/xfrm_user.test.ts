/** net/xfrm/xfrm_user.c on a host without associations and policies, through ip; the table in the source, a row at a time. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import { NETLINK_XFRM, NLM_F_ACK, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import { taskOf } from '../../lib/bootNet.ts'
import { NetlinkClient } from '../../lib/netlinkClient.ts'

t.test('ip xfrm finds nothing, and flushes it', async (t) => {
  const host = createHost({ devices: [] })
  const run = async (command: string) => {
    const { stdout, stderr } = await host.run('ip', ['xfrm', ...command.split(' ')])
    return stdout + stderr
  }
  const sa = 'src 192.0.2.1 dst 192.0.2.2 proto esp spi 1'
  t.equal(await run('state'), '')
  t.equal(await run('policy'), '')
  t.equal(await run('state flush'), '')
  t.equal(await run('policy flush'), '')
  t.equal(await run(`state get ${sa}`), 'RTNETLINK answers: No such process\n')
  t.equal(await run(`state delete ${sa}`), 'RTNETLINK answers: No such process\n')
  t.equal(await run('policy delete index 9 dir in'), 'RTNETLINK answers: No such file or directory\n')
  t.equal(await run('state count'), '\t SAD count 0\n')
  t.equal(await run('policy count'), '\t SPD IN  0 OUT 0 FWD 0\n')
  t.equal(await run('policy getdefault'), 'Default policies:\n in:  accept\n fwd: accept\n out: accept\n')
  t.strictSame(host.kernel.unsupported.toJson(), [])
  t.equal(await run(`state add ${sa} enc null 0x00`), 'RTNETLINK answers: Operation not supported\n')
  t.strictSame(host.kernel.unsupported.toJson(), [{ kind: 'xfrm', what: 'message 16', count: 1 }])
})

t.test('errors', async (t) => {
  const { kernel } = createHost({ devices: [] })
  const client = new NetlinkClient(taskOf(kernel, 10), NETLINK_XFRM)
  const error = (type: number, length: number, at = 0, value = 0) => {
    const body = new Uint8Array(length)
    if (length > 0) body[at] = value
    return client.ask(type, NLM_F_REQUEST | NLM_F_ACK, body).error
  }
  t.equal(error(41, 0), -22, 'no such message')
  t.equal(error(18, 20), -22, 'too short')
  t.equal(error(17, 24, 22, 6), -22, 'DELSA by addresses, without the source')
  t.equal(error(17, 24, 22, 50), -3)
  t.equal(error(31, 48), -3, 'GETAE')
  t.equal(error(21, 64, 60, 3), -22, 'a direction that is none')
  t.equal(error(21, 64, 60, 2), -2)
  t.equal(error(24, 232), -2, 'EXPIRE')
  t.equal(error(27, 176), -2, 'POLEXPIRE')
  t.equal(error(34, 0), -22, 'NEWSADINFO')
  t.equal(error(32, 60), -22, 'REPORT')
  t.equal(error(39, 3), -95, 'SETDEFAULT')
  const user = new NetlinkClient(taskOf(kernel, 11, { capabilities: 0n }), NETLINK_XFRM)
  t.equal(user.ask(28, NLM_F_REQUEST | NLM_F_ACK, new Uint8Array(1)).error, -1)
})
