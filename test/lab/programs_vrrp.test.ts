/** keepalived on two hosts of a switch: one of them has the address that clients use (VRRP, RFC 5798). */
import t from 'tap'
import { programLab, up, withoutAsRoot } from './programs.ts'

t.test('keepalived elects a master, and another when that is cut off', { skip: withoutAsRoot('keepalived') }, async (t) => {
  const { lab, folder, run, start, until, file } = programLab(t, {
    hosts: { a: {}, b: {}, client: {} },
    switches: { lan: {} },
    wires: [
      { name: 'a', ends: ['a/eth0', 'lan/1'] },
      { name: 'b', ends: ['b/eth0', 'lan/2'] },
      { name: 'client', ends: ['client/eth0', 'lan/3'] },
    ],
  })
  await run('client', up('10.0.0.9/24'))
  const mac: Record<string, string> = {}
  for (const [i, host] of ['a', 'b'].entries()) {
    await run(host, up(`10.0.0.${i + 1}/24`))
    mac[host] = /ether (\S+)/.exec((await run(host, 'ip link show eth0')).stdout)?.[1] as string
    const config = file(
      `${host}.conf`,
      `global_defs { router_id ${host}\n vrrp_version 3 }
vrrp_instance V { state BACKUP\n interface eth0\n virtual_router_id 51\n priority ${100 - i * 10}\n advert_int 1
  virtual_ipaddress { 10.0.0.100/24 } }\n`,
    )
    const pids = ['p', 'r'].map((flag) => `-${flag} ${folder}/${host}-${flag}.pid`).join(' ')
    start(host, `keepalived --dont-fork --log-console --vrrp -f ${config} ${pids}`)
  }
  const holds = (host: string, pattern: RegExp) => until(host, 'ip -4 -o addr show dev eth0', pattern)
  const neighbour = async () => {
    const { stdout } = await run('client', 'ping -c 1 -W 20 10.0.0.100 && ip neigh show 10.0.0.100')
    return / 0% packet loss/.test(stdout) && /lladdr (\S+)/.exec(stdout)?.[1]
  }
  t.match(await holds('a', /10\.0\.0\.100/), /inet 10\.0\.0\.100\/24 scope global secondary eth0/)
  t.notMatch(await holds('b', /^(?![\s\S]*10\.0\.0\.100)/), /10\.0\.0\.100/)
  t.equal(await neighbour(), mac.a)

  lab.setWire('a', { carrier: false })
  t.match(await holds('b', /10\.0\.0\.100/), /inet 10\.0\.0\.100\/24/)
  t.notMatch(await holds('a', /^(?![\s\S]*10\.0\.0\.100)/), /10\.0\.0\.100/)
  // told by the new master's gratuitous ARP
  t.match(await until('client', 'ip neigh show 10.0.0.100', new RegExp(mac.b)), mac.b)
  t.equal(await neighbour(), mac.b)

  lab.setWire('a', { carrier: true })
  t.match(await holds('a', /10\.0\.0\.100/), /10\.0\.0\.100/)
  t.match(await until('client', 'ip neigh show 10.0.0.100', new RegExp(mac.a)), mac.a)
})
