/** `ip stats`: counters of LACP, of a bond and of its slaves, where the bond speaks it. */
import t from 'tap'
import { createHost } from '../../../../src/index.ts'

t.test('the bond counts what its slaves have sent', async (t) => {
  const host = createHost()
  const run = async (line: string) => (await host.run('ip', line.split(' '))).stdout
  await run('link add b0 type bond mode 802.3ad')
  await run('link add v0 type veth peer name v1')
  await run('link set v0 master b0')
  for (const dev of ['b0', 'v0', 'v1']) await run(`link set ${dev} up`)
  host.lab.advance(3e9)
  const sent = (text: string) => Number(/LACPDU Tx (\d+)/.exec(text)?.[1])
  const ofBond = sent(await run('stats show dev b0 group xstats subgroup bond suite 802.3ad'))
  t.ok(ofBond > 0)
  t.equal(sent(await run('stats show dev v0 group xstats_slave subgroup bond suite 802.3ad')), ofBond)
})
t.test('other bonds have none', async (t) => {
  const host = createHost()
  await host.run('ip', ['link', 'add', 'b0', 'type', 'bond', 'mode', 'active-backup'])
  const { stdout } = await host.run('ip', ['stats', 'show', 'dev', 'b0', 'group', 'xstats', 'subgroup', 'bond', 'suite', '802.3ad'])
  t.notMatch(stdout, /LACPDU/)
})
