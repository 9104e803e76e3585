/** A GRE tunnel to a group is in the group while it is up, and does not come up where nothing leads there. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'

t.test('ipgre_open(), ipgre_close()', async (t) => {
  const host = createHost({ ipv6: false, devices: [{ name: 'eth0', addresses: ['192.0.2.1/24'] }] })
  const ip = (line: string) => host.run('ip', line.split(' '))
  const joined = async () => /239\.1\.1\.1/.test((await ip('maddr show dev eth0')).stdout)
  await ip('link add g1 type gre local 192.0.2.1 remote 239.1.1.1')
  t.equal(await joined(), false)
  await ip('link set g1 up')
  t.equal(await joined(), true)
  await ip('link set g1 down')
  t.equal(await joined(), false)
  await ip('link add g0 type gre local 10.0.0.1 remote 224.0.0.9')
  t.match((await ip('link set g0 up')).stderr, /Cannot assign requested address/)
})
