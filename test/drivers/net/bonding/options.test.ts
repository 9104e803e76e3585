import t from 'tap'
import { bond_info_show } from '../../../../src/drivers/net/bonding/bond_procfs.ts'
import { bond_opts } from '../../../../src/drivers/net/bonding/bond_opt_tables.ts'
import { __bond_opt_set, bond_opt_initstr } from '../../../../src/drivers/net/bonding/bond_options.ts'
import { bonding_group, bonding_masters } from '../../../../src/drivers/net/bonding/bond_sysfs.ts'
import { CAP_FULL_SET } from '../../../../src/kernel/capability.ts'
import type { MessageBuilder } from '../../../../src/lib/message.ts'
import { putString } from '../../../../src/lib/bytes.ts'
import { EACCES, EBUSY, EEXIST, EINVAL, ENODEV, ENOTEMPTY, EOPNOTSUPP, EPERM, isErrno } from '../../../../src/uapi/errno.ts'
import { ARPHRD_CAN, ARPHRD_NONE } from '../../../../src/uapi/linux/if_arp.ts'
import * as B from '../../../../src/uapi/linux/if_bonding.ts'
import * as L from '../../../../src/uapi/linux/if_link_bond.ts'
import * as S from '../../../../src/uapi/linux/sockios.ts'
import { Bonds } from './bonds.ts'

const file = (name: string) => {
  const found = bonding_group.dir.attrs.find((a) => a.name === name)
  if (found === undefined) throw new Error(name)
  return found
}

t.test('each option refuses what it does not know, in the words of the log', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
  h.log()
  for (const opt of bond_opts.filter((o) => o.values !== undefined && !o.unsuppmodes?.includes(1))) {
    t.equal(__bond_opt_set(bond, opt.id, bond_opt_initstr('nonsense')), EINVAL, opt.name)
    t.equal(h.log()[0], `# b0: option ${opt.name}: invalid value (nonsense)`)
  }
  for (const opt of bond_opts.filter((o) => o.unsuppmodes?.includes(1))) {
    t.equal(__bond_opt_set(bond, opt.id, bond_opt_initstr('1')), EACCES, opt.name)
    t.equal(h.log()[0], `# b0: option ${opt.name}: mode dependency failed, not supported in mode active-backup(1)`)
  }
  h.dummies(bond, 1)
  t.equal(__bond_opt_set(bond, 0, bond_opt_initstr('0')), ENOTEMPTY, 'with slaves')
  bond.dev.netdev_ops.ndo_del_slave?.(bond.dev, h.device('d0'))
  h.up(bond)
  t.equal(__bond_opt_set(bond, 0, bond_opt_initstr('0')), EBUSY, 'up')
  t.end()
})

t.test('one monitor takes the place of the other; both at once are refused', (t) => {
  const h = new Bonds()
  const change = (fill: (msg: MessageBuilder) => void) => h.newlink('bond', undefined, undefined, fill)
  const both = (msg: MessageBuilder) => {
    msg.put(L.IFLA_BOND_MIIMON, 100)
    msg.put(L.IFLA_BOND_ARP_INTERVAL, 100)
  }
  t.equal(change(both), EINVAL)
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP, 'b1', (msg) => msg.put(L.IFLA_BOND_MIIMON, 100))
  t.equal(file('arp_interval').store?.(bond.dev, '200\n', h.task), undefined)
  t.strictSame([bond.params.miimon, bond.params.arp_interval], [0, 200])
  t.equal(file('miimon').store?.(bond.dev, '50\n', h.task), undefined)
  t.strictSame([bond.params.miimon, bond.params.arp_interval], [50, 0])
  t.equal(file('updelay').store?.(bond.dev, '120\n', h.task), undefined)
  t.equal(file('updelay').show?.(bond.dev, h.task), '100\n', 'a multiple of miimon')
  t.end()
})

t.test('arp_ip_target: added, removed, never twice', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
  const set = (text: string) => file('arp_ip_target').store?.(bond.dev, `${text}\n`, h.task)
  t.equal(set('+10.0.0.1'), undefined)
  t.equal(set('+10.0.0.2'), undefined)
  t.equal(set('+10.0.0.1'), EINVAL)
  t.equal(set('10.0.0.1'), EPERM)
  t.equal(set('+255.255.255.255'), EINVAL)
  t.equal(set('-10.0.0.9'), EINVAL)
  t.equal(file('arp_ip_target').show?.(bond.dev, h.task), '10.0.0.1 10.0.0.2\n')
  t.equal(set('-10.0.0.1'), undefined)
  t.equal(file('arp_ip_target').show?.(bond.dev, h.task), '10.0.0.2\n')
  t.end()
})

