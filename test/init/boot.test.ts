import { readFileSync } from 'node:fs'
import t from 'tap'
import { initcalls } from '../../src/init/main.ts'
import { initcall_levels } from '../../src/kernel/initcall.ts'
import { Lab } from '../../src/lab/lab.ts'
import { inPackage } from '../place.ts'

/** The order in which the recorded Linux called its initcalls, one a line. */
const linux = readFileSync(inPackage('test/oracle/golden/initcalls.txt'), 'utf8').trim().split('\n')
t.test('initcalls run in the order of Linux', async (t) => {
  const names = initcalls.map((call) => call.name)
  // what Debian builds as a module, and is here from the start, is not in the recording
  const modules = names.filter((name) => !linux.includes(name))
  t.same(names, [...linux.filter((name) => names.includes(name)), ...modules])
  t.same(new Set(names).size, names.length, 'each once')
  const levels = initcalls.map((call) => initcall_levels.indexOf(call.level))
  t.same(
    levels,
    [...levels].sort((a, b) => a - b),
    'the table is in the order of levels',
  )
})

t.test('a host boots with lo and eth0, and says under initcall_debug what it called', async (t) => {
  const host = new Lab().addHost('a', { initcall_debug: true })
  t.same(
    host.kernel.init_net.dev_base_head.map((dev) => dev.name),
    ['lo', 'eth0'],
  )
  const calling = host.dmesg().flatMap((line) => /calling +(\w+)\+/.exec(line)?.[1] ?? [])
  t.same(
    calling,
    initcalls.map((call) => call.name),
  )
  t.match(host.dmesg().join('\n'), /initcall net_dev_init\+0x0\/0x0 returned 0 after \d+ usecs/)
  const quiet = new Lab().addHost('a')
  t.notMatch(quiet.dmesg().join('\n'), /calling/)
})

t.test('nothing in a booted host counts as unsupported', async (t) => {
  t.same(new Lab().addHost('a').kernel.unsupported.toJson(), [])
})
