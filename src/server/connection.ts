/** One connection of the endpoint: its hello line, then the session that the hello asks for. */
import type { Duplex } from 'node:stream'
import { startCapture, streamCapture } from './captureStream.ts'
import { asServerError, ServerError } from './errors.ts'
import { type CaptureHello, type Hello, type HelloParser, MAX_HELLO, place, type RequestHello } from './hello.ts'
import type { Labs } from './labs.ts'
import { NetlinkSession } from './netlinkSession.ts'
import { SyscallSession } from './syscallSession.ts'

interface Session {
  data(chunk: Buffer): void
  close(): void
}

/** Answers a `request` hello: the HTTP routes without HTTP. */
export type Requester = (request: RequestHello) => Promise<{ status: number; body: unknown }>

export interface ConnectionContext {
  labs: Labs
  hello: HelloParser
  request: Requester
}

export class Connection {
  private readonly stream: Duplex
  private readonly context: ConnectionContext
  private head: Buffer = Buffer.alloc(0)
  private session: Session | undefined = undefined

  constructor(stream: Duplex, context: ConnectionContext) {
    this.stream = stream
    this.context = context
    stream.on('data', (chunk: Buffer) => this.data(chunk))
    stream.on('end', () => stream.end())
    // a reset is an end like any other
    stream.on('error', () => stream.destroy())
    stream.on('close', () => this.session?.close())
  }

  data(chunk: Buffer): void {
    try {
      if (this.session !== undefined) this.session.data(chunk)
      else this.greet(chunk)
    } catch (error) {
      this.fail(error)
    }
  }

  private greet(chunk: Buffer): void {
    this.head = Buffer.concat([this.head, chunk])
    const end = this.head.indexOf(10)
    if (end > MAX_HELLO || (end < 0 && this.head.length > MAX_HELLO))
      throw new ServerError('TOO_LARGE', { what: 'hello line', size: this.head.length, limit: MAX_HELLO })
    if (end < 0) return
    const hello = this.context.hello.parse(this.head.toString('utf8', 0, end))
    const rest = this.head.subarray(end + 1)
    this.head = Buffer.alloc(0)
    this.start(hello)
    if (rest.length > 0) this.data(rest)
  }

  private start(hello: Hello): void {
    if (hello.mode === 'request') return this.request(hello)
    if (hello.mode === 'capture') return this.capture(hello)
    const at = place(this.context.labs, hello)
    if (hello.mode === 'netlink') {
      const session = new NetlinkSession(this.stream, at, hello)
      this.session = session
      this.line({ ok: true, portid: session.portid() })
    } else {
      this.session = new SyscallSession(this.stream, at)
      this.line({ ok: true, pid: at.task.tgid })
    }
  }

  private request(hello: RequestHello): void {
    this.session = { data: () => {}, close: () => {} }
    this.context.request(hello).then(
      (answer) => this.last(answer),
      (error) => this.fail(error),
    )
  }

  private capture(hello: CaptureHello): void {
    const { mode: _, ...wanted } = hello
    const capture = startCapture(this.context.labs, wanted)
    this.session = { data: () => {}, close: () => {} }
    this.line({ ok: true })
    streamCapture(capture, this.stream)
  }

  private line(value: object): void {
    this.stream.write(`${JSON.stringify(value)}\n`)
  }
  private last(value: object): void {
    this.stream.end(`${JSON.stringify(value)}\n`)
  }

  /** One line, as for a bad hello, also where frames were spoken: `{"error"` is no frame that a client could take for one. */
  private fail(error: unknown): void {
    this.session?.close()
    this.session = { data: () => {}, close: () => {} }
    if (!this.stream.writableEnded) this.last(asServerError(error).toJson())
  }
}
