import t from 'tap'
import { createHost, createLab } from '../../src/index.ts'

t.test('real programs on a host in this process', async (t) => {
  const host = createHost({ seed: 1 })
  t.teardown(() => host.lab.close())

  await t.test('their output, exit code and effects', async (t) => {
    const up = await host.run('ip', ['link', 'set', 'lo', 'up'])
    t.same(up, { stdout: '', stderr: '', code: 0, signal: null })
    t.equal(host.kernel.init_net.loopback_dev.flags & 1, 1, 'the host has changed when the program has ended')
    const wrong = await host.run('ip', ['link', 'show', 'nope'])
    t.equal(wrong.code, 1)
    t.match(wrong.stderr, /"nope" does not exist/)
    t.ok(
      host.lab.transcript.entries.some((e) => e.kind === 'request'),
      'what they asked is in the transcript',
    )
  })

  await t.test('input, environment, directory, user, abort', async (t) => {
    t.match(await host.run('cat', [], { input: 'hello' }), { stdout: 'hello' })
    t.match(await host.run('sh', ['-c', 'echo $FRUIT; pwd'], { env: { ...process.env, FRUIT: 'fig' }, cwd: '/' }), { stdout: 'fig\n/\n' })
    t.match(await host.run('ip', ['link', 'set', 'lo', 'down'], { uid: 1000 }), { code: 2, stderr: /not permitted/ })
    const controller = new AbortController()
    const sleeping = host.run('sleep', ['1000'], { signal: controller.signal })
    controller.abort()
    t.match(await sleeping, { code: null, signal: 'SIGTERM' })
  })

  await t.test('several at once', async (t) => {
    const results = await Promise.all(['1', '2', '3'].map((n) => host.run('ip', ['link', 'add', `dummy${n}`, 'type', 'dummy'])))
    t.same(
      results.map((r) => r.code),
      [0, 0, 0],
    )
    t.match((await host.run('ip', ['-br', 'link'])).stdout.match(/dummy\d/g), { length: 3 })
  })
})

t.test('virtual time stands still while programs run; two hosts know nothing of each other', async (t) => {
  const lab = createLab({ seed: 1, time: 'virtual' })
  t.teardown(() => lab.close())
  const [a, b] = [lab.addHost('a'), lab.addHost('b')]
  await a.run('ip', ['link', 'add', 'dummy0', 'type', 'dummy'])
  t.equal(lab.events.now, 0)
  t.match((await b.run('ip', ['link', 'show', 'dummy0'])).stderr, /does not exist/)
  t.match((await a.run('ip', ['link', 'show', 'dummy0'])).stdout, /dummy0/)
})

t.test('a program that is not there', async (t) => {
  const host = createHost()
  t.teardown(() => host.lab.close())
  t.match(await host.run('no-such-program'), { code: 127 })
})
