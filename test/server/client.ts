/** Test clients of the socket endpoint, as short as a client in any language may be. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Labs } from '../../src/server/labs.ts'
import { Server } from '../../src/server/serve.ts'

/** A server with a lab under virtual time, on a socket in a directory of its own. */
export async function startServer(): Promise<{ server: Server; labs: Labs; path: string; stop(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'netdouble-test-'))
  const path = join(directory, 'socket')
  const labs = new Labs()
  labs.add('default', { seed: 1 }).lab.addHost('default')
  const server = await Server.start({ socket: path, labs })
  return {
    server,
    labs,
    path,
    stop: async () => {
      await server.stop()
      rmSync(directory, { recursive: true })
    },
  }
}

/** Bytes as they come in; whoever waits for some gets them when they are there. */
export class Wire {
  readonly socket: Socket
  private got: Buffer = Buffer.alloc(0)
  private ended = false
  private wake: () => void = () => {}

  constructor(path: string) {
    this.socket = connect(path)
    this.socket.on('data', (chunk) => {
      this.got = Buffer.concat([this.got, chunk])
      this.wake()
    })
    this.socket.on('close', () => {
      this.ended = true
      this.wake()
    })
    this.socket.on('error', () => {})
  }
  send(data: string | Uint8Array): void {
    this.socket.write(data)
  }
  async take(n: number): Promise<Buffer> {
    while (this.got.length < n) await this.more()
    const part = this.got.subarray(0, n)
    this.got = this.got.subarray(n)
    return part
  }
  async line(): Promise<any> {
    while (!this.got.includes(10)) await this.more()
    return JSON.parse((await this.take(this.got.indexOf(10) + 1)).toString())
  }
  /** What comes before the server closes the connection. */
  async rest(): Promise<Buffer> {
    while (!this.ended)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    return this.got
  }
  close(): void {
    this.socket.destroy()
  }
  private more(): Promise<void> {
    if (this.ended) throw new Error(`the server closed the connection after ${JSON.stringify(this.got.toString('latin1'))}`)
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
}

/** One netlink message (padded to 4). */
export async function message(wire: Wire): Promise<Buffer> {
  const head = await wire.take(16)
  const length = head.readUInt32LE(0)
  const body = await wire.take(((length + 3) & ~3) - 16)
  return Buffer.concat([head, body])
}

export function nlmsg(type: number, flags: number, seq: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(16 + payload.length, 0)
  head.writeUInt16LE(type, 4)
  head.writeUInt16LE(flags, 6)
  head.writeUInt32LE(seq, 8)
  return Buffer.concat([head, payload])
}

/** A frame of syscall mode: numbers are u32, bytes get their length in front. */
export function frame(id: number, op: number, ...fields: (number | bigint | Uint8Array)[]): Buffer {
  const parts = fields.map((f) => {
    const b = Buffer.alloc(typeof f === 'bigint' ? 8 : 4)
    if (typeof f === 'bigint') b.writeBigUInt64LE(f, 0)
    else b.writeUInt32LE(typeof f === 'number' ? f : f.length, 0)
    return typeof f === 'object' ? Buffer.concat([b, f]) : b
  })
  const head = Buffer.alloc(12)
  head.writeUInt32LE(8 + parts.reduce((n, p) => n + p.length, 0), 0)
  head.writeUInt32LE(id, 4)
  head.writeUInt32LE(op, 8)
  return Buffer.concat([head, ...parts])
}

export async function answer(wire: Wire): Promise<{ id: number; result: number; data: Buffer }> {
  const length = (await wire.take(4)).readUInt32LE(0)
  const body = await wire.take(length)
  return { id: body.readUInt32LE(0), result: body.readInt32LE(4), data: body.subarray(8) }
}
