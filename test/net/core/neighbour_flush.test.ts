/** What ends entries from outside, and the files about them. */
import t from 'tap'
import { getS32, put16, put32, putString, unhex } from '../../../src/lib/bytes.ts'
import { arp_ioctl } from '../../../src/net/ipv4/arp_ioctl.ts'
import {
  dev_set_mac_address,
  netif_carrier_off,
  rtnl_unlock,
  unregister_netdevice_many,
  unregister_netdevice_queue,
} from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { sys_open } from '../../../src/syscalls/syscalls.ts'
import type { UserMemory } from '../../../src/syscalls/types.ts'
import { EFAULT, type Errno, isErrno } from '../../../src/uapi/errno.ts'
import { IFF_NOARP } from '../../../src/uapi/linux/if.ts'
import { ATF_COM, ATF_NETMASK, ATF_PERM, ATF_PUBL, arpreq } from '../../../src/uapi/linux/if_arp.ts'
import { NTF_PROXY, NUD_STALE } from '../../../src/uapi/linux/neighbour.ts'
import { SIOCDARP, SIOCGARP, SIOCSARP } from '../../../src/uapi/linux/sockios.ts'
import { AF_INET } from '../../../src/uapi/linux/socket.ts'
import { ipv4, MAC, NeighbourHost, OTHER } from './neighbourHost.ts'

function filled(): NeighbourHost {
  const host = new NeighbourHost()
  host.add('10.0.0.2', { lladdr: MAC })
  host.add('10.0.0.3', { lladdr: MAC, state: NUD_STALE })
  host.add('10.0.0.4', { lladdr: MAC, index: 2 })
  host.add('10.0.0.50', { flags: NTF_PROXY })
  host.told()
  return host
}
const gone = ['del 10.0.0.2 PERMANENT 020000000001', 'del 10.0.0.3 STALE 020000000001']

t.test('a device goes down: its entries go, told; proxy entries silently', async (t) => {
  const host = filled()
  host.set(3, 0, 1)
  t.same(host.told().sort(), gone)
  t.same(host.dump(), [`new 10.0.0.4 PERMANENT ${MAC}`])
  t.same(host.dump({ proxy: true }), [])
})
t.test('without carrier only permanent entries stay', async (t) => {
  const host = filled()
  netif_carrier_off(host.d0)
  host.after(2000)
  t.same(host.told(), [gone[1]])
  t.same(host.dump({ index: 3 }), [`new 10.0.0.2 PERMANENT ${MAC}`])
})
for (const which of ['d0', 'all']) {
  t.test(`arp_evict_nocarrier off for ${which}: they all stay`, async (t) => {
    const host = filled()
    write(host, `conf/${which}/arp_evict_nocarrier`, '0')
    netif_carrier_off(host.d0)
    host.after(2000)
    t.same(host.told(), [])
  })
}
t.test('another link address, or resolution switched off', async (t) => {
  const host = filled()
  dev_set_mac_address(host.d0, unhex('020000000099'))
  t.same(host.told().sort(), gone)
  host.add('10.0.0.2', { lladdr: MAC })
  host.told()
  host.set(3, IFF_NOARP, IFF_NOARP)
  t.same(host.told(), [gone[0]])
  host.add('10.0.0.2', { lladdr: OTHER, state: 0x40 })
  t.same(host.told(), [`new 10.0.0.2 NOARP ${OTHER}`], 'what is made now needs no resolution')
})
t.test('a device that is deleted leaves nothing behind', async (t) => {
  const host = filled()
  const list: net_device[] = []
  for (const dev of [...host.kernel.init_net.dev_base_head]) if (dev.name !== 'lo') unregister_netdevice_queue(dev, list)
  unregister_netdevice_many(list)
  rtnl_unlock(host.kernel)
  host.after(2000)
  t.equal(host.tbl.entries, 0)
  t.equal(host.tbl.parms.refcnt, 1)
  t.equal(host.tbl.dev_parms.size, 1)
  t.equal(host.d0.refcnt, 0)
})

function read(host: NeighbourHost, path: string): string {
  const file = sys_open(host.client.task, path, 0)
  if (file === undefined || isErrno(file)) return isErrno(file) ? file.name : 'none'
  const got = file.read()
  return isErrno(got) ? got.name : Buffer.from(got).toString('latin1')
}
function write(host: NeighbourHost, name: string, text: string): number | Errno {
  const file = sys_open(host.client.task, `/proc/sys/net/ipv4/${name}`, 1)
  if (file === undefined || isErrno(file)) throw new Error(name)
  return file.write(Buffer.from(text, 'latin1'))
}

t.test('/proc/net/arp and /proc/net/stat/arp_cache', async (t) => {
  const host = filled()
  const [head, ...lines] = read(host, '/proc/net/arp').trimEnd().split('\n')
  t.equal(head, 'IP address       HW type     Flags       HW address            Mask     Device')
  t.same(lines.sort(), [
    '10.0.0.2         0x1         0x6         02:00:00:00:00:01     *        d0',
    '10.0.0.3         0x1         0x2         02:00:00:00:00:01     *        d0',
    '10.0.0.4         0x1         0x6         02:00:00:00:00:01     *        d1',
    '10.0.0.50        0x1         0xc         00:00:00:00:00:00     *        d0',
  ])
  const stat = read(host, '/proc/net/stat/arp_cache').trimEnd().split('\n')
  t.equal(stat.length, 2)
  t.match(stat[1], /^00000003 00000003 00000000 00000000 {3}0000000. /)
})

