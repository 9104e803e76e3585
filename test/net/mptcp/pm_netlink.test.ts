/** `ip mptcp`: endpoints and limits are kept and shown, and wrong ones refused in Linux's words. */
import t from 'tap'
import { createHost, type Host } from '../../../src/index.ts'

const mptcp = (host: Host, line: string) => host.run('ip', ['mptcp', ...line.split(' ')])

t.test('endpoints have ids of their own, are changed, shown in the order of ids, and flushed', async (t) => {
  const host = createHost({ devices: [{ name: 'eth0', addresses: ['192.0.2.1/24'] }] })
  await mptcp(host, 'endpoint add 192.0.2.1 dev eth0 subflow')
  await mptcp(host, 'endpoint add 192.0.2.9 id 9 signal')
  await mptcp(host, 'endpoint add 192.0.2.4 subflow fullmesh backup')
  await mptcp(host, 'endpoint add 2001:db8::1 subflow')
  t.same((await mptcp(host, 'endpoint show')).stdout.split('\n'), [
    '192.0.2.1 id 1 subflow dev eth0 ',
    '192.0.2.9 id 9 signal ',
    '192.0.2.4 id 10 subflow backup fullmesh ',
    '2001:db8::1 id 11 subflow ',
    '',
  ])
  await mptcp(host, 'endpoint change id 1 backup')
  await mptcp(host, 'endpoint change 192.0.2.4 nofullmesh')
  await mptcp(host, 'endpoint delete id 9')
  t.match((await mptcp(host, 'endpoint show id 1')).stdout, /^192\.0\.2\.1 id 1 subflow backup /)
  t.notMatch((await mptcp(host, 'endpoint show')).stdout, /fullmesh|id 9 /)
  await mptcp(host, 'endpoint flush')
  t.equal((await mptcp(host, 'endpoint show')).stdout, '')
})

t.test('what cannot be is refused', async (t) => {
  const host = createHost()
  await mptcp(host, 'endpoint add 192.0.2.1 subflow')
  const refused = async (line: string, why: RegExp) => t.match((await mptcp(host, line)).stderr, why, line)
  await refused('endpoint add 192.0.2.1 signal', /^Error: too many addresses or duplicate one: -17\./)
  await refused('endpoint add ::ffff:192.0.2.1 signal', /duplicate one: -17\./)
  await refused('endpoint add 192.0.2.2 id 1 signal', /duplicate one: -16\./)
  await refused('endpoint add 192.0.2.2 port 500 signal', /^Error: create listen socket error: -99\./)
  await refused('endpoint show id 77', /^Error: address not found\./)
  await refused('endpoint delete id 77', /^Error: address not found\./)
  await refused('limits set subflows 9', /^Error: limit greater than maximum\./)
  for (let i = 2; i <= 8; i++) await mptcp(host, `endpoint add 192.0.2.${i} subflow`)
  await refused('endpoint add 192.0.2.9 subflow', /duplicate one: -34\./)
})

t.test('limits', async (t) => {
  const host = createHost()
  t.equal((await mptcp(host, 'limits show')).stdout, 'add_addr_accepted 0 subflows 2 \n')
  await mptcp(host, 'limits set subflows 4 add_addr_accepted 3')
  t.equal((await mptcp(host, 'limits show')).stdout, 'add_addr_accepted 3 subflows 4 \n')
})
