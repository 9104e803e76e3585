/** Settings: RTM_GETNETCONF and its notifications, /proc/sys/net/ipv4/conf, IFLA_AF_SPEC. */
import t from 'tap'
import { ctl_buffer, type ctl_dir, type ctl_table } from '../../../src/fs/proc_sysctl.ts'
import { get32, put32 } from '../../../src/lib/bytes.ts'
import { dev_change_name } from '../../../src/net/core/dev.ts'
import { EINVAL, EPERM, isErrno } from '../../../src/uapi/errno.ts'
import { IFLA_AF_SPEC, IFLA_INET_CONF } from '../../../src/uapi/linux/if_link.ts'
import { NETCONFA_IFINDEX, netconfmsg } from '../../../src/uapi/linux/netconf.ts'
import { RTM_GETNETCONF, RTM_NEWLINK } from '../../../src/uapi/linux/rtnetlink.ts'
import { concat, link, nla, parseAck } from '../core/rtnetlink_client.ts'
import { Ipv4Host, show } from './ipv4Host.ts'

const off = 'forwarding=0 rp_filter=0 mc_forwarding=0 bc_forwarding=0 proxy_neigh=0 ignore_linkdown=0'

function entry(h: Ipv4Host, path: string): ctl_table {
  const names = path.split('/')
  let dir = h.kernel.init_net.sysctls as ctl_dir
  for (const name of names.slice(0, -1)) dir = dir.subdir(name) as ctl_dir
  return dir.entries.get(names.at(-1) as string) as ctl_table
}
function write(h: Ipv4Host, path: string, text: string, task = h.client.task): string {
  const ctl = entry(h, path)
  const error = ctl.proc_handler(ctl, true, new ctl_buffer(text, task))
  return isErrno(error) ? error.name : ''
}
function read(h: Ipv4Host, path: string): string {
  const ctl = entry(h, path)
  const buf = new ctl_buffer('', h.client.task)
  ctl.proc_handler(ctl, false, buf)
  return buf.text
}
function netconf(h: Ipv4Host, ...attributes: Uint8Array[]): string[] {
  const flags = attributes.length === 0 ? 0x301 : 1
  const answers = h.client.request(RTM_GETNETCONF, flags, concat(netconfmsg.encode({ ncm_family: 2 }), new Uint8Array(3), ...attributes))
  return answers.filter((m) => m.type !== 3).map((m) => (m.type === 2 ? String(parseAck(m).msg ?? parseAck(m).error) : show(m)))
}

t.test('a dump has the devices, then all, then default; one can be asked for', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  t.same(netconf(h), [`+netconf 1 ${off}`, `+netconf 2 ${off}`, `+netconf -1 ${off}`, `+netconf -2 ${off}`])
  t.same(netconf(h, nla(NETCONFA_IFINDEX, d.ifindex)), [`+netconf 2 ${off}`])
  t.same(netconf(h, nla(NETCONFA_IFINDEX, 0xffffffff)), [`+netconf -1 ${off}`])
  t.same(netconf(h, nla(NETCONFA_IFINDEX, 99)), [String(-EINVAL.code)])
  t.same(netconf(h, nla(NETCONFA_IFINDEX, d.ifindex), nla(2, 0)), ['ipv4: Unsupported attribute in netconf get request'])
})

t.test('ip_forward reaches every device, and each is told', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  t.equal(write(h, 'net/ipv4/ip_forward', '1\n'), '')
  t.same(h.events(), ['+netconf -1 forwarding=1', '+netconf -2 forwarding=1', '+netconf 1 forwarding=1', '+netconf 2 forwarding=1'])
  t.equal(read(h, 'net/ipv4/conf/all/accept_redirects'), '0\n', 'a router takes no redirects')
  t.equal(write(h, 'net/ipv4/conf/d0/forwarding', '0'), '')
  t.same(h.events(), ['+netconf 2 forwarding=0'])
  write(h, 'net/ipv4/ip_forward', '1')
  t.same(h.events(), [], 'the same value again is no change')
  t.equal(
    write(h, 'net/ipv4/ip_forward', '0', h.kernel.task_for({ ...h.client.task, tid: 5, netns: 0, capabilities: 0n } as any)),
    EPERM.name,
  )
  t.equal(d.ip_ptr?.cnf.get(1), 0)
})

t.test('default is for new devices, and for those nobody has configured', async (t) => {
  const h = new Ipv4Host()
  h.dummy('d0')
  const d1 = h.dummy('d1')
  h.add(d1, '10.0.0.1/24')
  write(h, 'net/ipv4/conf/default/rp_filter', '2')
  t.same(h.events().at(-1), '+netconf -2 rp_filter=2')
  h.dummy('d2')
  t.same(
    ['d0', 'd1', 'd2'].map((name) => read(h, `net/ipv4/conf/${name}/rp_filter`)),
    ['2\n', '0\n', '2\n'],
    'an address pins the settings',
  )
})

t.test('settings with a message of their own', async (t) => {
  const h = new Ipv4Host()
  h.dummy('d0')
  for (const name of ['proxy_arp', 'ignore_routes_with_linkdown', 'rp_filter', 'log_martians']) write(h, `net/ipv4/conf/d0/${name}`, '1')
  t.same(h.events(), ['+netconf 2 proxy_neigh=1', '+netconf 2 ignore_linkdown=1', '+netconf 2 rp_filter=1'])
  t.equal(entry(h, 'net/ipv4/conf/d0/mc_forwarding').mode, 0o444)
})

t.test('a rename moves the files, labels follow, and both are told', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  h.add(d, '10.0.0.1/24')
  h.add(d, '10.1.0.1/24', { label: 'd0:x' })
  h.add(d, '10.2.0.1/24')
  h.down(d)
  h.events()
  t.notOk(isErrno(dev_change_name(d, 'averylongname0')))
  t.same(h.events(), [
    '+addr 2 10.0.0.1/24 averylongname0',
    '+addr 2 10.1.0.1/24 averylongname:x',
    '+addr 2 10.2.0.1/24 averylongname:3',
    '-netconf 2',
    `+netconf 2 ${off}`,
  ])
  t.equal(read(h, 'net/ipv4/conf/averylongname0/rp_filter'), '0\n')
  t.notOk((h.kernel.init_net.sysctls as ctl_dir).subdir('net')?.subdir('ipv4')?.subdir('conf')?.subdir('d0'))
})

t.test('IFLA_AF_SPEC sets and shows the 33 values', async (t) => {
  const h = new Ipv4Host()
  const d = h.dummy('d0')
  const set = (nr: number, payload: Uint8Array | number) =>
    h.client.ack(RTM_NEWLINK, 0, link({ index: d.ifindex }, nla(IFLA_AF_SPEC, nla(2, nla(IFLA_INET_CONF, nla(nr, payload))))))
  t.equal(set(8, 2).error, 0)
  t.equal(d.ip_ptr?.cnf.get(8), 2)
  t.equal(set(34, 1).error, -EINVAL.code, 'no such setting')
  t.equal(set(8, Uint8Array.of(1, 0)).error, -EINVAL.code, 'too short')
  const [m] = h.client.request(18, 1, link({ index: d.ifindex }))
  const want = new Uint8Array(4 + 33 * 4)
  put32(want, 0, 0x00010000 | want.length)
  const at = Buffer.from(m.bytes).indexOf(Buffer.from(want.subarray(0, 4)))
  t.equal(get32(m.bytes, at + 4 + 7 * 4), 2)
})
