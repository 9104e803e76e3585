/** The rows of the table in dcbnl.ts. */
import t from 'tap'
import { DCB_CMD_IEEE_SET, DCB_CMD_MAX } from '../../../src/uapi/linux/dcbnl.ts'
import { RTM_GETDCB, RTM_SETDCB } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, concat, nla } from '../core/rtnetlink_client.ts'

const GSTATE = 1
const body = (cmd: number, ...more: Uint8Array[]) => concat(new Uint8Array([0, cmd, 0, 0]), ...more)
const lo = nla(1, 'lo')

t.test('data center bridging without a driver', async (t) => {
  const kernel = bootHost()
  const root = new Client(kernel)
  const user = new Client(kernel, { capabilities: 0n })
  const rows: [string, Client, number, Uint8Array, number][] = [
    ['no such command', root, RTM_GETDCB, body(DCB_CMD_MAX + 1, lo), -22],
    ['command 0', root, RTM_GETDCB, body(0), -95],
    ['a change by a user', user, RTM_GETDCB, body(DCB_CMD_IEEE_SET, lo), -1],
    ['a changing message by a user', user, RTM_SETDCB, body(GSTATE, lo), -1],
    ['no device named', root, RTM_GETDCB, body(GSTATE), -22],
    ['a device that is not there', root, RTM_GETDCB, body(GSTATE, nla(1, 'nope')), -19],
    ['any device', root, RTM_GETDCB, body(GSTATE, lo), -95],
    ['a user may ask', user, RTM_GETDCB, body(GSTATE, lo), -95],
  ]
  for (const [name, client, type, request, error] of rows) t.equal(client.ack(type, 0, request).error, error, name)
})
