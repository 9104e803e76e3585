import t from 'tap'
import { get32 } from '../../../src/lib/bytes.ts'
import { NETLINK_FIB_LOOKUP } from '../../../src/uapi/linux/netlink.ts'
import { RTM_NEWADDR, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { bootHost, Client, link, nla } from '../core/rtnetlink_client.ts'

t.test('NETLINK_FIB_LOOKUP: what one table knows of an address', async (t) => {
  const kernel = bootHost()
  const rtnl = new Client(kernel)
  rtnl.ack(RTM_NEWLINK, 0, link({ index: 1, flags: 1, change: 1 }))
  rtnl.ack(
    RTM_NEWADDR,
    0x600,
    Buffer.concat([Uint8Array.of(2, 24, 0, 0, 1, 0, 0, 0), nla(2, Uint8Array.of(10, 1, 2, 3)), nla(1, Uint8Array.of(10, 1, 2, 3))]),
  )
  const asks = new Client(kernel, { protocol: NETLINK_FIB_LOOKUP })
  const ask = (address: number[], table: number) => {
    const frn = new Uint8Array(20)
    frn.set(address)
    frn[10] = table
    const [answer] = asks.request(0, 1, frn)
    const got = answer.bytes.subarray(16)
    return { tb_id: got[11], prefixlen: got[12], type: got[14], scope: got[15], err: get32(got, 16) | 0 }
  }
  t.same(ask([10, 1, 2, 3], 255), { tb_id: 255, prefixlen: 32, type: 2, scope: 254, err: 0 })
  t.same(ask([10, 1, 2, 9], 254), { tb_id: 254, prefixlen: 24, type: 2, scope: 254, err: 0 })
  t.match(ask([10, 9, 9, 9], 254), { tb_id: 254, prefixlen: 0, err: -11 }, 'not in this table')
  t.match(ask([10, 9, 9, 9], 77), { tb_id: 0, err: -2 }, 'no such table')
})
