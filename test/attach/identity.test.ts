import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import t from 'tap'
import { afterExec, credentialsOf, setCapabilities, setIds } from '../../src/attach/credentials.ts'
import { program, results, run } from './support.ts'
import { runAsNobody } from './unprivileged.ts'

const path = program('identity')
chmodSync(dirname(path), 0o755)
const EPERM = -1

const asRoot = {
  uid: 0,
  may: 0,
  cap: 1,
  capset: 0,
  child_may: EPERM,
  grandchild_may: EPERM,
  parent_may: 0,
  before_drop_may: 0,
  keepcaps: 0,
  setgroups: 0,
  setresgid: 0,
  setresuid: 0,
  dropped_may: EPERM,
  dropped_cap: 0,
  back: EPERM,
  exec_may: EPERM,
}

t.test('programs are root on the host and lose it as on Linux', async (t) => {
  const { out, err } = await run(path)
  t.strictSame(results(out), asRoot, err)
})

t.test('the same when nobody outside, without capabilities', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const ran = await runAsNobody(path)
  t.strictSame(results(ran.out), asRoot, ran.err)
})

t.test('asUser: a user of the host without capabilities', async (t) => {
  const { out } = await run(path, [], { asUser: 1000 })
  t.match(results(out), { uid: 1000, may: EPERM, cap: 0, setgroups: EPERM, setresuid: EPERM, dropped_may: EPERM, exec_may: EPERM })
})

t.test('setpriv, as people use it', async (t) => {
  const route = 'ip route add 10.0.0.0/8 dev nd0'
  t.match(await run('sh', ['-c', route]), { code: 0 })
  const refused = { code: 2, err: /Operation not permitted/ }
  t.match(await run('sh', ['-c', `setpriv --reuid=1000 --regid=1000 --clear-groups ${route}`]), refused)
  t.match(await run('sh', ['-c', `setpriv --bounding-set=-net_admin ${route}`]), refused)
  t.match(await run('sh', ['-c', `setpriv --reuid=1000 --clear-groups --inh-caps=+net_admin --ambient-caps=+net_admin ${route}`]), {
    code: 0,
  })
})

t.test('credentials follow kernel/sys.c and commoncap.c', async (t) => {
  const root = credentialsOf(0)
  const away = setIds({ ...root, keepcaps: true }, 'setresuid', [1000, 1000, -1])
  if (typeof away === 'number') return t.fail('setresuid')
  t.equal(away.effective, 0n, 'effective goes with the effective uid')
  t.equal(away.permitted, root.permitted, 'saved root keeps permitted')
  const back = setIds(away, 'setreuid', [-1, 0])
  t.ok(typeof back !== 'number' && back.effective === root.permitted, 'back to root: effective again')
  const gone = setIds(root, 'setuid', [1000])
  t.ok(typeof gone !== 'number' && gone.permitted === 0n)
  t.equal(setCapabilities(credentialsOf(1000), { effective: 1n, permitted: 1n, inheritable: 0n }), -1)
  const bounded = afterExec({ ...root, bounding: 0n })
  t.equal(bounded.effective, 0n, 'an empty bounding set leaves root nothing after exec')
})
