import t from 'tap'
import {
  dev_get_flags,
  dev_mc_add,
  dev_mc_add_excl,
  dev_mc_add_global,
  dev_mc_del,
  dev_mc_del_global,
  dev_mc_sync,
  dev_mc_unsync,
  dev_open,
  dev_set_allmulti,
  dev_set_promiscuity,
  dev_uc_add,
  dev_uc_add_excl,
  dev_uc_del,
  dev_uc_sync,
  dev_uc_unsync,
} from '../../../src/net/core/dev.ts'
import { IFF_UNICAST_FLT, type net_device } from '../../../src/net/core/netdevice.ts'
import { EEXIST, ENOENT, EOVERFLOW } from '../../../src/uapi/errno.ts'
import { IFF_ALLMULTI, IFF_PROMISC } from '../../../src/uapi/linux/if.ts'
import { Devices } from './deviceHarness.ts'

const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 1, last)
const group = (last: number) => Uint8Array.of(1, 0, 0x5e, 0, 0, last)
const shown = (list: net_device['mc']) => list.map((ha) => `${ha.addr[5]}×${ha.refcount}`)

t.test('promiscuity is a count; its users are not what programs asked for', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_set_promiscuity(dev, 1)
  t.same(h.log(), ['# d0: entered promiscuous mode', '> NEWLINK d0 flags=1002 change=100'])
  dev_set_promiscuity(dev, 1)
  t.same(h.log(), ['> NEWLINK d0 flags=1002 change=100'], 'no second line in the log')
  t.equal(dev.promiscuity, 2)
  t.equal(dev_get_flags(dev) & IFF_PROMISC, 0)
  dev_set_promiscuity(dev, -1)
  h.log()
  dev_set_promiscuity(dev, -1)
  t.same(h.log(), ['# d0: left promiscuous mode', '> NEWLINK d0 flags=1002 change=100'])
  t.equal(dev.flags & IFF_PROMISC, 0)
})

t.test('allmulti likewise, told only when programs see it', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_set_allmulti(dev, 1)
  dev_set_allmulti(dev, 1)
  t.same(h.log(), ['# d0: entered allmulticast mode'])
  t.equal(dev.allmulti, 2)
  dev_set_allmulti(dev, -2)
  t.same(h.log(), ['# d0: left allmulticast mode'])
  t.equal(dev.flags & IFF_ALLMULTI, 0)
})

t.test('a count at its roof stays', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev.promiscuity = 0xffffffff
  t.equal(dev_set_promiscuity(dev, 1), EOVERFLOW)
  t.equal(dev.promiscuity, 0xffffffff)
  t.same(h.log(), ['# d0: promiscuity touches roof, set promiscuity failed. promiscuity feature of device might be broken.'])
})

t.test('a second unicast address makes a device promiscuous that cannot filter by it, while it is up', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_uc_add(dev, mac(1))
  t.equal(dev.promiscuity, 0, 'down')
  dev_open(dev)
  t.equal(dev.promiscuity, 1)
  dev_uc_add(dev, mac(2))
  t.equal(dev.promiscuity, 1)
  dev_uc_del(dev, mac(1))
  dev_uc_del(dev, mac(2))
  t.equal(dev.promiscuity, 0)
  const able = h.add('d1')
  able.priv_flags |= IFF_UNICAST_FLT
  dev_open(able)
  dev_uc_add(able, mac(1))
  t.equal(able.promiscuity, 0)
})

t.test('entries live as long as somebody asked', async (t) => {
  const h = new Devices()
  const dev = h.add('d0')
  dev_mc_add(dev, group(1))
  dev_mc_add(dev, group(1))
  dev_mc_add(dev, group(2))
  t.same(shown(dev.mc), ['1×2', '2×1'])
  dev_mc_del(dev, group(1))
  dev_mc_del(dev, group(1))
  t.same(shown(dev.mc), ['2×1'])
  t.equal(dev_mc_del(dev, group(1)), ENOENT)
  dev_mc_add_global(dev, group(3))
  dev_mc_add_global(dev, group(3))
  t.same(shown(dev.mc), ['2×1', '3×1'], 'by a program: once')
  t.equal(dev_mc_del_global(dev, group(2)), ENOENT, 'not a program\u2019s')
  t.equal(dev_mc_add_excl(dev, group(3)), EEXIST)
  t.equal(dev_uc_add_excl(dev, mac(1)), undefined)
  t.equal(dev_uc_add_excl(dev, mac(1)), EEXIST)
})

t.test('an upper device gives its lists to the one below, and takes back what it gave', async (t) => {
  const h = new Devices()
  const upper = h.add('up')
  const other = h.add('other')
  const lower = h.add('low')
  dev_mc_add(lower, group(9))
  dev_mc_add(upper, group(1))
  dev_mc_add(upper, group(9))
  dev_mc_add(other, group(1))
  dev_mc_sync(lower, upper)
  dev_mc_sync(lower, other)
  dev_mc_sync(lower, upper)
  t.same(shown(lower.mc), ['9×2', '1×2'])
  dev_mc_del(upper, group(1))
  dev_mc_sync(lower, upper)
  t.same(shown(lower.mc), ['9×2', '1×1'], 'the other upper still wants it')
  dev_mc_unsync(lower, other)
  dev_mc_unsync(lower, upper)
  t.same(shown(lower.mc), ['9×1'])
  t.same(shown(upper.mc), ['9×1'])
  dev_uc_add(upper, mac(5))
  dev_uc_sync(lower, upper)
  t.same(shown(lower.uc), ['5×1'])
  dev_uc_unsync(lower, upper)
  t.same(shown(lower.uc), [])
})
