/** Receive packet steering: what is written to rps_cpus, and where packets go on then. */
import t from 'tap'
import { put32 } from '../../../src/lib/bytes.ts'
import { Lab } from '../../../src/lab/lab.ts'
import type { Host } from '../../../src/lab/host.ts'
import { dev_open, netif_receive_skb } from '../../../src/net/core/dev.ts'
import type { net_device } from '../../../src/net/core/netdevice.ts'
import { eth_type_trans } from '../../../src/net/ethernet/eth.ts'
import { ETH_P_IP } from '../../../src/uapi/linux/if_ether.ts'
import { cat, echo } from '../../fs/support.ts'
import { frame, mac } from './packets.ts'

const RPS = '/sys/class/net/eth0/queues/rx-0/rps_cpus'
const CPUS = 4

function fourCpus(): Host {
  const host = new Lab().addHost('h', { nr_cpus: CPUS })
  dev_open(eth0(host))
  host.lab.advance(1e9)
  return host
}
const eth0 = (host: Host) => host.kernel.init_net.dev_name_head.get('eth0') as net_device
/** Packets processed on each CPU, and times that each was told of some by another. */
function softnet(host: Host): { processed: number[]; received_rps: number[] } {
  const rows = String(cat(host.task(), '/proc/net/softnet_stat')).trim().split('\n')
  const column = (n: number) => rows.map((row) => Number.parseInt(row.split(' ')[n], 16))
  return { processed: column(0), received_rps: column(9) }
}
/** UDP between two hosts that are not this one, from this port. */
function flow(host: Host, port: number, packets = 1): void {
  for (let i = 0; i < packets; i++) {
    const skb = frame(eth0(host), mac('0a0000000001'), { length: 42, proto: ETH_P_IP })
    const at = skb.network_header
    skb.buf.set([0x45, 0, 0, 28, 0, i, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], at)
    put32(skb.buf, at + 20, port)
    skb.protocol = eth_type_trans(skb, eth0(host))
    netif_receive_skb(skb)
  }
  host.lab.events.runDue()
}

t.test('a mask is hexadecimal words of the CPUs that there are', async (t) => {
  const host = fourCpus()
  const task = host.task()
  t.equal(cat(task, RPS), '0\n')
  const written = (text: string) => [echo(task, text, RPS), cat(task, RPS)?.trim()]
  t.same(written('c\n'), [2, 'c'])
  t.same(written('0x3'), ['EINVAL', 'c'])
  t.same(written('10'), ['EOVERFLOW', 'c'])
  t.same(written('1,2'), ['EOVERFLOW', 'c'])
  t.same(written('00000000f'), ['EOVERFLOW', 'c'])
  t.same(written(',1'), [2, '1'])
  t.same(written(' 2\n'), [3, '2'])
  t.same(written('\n'), [1, '0'])
})
t.test('without a mask all stays where the driver is', async (t) => {
  const host = fourCpus()
  const before = softnet(host).processed
  flow(host, 1, 3)
  t.same(softnet(host).processed, [before[0] + 3, 0, 0, 0])
})
t.test('a flow goes on on one CPU of the mask, many flows on all of them; each is told once until it has polled', async (t) => {
  const host = fourCpus()
  echo(host.task(), 'e', RPS)
  const before = softnet(host).processed[0]
  flow(host, 7, 10)
  const one = softnet(host)
  t.equal(one.processed[0], before)
  t.same(one.processed.slice(1).sort(), [0, 0, 10])
  t.equal(Math.max(...one.received_rps), 1, 'they came together')
  for (let port = 0; port < 60; port++) flow(host, port * 977)
  const many = softnet(host)
  t.equal(many.processed[0], before)
  t.ok(many.processed.slice(1).every((n) => n > 5))
})
t.test('the CPU of the driver itself is told nothing', async (t) => {
  const host = fourCpus()
  echo(host.task(), '1', RPS)
  const before = softnet(host)
  flow(host, 7, 10)
  t.equal(softnet(host).processed[0], before.processed[0] + 10)
  t.same(softnet(host).received_rps, before.received_rps)
})
t.test('new devices begin with the mask of their namespace', async (t) => {
  const host = fourCpus()
  t.equal(echo(host.task(), '6\n', '/proc/sys/net/core/rps_default_mask'), 2)
  host.plug({ name: 'eth1', model: '82559' })
  t.equal(cat(host.task(), '/sys/class/net/eth1/queues/rx-0/rps_cpus'), '6\n')
  t.equal(cat(host.task(), RPS), '0\n', 'others keep theirs')
})
t.test('a flow table is rounded up to a power of two; as nobody follows it, that is counted', async (t) => {
  const host = fourCpus()
  const file = RPS.replace('rps_cpus', 'rps_flow_cnt')
  const written = (text: string) => [echo(host.task(), text, file), cat(host.task(), file)?.trim()]
  t.same(written('100'), [3, '128'])
  t.same(written('-1'), ['EINVAL', '128'])
  t.same(written('3000000000'), ['ENOMEM', '128'])
  t.match(host.kernel.unsupported.toJson(), [{ kind: 'sysfs', what: 'queues/rps_flow_cnt', count: 1 }])
})
