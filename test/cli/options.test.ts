import { InvalidArgumentError } from 'commander'
import t from 'tap'
import { labOptionsOf, parseListen, parseTime, parseUid } from '../../src/cli/options.ts'

t.test('time: names or a factor', async (t) => {
  t.equal(parseTime('real'), 'real')
  t.equal(parseTime('virtual'), 'virtual')
  t.same(parseTime('10'), { scale: 10 })
  t.same(parseTime('0.5x'), { scale: 0.5 })
  for (const bad of ['fast', '0', '-1', '', '1e9']) t.throws(() => parseTime(bad), InvalidArgumentError)
})

t.test('where to listen', async (t) => {
  t.same(parseListen('127.0.0.1:7070'), { host: '127.0.0.1', port: 7070 })
  t.same(parseListen('7070'), { host: '127.0.0.1', port: 7070 })
  t.same(parseListen(':0'), { host: '127.0.0.1', port: 0 })
  t.same(parseListen('[::1]:80'), { host: '::1', port: 80 })
  t.same(parseListen('0.0.0.0:80'), { host: '0.0.0.0', port: 80 })
  for (const bad of ['localhost', '1.2.3.4:99999', 'a:b', '::1:80', '']) t.throws(() => parseListen(bad), InvalidArgumentError, bad)
})

t.test('users and seeds', async (t) => {
  t.equal(parseUid('0'), 0)
  t.equal(parseUid('65534'), 65534)
  for (const bad of ['root', '-1', '4294967295', '1.5', '']) t.throws(() => parseUid(bad), InvalidArgumentError)
  t.same(labOptionsOf({ seed: '12' }).seed, 12)
  t.same(labOptionsOf({ seed: 'twelve' }).seed, 'twelve')
  t.same(labOptionsOf({}).seed, undefined)
})