t.test('bonding_masters: each of its answers', (t) => {
  const h = new Bonds()
  const net = h.kernel.init_net
  const rows: [string, typeof EPERM | undefined, string][] = [
    ['+b7', undefined, '# bonding: b7 is being created...'],
    ['+b7', EEXIST, '# bonding: b7 is being created...'],
    ['-b9', ENODEV, '# bonding: unable to delete non-existent b9'],
    ['b9', EPERM, '# bonding: no command found in bonding_masters - use +ifname or -ifname'],
    ['-b7', undefined, '# bonding: b7 is being deleted...'],
  ]
  for (const [text, error, line] of rows) {
    h.log()
    t.equal(bonding_masters.store?.(net, `${text}\n`, h.task), error, text)
    t.equal(h.log()[0], line)
    if (text === '+b7') t.equal(bonding_masters.show?.(net, h.task), 'b7\n')
  }
  t.equal(bonding_masters.show?.(net, h.task), '')
  t.end()
})

t.test('SIOCBOND*: each request', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ACTIVEBACKUP)
  for (const name of ['d0', 'd1']) h.newlink('dummy', name)
  const user = h.kernel.task_for({ tgid: 9, tid: 9, comm: 'u', uid: 1000, gid: 1000, capabilities: 0n, netns: 0 })
  const mem = new Uint8Array(64)
  const memory = {
    read: (at: number, n: number) => mem.slice(at, at + n),
    write: (at: number, bytes: Uint8Array) => mem.set(bytes, at),
  } as never
  const ask = (cmd: number, name: string, task = h.task) => {
    const ifr = new Uint8Array(40)
    if (name !== '') putString(ifr, 16, name)
    return bond.dev.netdev_ops.ndo_siocbond?.(bond.dev, ifr, memory, cmd, task)
  }
  t.equal(ask(S.SIOCBONDENSLAVE, 'd0', user), EPERM)
  t.equal(ask(S.SIOCBONDENSLAVE, 'nosuch'), ENODEV)
  t.equal(ask(S.SIOCBONDENSLAVE, 'd0'), undefined)
  t.equal(ask(S.SIOCBONDENSLAVE, 'd1'), undefined)
  h.up(bond)
  t.equal(ask(S.SIOCBONDCHANGEACTIVE, 'd1'), undefined)
  t.equal(bond.curr_active_slave?.dev.name, 'd1')
  t.equal(ask(S.SIOCBONDSETHWADDR, 'd1'), undefined)
  t.equal(ask(S.SIOCBONDINFOQUERY, '', user), undefined)
  t.strictSame([mem[0], mem[4]], [1, 2], 'mode and number of slaves')
  mem.fill(0)
  mem[0] = 1
  t.equal(ask(S.SIOCBONDSLAVEINFOQUERY, '', user), undefined)
  t.equal(String.fromCharCode(...mem.subarray(4, 6)), 'd1')
  mem[0] = 2
  t.equal(ask(S.SIOCBONDSLAVEINFOQUERY, '', user), ENODEV)
  t.equal(ask(S.SIOCBONDRELEASE, 'd0'), undefined)
  t.equal(ask(S.SIOCBONDRELEASE, 'd0'), EINVAL)
  const eth = bond.dev.netdev_ops.ndo_eth_ioctl
  const mii = new Uint8Array(40)
  mii[18] = 1
  t.equal(eth?.(bond.dev, mii, S.SIOCGMIIREG), undefined)
  t.equal(mii[22], 4, 'link up')
  t.equal(eth?.(bond.dev, mii, S.SIOCSMIIREG), EOPNOTSUPP)
  t.end()
})

t.test('/proc/net/bonding: LACP’s keys only for administrators', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_8023AD)
  h.veths(bond, 1)
  const show = (capabilities: bigint) => {
    h.kernel.current = h.kernel.task_for({ tgid: 10, tid: 10, comm: 'cat', uid: 1, gid: 1, capabilities, netns: 0 })
    const text = bond_info_show(h.kernel.init_net, bond.dev)
    h.kernel.current = undefined
    h.kernel.task_exit(10)
    return text
  }
  t.match(show(CAP_FULL_SET), /System priority: 65535/)
  t.notMatch(show(0n), /System priority/)
  t.match(show(0n), /Slave Interface: v0\nMII Status: up/)
  t.end()
})

t.test('what cannot be a slave', (t) => {
  const h = new Bonds()
  const bond = h.bond(B.BOND_MODE_ROUNDROBIN)
  const add = (name: string) => bond.dev.netdev_ops.ndo_add_slave?.(bond.dev, h.device(name))
  h.newlink('dummy', 'd0')
  h.newlink('dummy', 'd1')
  t.equal(add('b0'), EPERM, 'itself')
  t.equal(add('d0'), undefined)
  t.equal(add('d0'), EBUSY, 'a slave')
  h.device('d1').flags |= 1
  t.equal(add('d1'), EPERM, 'one that is up')
  t.ok(isErrno(add('lo')), 'another kind of link')
  h.newlink('dummy', 'c0')
  h.device('c0').type = ARPHRD_CAN
  t.equal(add('c0'), EPERM, 'a CAN device')
  const lacp = h.bond(B.BOND_MODE_8023AD, 'b1')
  h.newlink('dummy', 'n0')
  h.device('n0').type = ARPHRD_NONE
  t.equal(lacp.dev.netdev_ops.ndo_add_slave?.(lacp.dev, h.device('n0')), EINVAL, 'LACP wants Ethernet')
  t.end()
})
