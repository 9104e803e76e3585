/** Counters of packets that are passed on, or not: of the device that they came in by, also where it is a port of a VRF. */
import t from 'tap'
import { IFLA_VRF_TABLE } from '../../../src/uapi/linux/if_link_stacked.ts'
import { DEVCONF_FORWARDING } from '../../../src/uapi/linux/ipv6.ts'
import * as MIB from '../../../src/uapi/linux/snmp.ts'
import { dev_set_mtu } from '../../../src/net/core/dev.ts'
import { TunnelPair } from '../tunnels/tunnelPair.ts'

for (const vrf of [false, true])
  t.test(vrf ? 'ports of a VRF' : 'plain devices', async (t) => {
    const h = new TunnelPair()
    h.wire('wa', 'wb', 2)
    if (vrf) {
      h.link('a', 'vrf', 'red', (msg) => msg.put(IFLA_VRF_TABLE, 100))
      h.up('a', 'red')
      for (const port of ['va', 'wa']) h.master('a', port, 'red')
    }
    h.addr('a', 'va', '2001:db8:1::1/64')
    h.addr('a', 'wa', '2001:db8:2::1/64')
    h.addr('b', 'vb', '2001:db8:1::2/64')
    h.route('b', '2001:db8:2::/64', undefined, { via: '2001:db8:1::1' })
    h.advance(3e9)
    const count = (name: string, field: number) => Number(h.device('a', name).ip6_ptr?.stats_ipv6[field] ?? 0)
    const ping = (options = {}) => h.ping('b', '2001:db8:2::99', options)
    t.equal(ping(), 'lost')
    t.equal(count('va', MIB.IPSTATS_MIB_INADDRERRORS), 1, 'a host that does not forward')
    h.nets.a.ipv6.devconf_all.set(DEVCONF_FORWARDING, 1)
    ping({ ttl: 1 })
    t.equal(count('va', MIB.IPSTATS_MIB_INHDRERRORS), 1)
    dev_set_mtu(h.device('a', 'wa'), 1280)
    ping({ size: 1300 })
    t.equal(count('va', MIB.IPSTATS_MIB_INTOOBIGERRORS), 1)
    t.equal(count('wa', MIB.IPSTATS_MIB_FRAGFAILS), 1)
    t.equal(count('wa', MIB.IPSTATS_MIB_OUTFORWDATAGRAMS), 1, 'counted before its length is looked at')
  })
