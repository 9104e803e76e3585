import t from 'tap'
import {
  __netdev_update_features,
  netdev_fix_features,
  netdev_update_features,
  netdev_upper_dev_link,
  register_netdevice,
} from '../../../src/net/core/dev.ts'
import * as F from '../../../src/net/core/netdev_features_bits.ts'
import type { net_device_ops } from '../../../src/net/core/netdevice.ts'
import { EBUSY } from '../../../src/uapi/errno.ts'
import { Devices } from './deviceHarness.ts'

// what is asked for, what remains, what the log says (debug lines only where dynamic debug is on)
const fixups: [string, bigint, bigint, string[]][] = [
  ['nothing to do', F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_TSO, F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_TSO, []],
  ['two kinds of checksums', F.NETIF_F_HW_CSUM | F.NETIF_F_IP_CSUM, F.NETIF_F_HW_CSUM, ['mixed HW and IP checksum settings.']],
  ['TSO without SG', F.NETIF_F_TSO | F.NETIF_F_HW_CSUM, F.NETIF_F_HW_CSUM, ['Dropping TSO features since no SG feature.']],
  ['TSO without checksum', F.NETIF_F_SG | F.NETIF_F_TSO, F.NETIF_F_SG, ['Dropping TSO features since no CSUM feature.']],
  [
    'TSO6 with the other protocol\u2019s checksum',
    F.NETIF_F_SG | F.NETIF_F_TSO6 | F.NETIF_F_IP_CSUM,
    F.NETIF_F_SG | F.NETIF_F_IP_CSUM,
    ['Dropping TSO6 features since no CSUM feature.'],
  ],
  ['ECN alone', F.NETIF_F_SG | F.NETIF_F_TSO_ECN, F.NETIF_F_SG, []],
  ['IP id mangling alone', F.NETIF_F_SG | F.NETIF_F_TSO_MANGLEID, F.NETIF_F_SG, []],
  ['GSO follows SG', F.NETIF_F_GSO, 0n, ['Dropping NETIF_F_GSO since no SG feature.']],
  ['GRO_HW without RXCSUM', F.NETIF_F_GRO_HW, 0n, ['Dropping NETIF_F_GRO_HW since no RXCSUM feature.']],
  ['LRO with RX-FCS', F.NETIF_F_LRO | F.NETIF_F_RXFCS, F.NETIF_F_RXFCS, ['Dropping LRO feature since RX-FCS is requested.']],
  [
    'LRO with GRO_HW',
    F.NETIF_F_LRO | F.NETIF_F_GRO_HW | F.NETIF_F_RXCSUM,
    F.NETIF_F_GRO_HW | F.NETIF_F_RXCSUM,
    ['Dropping LRO feature since HW-GRO is requested.'],
  ],
  [
    'TLS without checksum',
    F.NETIF_F_HW_TLS_TX | F.NETIF_F_IP_CSUM,
    F.NETIF_F_IP_CSUM,
    ['Dropping TLS TX HW offload feature since no CSUM feature.'],
  ],
  ['TLS receive without RXCSUM', F.NETIF_F_HW_TLS_RX, 0n, ['Dropping TLS RX HW offload feature since no RXCSUM feature.']],
  ['USO without checksum', F.NETIF_F_GSO_UDP_L4, 0n, ['Dropping USO feature since no CSUM feature.']],
]
for (const [name, wanted, remains, says] of fixups) {
  t.test(`fix-up: ${name}`, async (t) => {
    const h = new Devices()
    const dev = h.add('d0')
    h.kernel.netdev.dynamic_debug = true
    t.equal(netdev_fix_features(dev, wanted), remains)
    t.same(
      h.log(),
      says.map((line) => `# d0: ${line}`),
    )
    h.kernel.netdev.dynamic_debug = false
    netdev_fix_features(dev, wanted)
    t.same(
      h.log(),
      says.filter((line) => line.startsWith('mixed')).map((line) => `# d0: ${line}`),
    )
  })
}

t.test('registration fixes what the driver asks for and adds what the stack can do', async (t) => {
  const h = new Devices()
  const dev = h.alloc('d0')
  dev.features = F.NETIF_F_HW_CSUM | F.NETIF_F_IPV6_CSUM | F.NETIF_F_SG | F.NETIF_F_TSO
  dev.hw_features = F.NETIF_F_SG | F.NETIF_F_TSO
  register_netdevice(dev)
  t.same(
    h.log().filter((l) => l.startsWith('#')),
    ['# d0: mixed HW and IP checksum settings.'],
  )
  t.equal(dev.features, F.NETIF_F_HW_CSUM | F.NETIF_F_SG | F.NETIF_F_TSO | F.NETIF_F_GSO | F.NETIF_F_GRO)
  t.equal(dev.hw_features & F.NETIF_F_TSO_MANGLEID, F.NETIF_F_TSO_MANGLEID)
  t.equal(dev.hw_features & F.NETIF_F_GRO_FRAGLIST, F.NETIF_F_GRO_FRAGLIST, 'can be asked for')
  t.equal(dev.vlan_features, F.NETIF_F_HIGHDMA)
})

t.test('a change is told once; switching SG off takes GSO and TSO along', async (t) => {
  const h = new Devices()
  const dev = h.alloc('d0')
  dev.features = dev.hw_features = F.NETIF_F_SG | F.NETIF_F_HW_CSUM | F.NETIF_F_TSO
  register_netdevice(dev)
  h.settle()
  h.log()
  dev.wanted_features &= ~F.NETIF_F_SG
  netdev_update_features(dev)
  t.equal(dev.features, F.NETIF_F_HW_CSUM | F.NETIF_F_GRO)
  t.same(h.log(), ['> NEWLINK d0 flags=1002 change=0', 'FEAT_CHANGE d0'])
  netdev_update_features(dev)
  t.same(h.log(), [])
  dev.wanted_features |= F.NETIF_F_SG
  netdev_update_features(dev)
  t.equal(dev.features & F.NETIF_F_TSO, F.NETIF_F_TSO, 'wanted all the time')
})

export const refusing_ops: net_device_ops = { name: 'refusing_ops', ndo_set_features: () => EBUSY }
t.test('a driver that refuses', async (t) => {
  const h = new Devices()
  const dev = h.alloc('d0', refusing_ops)
  dev.features = dev.hw_features = F.NETIF_F_SG
  register_netdevice(dev)
  h.log()
  dev.wanted_features = 0n
  t.equal(__netdev_update_features(dev), true)
  t.equal(dev.features & F.NETIF_F_SG, F.NETIF_F_SG)
  t.same(h.log(), ['# d0: set_features() failed (-16); wanted 0x0000000000000000, left 0x0000000000004801'])
})

t.test('LRO off on the upper device is off below', async (t) => {
  const h = new Devices()
  const lower = h.alloc('low')
  lower.features = lower.hw_features = F.NETIF_F_LRO
  register_netdevice(lower)
  const upper = h.add('up')
  netdev_upper_dev_link(lower, upper)
  t.equal(lower.features & F.NETIF_F_LRO, F.NETIF_F_LRO)
  netdev_update_features(upper)
  t.equal(lower.features & F.NETIF_F_LRO, 0n)
  lower.wanted_features |= F.NETIF_F_LRO
  netdev_update_features(lower)
  t.equal(lower.features & F.NETIF_F_LRO, 0n)
})
