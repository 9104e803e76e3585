/** `ip ioam` and `ip sr`: namespaces and schemas of in-situ OAM belong together one by one; keys are kept and shown. */
import t from 'tap'
import { createHost } from '../../../src/index.ts'

t.test('a schema is of one namespace at a time, and ends with neither', async (t) => {
  const host = createHost()
  const ioam = async (line: string) => (await host.run('ip', ['ioam', ...line.split(' ')])).stdout
  await ioam('namespace add 1')
  await ioam('namespace add 2 data 0xdeadbeef')
  await ioam('schema add 7 something')
  await ioam('namespace set 1 schema 7')
  t.equal(await ioam('namespace show'), 'namespace 1 [schema 7]\nnamespace 2, data 0xdeadbeef\n')
  await ioam('namespace set 2 schema 7')
  t.equal(await ioam('namespace show'), 'namespace 1\nnamespace 2 [schema 7], data 0xdeadbeef\n')
  t.equal(await ioam('schema show'), 'schema 7 [namespace 2], data: 73 6f 6d 65 74 68 69 6e 67 00 00 00\n', 'filled up to words')
  await ioam('namespace del 2')
  t.equal(await ioam('schema show'), 'schema 7, data: 73 6f 6d 65 74 68 69 6e 67 00 00 00\n')
  await ioam('namespace set 1 schema 7')
  await ioam('schema del 7')
  t.equal(await ioam('namespace show'), 'namespace 1\n')
})

t.test('keys of segment routing', async (t) => {
  const host = createHost()
  const hmac = (script: string) => host.run('sh', ['-c', script])
  t.match((await hmac('ip sr hmac set 17 sha1 </dev/null')).stderr, /No such file or directory/, 'nothing to delete')
  await hmac('echo secret | ip sr hmac set 17 sha256')
  t.equal((await hmac('ip sr hmac show')).stdout, 'hmac 17 algo sha256 secret "secret"\n')
})
