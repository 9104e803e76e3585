/** net/xfrm/xfrm_user.c on a host without associations and policies, through ip; then with some, which are told of and expire by the clock. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'
import { NETLINK_XFRM, NLM_F_ACK, NLM_F_REQUEST } from '../../../src/uapi/linux/netlink.ts'
import * as X from '../../../src/uapi/linux/xfrm.ts'
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
})

const esp = "proto esp spi 0x10 mode tunnel enc 'cbc(aes)' 0x0123456789abcdef0123456789abcdef"
t.test('an association: made once, found, changed, told of, deleted', async (t) => {
  const host = createHost({ devices: [] })
  const run = (command: string) => host.run('sh', ['-c', `ip xfrm ${command} 2>&1`]).then(({ stdout }) => stdout)
  const told = new NetlinkClient(taskOf(host.kernel, 12), NETLINK_XFRM)
  told.bind(0, (1 << (X.XFRMNLGRP_SA - 1)) | (1 << (X.XFRMNLGRP_EXPIRE - 1)))
  const types = () =>
    told
      .drain()
      .datagrams.flat()
      .map((m) => m.type)
  const names = 'src 192.0.2.1 dst 192.0.2.2'
  t.equal(await run(`state add ${names} ${esp} limit time-soft 10 limit time-hard 20`), '')
  t.equal(await run(`state add ${names} ${esp}`), 'RTNETLINK answers: File exists\n')
  t.match(await run(`state get ${names} proto esp spi 0x10`), /enc cbc\(aes\) 0x0123456789abcdef0123456789abcdef\n/)
  t.equal(await run('state count'), '\t SAD count 1\n')
  t.equal(await run(`state add ${names} proto esp spi 0x11 mode tunnel enc nope 0x01`), 'Error: Requested CRYPT algorithm not found.\n')
  t.equal(await run(`state add ${names} proto esp spi 0x11 mode tunnel enc 'cbc(aes)' 0x01`), 'RTNETLINK answers: Invalid argument\n')
  t.same(types(), [X.XFRM_MSG_NEWSA])
  host.lab.advance(11e9)
  t.same(types(), [X.XFRM_MSG_EXPIRE], 'the soft limit')
  host.lab.advance(10e9)
  t.same(types(), [X.XFRM_MSG_EXPIRE], 'the hard one')
  t.equal(await run('state'), '')
  await run(`state add ${names} ${esp}`)
  t.equal(await run(`state delete ${names} proto esp spi 0x10`), '')
  t.same(types(), [X.XFRM_MSG_NEWSA, X.XFRM_MSG_DELSA])
})
t.test('an SPI is reserved for an association to come, which takes its place', async (t) => {
  const host = createHost({ devices: [] })
  const run = (command: string) => host.run('sh', ['-c', `ip xfrm ${command} 2>&1`]).then(({ stdout }) => stdout)
  const names = 'src 192.0.2.1 dst 192.0.2.2'
  t.match(await run(`state allocspi ${names} proto esp mode tunnel min 16 max 16`), /spi 0x00000010/)
  t.match(await run(`state allocspi ${names} proto esp mode tunnel min 16 max 16`), /Requested SPI is already in use/)
  t.equal(await run(`state update ${names} ${esp}`), '')
  t.equal(await run('state count'), '\t SAD count 2\n', 'and what was begun the second time')
  host.lab.advance(31e9)
  t.equal(await run('state count'), '\t SAD count 1\n')
})
t.test('policies: by selector or number, one of a kind', async (t) => {
  const host = createHost({ devices: [] })
  const run = (command: string) => host.run('sh', ['-c', `ip xfrm ${command} 2>&1`]).then(({ stdout }) => stdout)
  const names = 'src 192.0.2.0/24 dst 198.51.100.0/24'
  t.equal(await run(`policy add ${names} dir out tmpl src 192.0.2.1 dst 198.51.100.1 proto esp mode tunnel`), '')
  t.equal(await run(`policy add ${names} dir out`), 'RTNETLINK answers: File exists\n')
  t.equal(await run(`policy update ${names} dir out priority 7`), '')
  t.match(await run(`policy get ${names} dir out`), /dir out priority 7/)
  t.equal(await run(`policy add ${names} dir in index 0x18 limit time-hard 5`), '')
  t.match(await run('policy get dir in index 0x18'), /dir in priority 0/)
  t.equal(await run('policy count'), '\t SPD IN  1 OUT 1 FWD 0\n')
  host.lab.advance(6e9)
  t.equal(await run('policy count'), '\t SPD IN  0 OUT 1 FWD 0\n')
  t.equal(await run(`policy delete ${names} dir out`), '')
  t.equal(await run(`policy delete ${names} dir out`), 'RTNETLINK answers: No such file or directory\n')
})
t.test('an interface of an if_id is the only one', async (t) => {
  const host = createHost({ devices: [] })
  const run = (command: string) => host.run('sh', ['-c', `ip ${command} 2>&1`]).then(({ stdout }) => stdout)
  t.equal(await run('link add x1 type xfrm if_id 6'), '')
  t.equal(await run('link add x2 type xfrm if_id 6'), 'RTNETLINK answers: File exists\n')
  t.equal(await run('link add x2 type xfrm'), 'Error: if_id must be non zero.\n')
  t.match(await run('-d link show x1'), /xfrm if_id 0x6 /)
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
  t.equal(error(33, 64), -95, 'MIGRATE')
  t.strictSame(kernel.unsupported.toJson(), [{ kind: 'xfrm', what: 'message 33', count: 1 }])
  const user = new NetlinkClient(taskOf(kernel, 11, { capabilities: 0n }), NETLINK_XFRM)
  t.equal(user.ask(28, NLM_F_REQUEST | NLM_F_ACK, new Uint8Array(1)).error, -1)
})
