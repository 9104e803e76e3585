import t from 'tap'
import type { team_option_inst } from '../../../../src/drivers/net/team/team.ts'
import { team_of } from '../../../../src/drivers/net/team/team.ts'
import { team_option_set, type option_value } from '../../../../src/drivers/net/team/team_options.ts'
import { unhex } from '../../../../src/lib/bytes.ts'
import { dev_change_flags, dev_get_stats, dev_queue_xmit, dev_uc_add } from '../../../../src/net/core/dev.ts'
import { EINVAL, ENODEV, EOPNOTSUPP, isErrno } from '../../../../src/uapi/errno.ts'
import { IFF_UP } from '../../../../src/uapi/linux/if.ts'
import { IFLA_MASTER } from '../../../../src/uapi/linux/if_link.ts'
import { ifinfomsg, RTM_NEWLINK } from '../../../../src/uapi/linux/rtnetlink.ts'
import { frame, mac } from '../../../net/core/packets.ts'
import { VxlanHost } from '../vxlan/vxlanHost.ts'

/** ldb [11]; ret a: the last byte of the sender's address is the hash. */
const PROGRAM = unhex('300000000b000000' + '1600000000000000')

/** A team of two dummies that balances. */
class Balanced extends VxlanHost {
  constructor() {
    super()
    this.link('team', 'team0')
    t.notOk(isErrno(this.set('mode', 'loadbalance')))
    for (const name of ['d0', 'd1']) {
      this.link('dummy', name)
      this.request(RTM_NEWLINK, (msg) => {
        msg.struct(ifinfomsg, { ifi_index: this.device(name).ifindex })
        msg.put(IFLA_MASTER, this.device('team0').ifindex)
      })
    }
    const dev = this.device('team0')
    dev_change_flags(dev, dev.flags | IFF_UP)
    this.advance(0)
  }
  get team() {
    return team_of(this.device('team0'))
  }
  option(name: string, index = 0): team_option_inst {
    const inst = this.team.options.find((one) => one.name === name && one.array_index === index)
    if (inst === undefined) throw new Error(`no option ${name}`)
    return inst
  }
  set(name: string, value: option_value, index = 0) {
    return team_option_set(this.team, this.option(name, index), value)
  }
  /** Packets that each port has sent, after one of a sender. */
  send(last: number): number[] {
    const src = Uint8Array.from(mac(`02:00:00:00:00:${last.toString(16).padStart(2, '0')}`))
    const before = this.sent()
    dev_queue_xmit(frame(this.device('team0'), mac('02:00:00:00:00:ff'), { src }))
    this.advance(0)
    return this.sent().map((n, i) => n - before[i])
  }
  sent(): number[] {
    return ['d0', 'd1'].map((name) => dev_get_stats(this.device(name)).tx_packets)
  }
}

t.test('without a program all leave by one port, with one by its hash', async (t) => {
  const h = new Balanced()
  t.same([h.send(1), h.send(2)], [h.send(3), h.send(4)])
  t.equal(h.set('bpf_hash_func', PROGRAM), undefined)
  t.same(
    [2, 3, 4, 5].map((last) => h.send(last)),
    [
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ],
  )
  t.equal(h.set('bpf_hash_func', PROGRAM.subarray(0, 7)), EINVAL)
})

t.test('a table of ports by hash; a port that is disabled goes from it', async (t) => {
  const h = new Balanced()
  h.set('bpf_hash_func', PROGRAM)
  const { ifindex } = h.device('d1')
  t.equal(h.set('lb_tx_hash_to_port_mapping', ifindex, 2), undefined)
  t.equal(h.set('lb_tx_hash_to_port_mapping', 99, 3), ENODEV)
  t.same(h.send(2), [1, 0], 'not asked yet')
  t.equal(h.set('lb_tx_method', 'hash_to_port_mapping'), undefined)
  t.same(h.send(2), [0, 1])
  t.equal(h.set('lb_tx_method', 'roundrobin'), EINVAL)
  const enabled = h.team.options.find((one) => one.name === 'enabled' && one.port?.dev === h.device('d1'))
  if (enabled === undefined) return t.fail('no option')
  team_option_set(h.team, enabled, false)
  t.same(h.team.lb?.mapping[2], undefined)
  t.same(h.send(3), [1, 0])
})

t.test('what was sent by hash is shown as often as asked for', async (t) => {
  const h = new Balanced()
  h.set('bpf_hash_func', PROGRAM)
  h.send(7)
  t.equal(h.team.lb?.hash_stats[7].shown, 0)
  h.set('lb_stats_refresh_interval', 10)
  h.advance(0)
  t.equal(h.team.lb?.hash_stats[7].shown, 64)
  h.send(7)
  h.kernel.events.runUntil(h.kernel.events.now + 1.1e9)
  t.equal(h.team.lb?.hash_stats[7].shown, 128)
  t.equal(h.set('lb_hash_stats', new Uint8Array(8), 7), EOPNOTSUPP)
})

t.test('addresses that ports have for the team go when it is closed', async (t) => {
  const h = new Balanced()
  const dev = h.device('team0')
  const has = () => h.device('d0').uc.some(({ addr }) => addr[5] === 0x77)
  dev_uc_add(dev, mac('02:00:00:00:00:77'))
  t.ok(has())
  dev_change_flags(dev, dev.flags & ~IFF_UP)
  t.notOk(has())
})
