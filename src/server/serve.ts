/** A running server: its labs, the unix socket and, when asked for, HTTP. */

import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { AttachHello, UnixListener } from '../attach/index.ts'
import { Connection } from './connection.ts'
import { ServerError } from './errors.ts'
import { HelloParser, type RequestHello } from './hello.ts'
import { createHttp, type HttpOptions } from './http.ts'
import { Labs } from './labs.ts'
import { type Clients, listenOn } from './listener.ts'
import { Programs } from './programs.ts'

export const MAX_CONNECTIONS = 1000

export interface ServeOptions extends HttpOptions {
  /** Path of the unix socket; without it none is opened. */
  socket?: string
  /** Where HTTP listens; without it nowhere. */
  http?: { host: string; port: number }
  labs?: Labs
}

export class Server implements Clients {
  readonly labs: Labs
  readonly app: FastifyInstance
  /** Where HTTP listens, once it does. */
  httpAddress: string | undefined = undefined
  private listener: UnixListener | undefined = undefined
  readonly programs = new Programs()
  private readonly hello = new HelloParser()
  private readonly connections = new Set<Duplex>()

  private readonly token: string | undefined

  constructor(labs: Labs, app: FastifyInstance, token: string | undefined) {
    this.labs = labs
    this.app = app
    this.token = token
  }

  static async start(options: ServeOptions): Promise<Server> {
    const { socket, http, labs = new Labs() } = options
    if (http !== undefined && options.token === undefined && !isLoopback(http.host)) {
      throw new ServerError('BAD_REQUEST', { field: 'http', reason: `${http.host} is no loopback address: a token is required (--token)` })
    }
    const server = new Server(labs, await createHttp(labs, options), options.token)
    if (socket !== undefined) server.listener = listenOn(socket, server)
    try {
      if (http !== undefined) server.httpAddress = await server.app.listen({ host: http.host, port: http.port })
    } catch (error) {
      await server.stop()
      throw new ServerError('BAD_REQUEST', { field: 'http', reason: (error as Error).message })
    }
    return server
  }

  /** A client's stream, from its hello line on. */
  stream(stream: Duplex): void {
    if (this.connections.size >= MAX_CONNECTIONS) {
      stream.on('error', () => stream.destroy())
      stream.end(`${JSON.stringify(new ServerError('LIMIT', { what: 'connections', limit: MAX_CONNECTIONS }).toJson())}\n`)
      return
    }
    this.connections.add(stream)
    stream.on('close', () => this.connections.delete(stream))
    new Connection(stream, { labs: this.labs, hello: this.hello, request: (r) => this.request(r) })
  }

  launcher(fd: number, hello: AttachHello, fds: number[]): void {
    this.programs.launcher(this.labs, fd, hello, fds)
  }

  private async request(hello: RequestHello): Promise<{ status: number; body: unknown }> {
    // whoever may open the socket file needs no token
    const headers = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }
    const payload = hello.body === undefined ? {} : { payload: hello.body as object }
    const answer = await this.app.inject({ method: hello.method ?? 'GET', url: hello.path, headers, ...payload })
    return { status: answer.statusCode, body: answer.body === '' ? null : JSON.parse(answer.body) }
  }

  async stop(): Promise<void> {
    this.listener?.close()
    this.programs.close()
    for (const stream of this.connections) stream.destroy()
    await this.app.close()
    this.labs.stop()
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
