/** A process of its own with a fake host behind a unix socket: `server.ts SOCKET`; says `ready`, then `routes N` at the end. */
import { type AttachHello, acceptAttach, listenUnix, parseHello, refuseAttach, Supervisor } from '../../src/attach/index.ts'
import { FakeHost } from './fakeHost.ts'

const host = new FakeHost()
const supervisor = new Supervisor({ onError: (error) => console.error(error) })
setInterval(() => {}, 1000)

function attach(fd: number, hello: AttachHello, [listener, pageFd]: number[]): void {
  if (hello.host !== null && hello.host !== 'h1') return refuseAttach(fd, `no host ${hello.host}`)
  supervisor.attachListener(listener, {
    host,
    pageFd,
    connection: fd,
    base: hello.base,
    top: hello.top,
    outsideUid: hello.uid,
    asUser: hello.asUser,
  })
  acceptAttach(fd)
}

listenUnix(process.argv[2], (fd, first, fds) => {
  const hello = parseHello(first)
  if (hello !== undefined) attach(fd, hello, fds)
})
process.on('SIGTERM', () => {
  console.log(`routes ${host.routes}`)
  process.exit(0)
})
console.log('ready')