t.test('sysctls: a default goes to devices that have not chosen', async (t) => {
  const host = new NeighbourHost()
  const value = (name: string) => read(host, `/proc/sys/net/ipv4/neigh/${name}`).trim()
  t.equal(value('d0/base_reachable_time_ms'), '30000')
  t.equal(value('d0/unres_qlen'), '101')
  t.equal(value('d0/proxy_delay'), '80')
  write(host, 'neigh/d0/ucast_solicit', '5')
  write(host, 'neigh/default/ucast_solicit', '7')
  t.same([value('d0/ucast_solicit'), value('d1/ucast_solicit')], ['5', '7'])
  t.ok(isErrno(write(host, 'neigh/d0/mcast_solicit', '-1')))
  t.ok(isErrno(write(host, 'neigh/d0/interval_probe_time_ms', '0')))
  write(host, 'neigh/d0/base_reachable_time', '60')
  t.equal(value('d0/base_reachable_time_ms'), '60000')
  t.equal(value('default/gc_thresh3'), '1024')
  t.equal(value('d0/gc_thresh3'), 'ENOENT')
})

/** A program's memory that holds one arpreq at 0x1000. */
class Memory implements UserMemory {
  bytes = new Uint8Array(arpreq.size)
  read(addr: number, length: number): Uint8Array | Errno {
    return addr === 0x1000 ? this.bytes.slice(0, length) : EFAULT
  }
  write(addr: number, bytes: Uint8Array): Errno | undefined {
    if (addr !== 0x1000) return EFAULT
    this.bytes.set(bytes)
    return undefined
  }
}
interface Arp {
  flags?: number
  lladdr?: string
  dev?: string
  mask?: number
  family?: number
}
function arp(host: NeighbourHost, cmd: number, ip: string, { flags = 0, lladdr, dev = '', mask, family = AF_INET }: Arp = {}) {
  const memory = new Memory()
  const b = memory.bytes
  put16(b, 0, family)
  b.set(ipv4(ip), 4)
  if (lladdr !== undefined) {
    put16(b, 16, 1)
    b.set(unhex(lladdr), 18)
  }
  put32(b, 32, flags)
  if (mask !== undefined) put32(b, 40, mask)
  putString(b, 52, dev)
  const error = arp_ioctl(host.kernel.init_net, host.client.task, cmd, 0x1000, memory)
  return { error: error?.name ?? '0', flags: getS32(b, 32), lladdr: Buffer.from(b.subarray(18, 24)).toString('hex') }
}

t.test('arp -s, arp, arp -d', async (t) => {
  const host = new NeighbourHost()
  t.equal(arp(host, SIOCSARP, '10.0.0.5', { flags: ATF_COM | ATF_PERM, lladdr: MAC }).error, '0', 'the device by the route')
  t.same(host.told(), [`new 10.0.0.5 PERMANENT ${MAC}`])
  t.match(arp(host, SIOCGARP, '10.0.0.5', { dev: 'd0' }), { error: '0', flags: ATF_COM | ATF_PERM, lladdr: MAC })
  t.equal(arp(host, SIOCGARP, '10.0.0.5').error, 'ENODEV')
  t.equal(arp(host, SIOCGARP, '10.0.0.6', { dev: 'd0' }).error, 'ENXIO')
  t.equal(arp(host, SIOCSARP, '99.0.0.1', { flags: ATF_COM, lladdr: MAC }).error, 'ENETUNREACH')
  t.equal(arp(host, SIOCSARP, '10.0.0.5', { family: 10 }).error, 'EPFNOSUPPORT')
  t.equal(arp(host, SIOCSARP, '10.0.0.5', { flags: ATF_NETMASK }).error, 'EINVAL')
  t.equal(arp(host, SIOCDARP, '10.0.0.5').error, '0')
  t.same(host.told(), ['new 10.0.0.5 FAILED', 'del 10.0.0.5 FAILED'])
  t.equal(arp(host, SIOCDARP, '10.0.0.5').error, 'ENXIO')
})
t.test('arp pub: one address, or all that lies behind', async (t) => {
  const host = new NeighbourHost()
  t.equal(arp(host, SIOCSARP, '10.0.0.8', { flags: ATF_PUBL | ATF_PERM, dev: 'd0' }).error, '0')
  t.same(host.dump({ proxy: true }), ['new 10.0.0.8 NONE flags 8'])
  t.equal(arp(host, SIOCSARP, '10.0.0.9', { flags: ATF_PUBL | ATF_COM, lladdr: MAC }).error, 'ENODEV')
  t.equal(arp(host, SIOCDARP, '10.0.0.9', { flags: ATF_PUBL, dev: 'd0' }).error, 'ENOENT')
  t.equal(arp(host, SIOCDARP, '10.0.0.8', { flags: ATF_PUBL, dev: 'd0' }).error, '0')
  t.equal(arp(host, SIOCSARP, '10.0.0.0', { flags: ATF_PUBL | ATF_NETMASK, dev: 'd0', mask: 0 }).error, '0')
  t.equal(read(host, '/proc/sys/net/ipv4/conf/d0/proxy_arp'), '1\n')
})
