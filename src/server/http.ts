/** The server's HTTP and WebSocket routes. */

import { timingSafeEqual } from 'node:crypto'
import { PassThrough } from 'node:stream'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { CaptureSpec } from '../lab/capture.ts'
import { PathError } from '../lab/inspect.ts'
import type { WireChange } from '../lab/wire.ts'
import { startCapture, streamCapture } from './captureStream.ts'
import { asServerError, ServerError } from './errors.ts'
import { EventStream } from './events.ts'
import type { Labs } from './labs.ts'
import { hostView, labView } from './view.ts'

export interface HttpOptions {
  /** Asked for in every request when given. */
  token?: string
  /** Origins of pages that may use the server, beside those of its own address. */
  origins?: readonly string[]
  /** Longest body, bytes. */
  bodyLimit?: number
}

interface LabParams {
  lab: string
}
interface HostParams extends LabParams {
  host: string
}

const timeSchema = {
  oneOf: [
    { enum: ['virtual', 'real'] },
    { type: 'object', required: ['scale'], properties: { scale: { type: 'number', exclusiveMinimum: 0 } }, additionalProperties: false },
  ],
}
const newLab = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: { type: 'string' }, seed: { type: ['integer', 'string'] }, time: timeSchema },
}
const newHost = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: { type: 'string' }, ipv6: { type: 'boolean' } },
}
const step = {
  type: 'object',
  required: ['ns'],
  additionalProperties: false,
  properties: { ns: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } },
}
const amount = { type: 'integer', minimum: 0 }
const chance = { type: 'number', minimum: 0, maximum: 1 }
const wireChange = {
  type: 'object',
  minProperties: 1,
  additionalProperties: false,
  properties: {
    carrier: { type: 'boolean' },
    delay: amount,
    jitter: amount,
    rate: amount,
    mtu: amount,
    loss: chance,
    duplicate: chance,
    reorder: chance,
  },
}
const inspectQuery = {
  type: 'object',
  properties: { path: { type: 'string', default: '' }, depth: { type: 'integer', minimum: 0, maximum: 8, default: 1 } },
}
const captureQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    wire: { type: 'string' },
    host: { type: 'string' },
    device: { type: 'string' },
    netlink: { type: 'boolean' },
    token: { type: 'string' },
  },
}
const eventsQuery = { type: 'object', properties: { host: { type: 'string' }, token: { type: 'string' } } }

export async function createHttp(labs: Labs, options: HttpOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({
    bodyLimit: options.bodyLimit ?? 1 << 20,
    ajv: { customOptions: { allErrors: false, removeAdditional: false, allowUnionTypes: true } },
  })
  await app.register(websocket, { options: { maxPayload: 1 << 16 } })
  app.addHook('onRequest', async (request) => guard(request, options))
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request) => {
    throw new ServerError('UNKNOWN_ROUTE', { method: request.method, path: request.url.split('?')[0] })
  })
  labRoutes(app, labs)
  hostRoutes(app, labs)
  captureRoute(app, labs)
  eventRoute(app, labs)
  return app
}

function labRoutes(app: FastifyInstance, labs: Labs): void {
  app.get('/v1/labs', async () => ({ labs: [...labs.all.values()].map(labView) }))
  app.post<{ Body: { name: string; seed?: number | string; time?: any } }>(
    '/v1/labs',
    { schema: { body: newLab } },
    async (request, reply) => {
      const { name, ...how } = request.body
      reply.code(201)
      return labView(labs.add(name, how))
    },
  )
  app.get<{ Params: LabParams }>('/v1/labs/:lab', async (request) => labView(labs.get(request.params.lab)))
  app.delete<{ Params: LabParams }>('/v1/labs/:lab', async (request, reply) => {
    labs.remove(request.params.lab)
    reply.code(204)
  })
  app.post<{ Params: LabParams; Body: { ns: number } }>('/v1/labs/:lab/advance', { schema: { body: step } }, async (request) => {
    const served = labs.get(request.params.lab)
    if (served.lab.scale !== 0) throw new ServerError('REAL_TIME', { lab: served.name })
    served.lab.advance(request.body.ns)
    return labView(served)
  })
  app.post<{ Params: LabParams & { wire: string }; Body: WireChange }>(
    '/v1/labs/:lab/wires/:wire',
    { schema: { body: wireChange } },
    async (request) => labView(labs.setWire(request.params.lab, request.params.wire, request.body)),
  )
  app.get<{ Params: LabParams; Querystring: { path: string; depth: number } }>(
    '/v1/labs/:lab/inspect',
    { schema: { querystring: inspectQuery } },
    async (request) => {
      const { path, depth } = request.query
      return { path, value: looked(() => labs.get(request.params.lab).lab.inspect(path, depth)) }
    },
  )
}

function hostRoutes(app: FastifyInstance, labs: Labs): void {
  app.post<{ Params: LabParams; Body: { name: string; ipv6?: boolean } }>(
    '/v1/labs/:lab/hosts',
    { schema: { body: newHost } },
    async (request, reply) => {
      const { name, ...how } = request.body
      reply.code(201)
      return hostView(labs.addHost(request.params.lab, name, how))
    },
  )
  app.get<{ Params: HostParams }>('/v1/labs/:lab/hosts/:host', async (request) => {
    const { served, host } = labs.host(request.params.lab, request.params.host)
    served.lab.sync()
    return hostView(host)
  })
  app.get<{ Params: HostParams; Querystring: { path: string; depth: number } }>(
    '/v1/labs/:lab/hosts/:host/inspect',
    { schema: { querystring: inspectQuery } },
    async (request) => {
      const { path, depth } = request.query
      return { path, value: looked(() => labs.host(request.params.lab, request.params.host).host.inspect(path, depth)) }
    },
  )
}

function looked(look: () => unknown): unknown {
  try {
    return look()
  } catch (error) {
    if (error instanceof PathError) throw new ServerError('BAD_PATH', { reason: error.message })
    throw error
  }
}

function captureRoute(app: FastifyInstance, labs: Labs): void {
  app.get<{ Params: LabParams; Querystring: CaptureSpec & { token?: string } }>(
    '/v1/labs/:lab/capture',
    { schema: { querystring: captureQuery } },
    (request, reply) => {
      const { token: _, ...spec } = request.query
      const capture = startCapture(labs, { lab: request.params.lab, ...spec })
      const stream = new PassThrough()
      streamCapture(capture, stream)
      request.raw.socket.on('close', () => stream.destroy())
      return reply.type('application/x-pcapng').send(stream)
    },
  )
}

function eventRoute(app: FastifyInstance, labs: Labs): void {
  const find = (request: FastifyRequest) => {
    const { lab } = request.params as LabParams
    const { host } = request.query as { host?: string }
    return { lab: host === undefined ? labs.get(lab).lab : labs.host(lab, host).served.lab, host }
  }
  app.get(
    '/v1/labs/:lab/events',
    { websocket: true, schema: { querystring: eventsQuery }, preValidation: async (request) => void find(request) },
    (socket, request) => {
      const { lab, host } = find(request)
      const stream = new EventStream(lab, socket, host)
      socket.on('close', () => stream.close())
      socket.on('error', () => stream.close())
    },
  )
}

/** Who may use the server: pages of its own address or of an allowed origin, and with a token those who know it. */
async function guard(request: FastifyRequest, options: HttpOptions): Promise<void> {
  const { origin } = request.headers
  if (origin !== undefined && !originAllowed(origin, request.headers.host, options.origins ?? []))
    throw new ServerError('FORBIDDEN_ORIGIN', { origin })
  if (options.token !== undefined && !sameText(givenToken(request), options.token)) throw new ServerError('UNAUTHORIZED')
}

function originAllowed(origin: string, host: string | undefined, allowed: readonly string[]): boolean {
  if (allowed.includes(origin)) return true
  // a name that resolves to this machine must not do (DNS rebinding): only loopback addresses are our own
  return (
    host !== undefined &&
    /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/.test(host) &&
    (origin === `http://${host}` || origin === `https://${host}`)
  )
}

function givenToken(request: FastifyRequest): string {
  const header = request.headers.authorization
  if (header !== undefined) return header.replace(/^Bearer\s+/i, '')
  return String((request.query as { token?: unknown }).token ?? '')
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = fromFastify(error, request)
  reply.code(known.statusCode).send(known.toJson())
}

/** Fastify's own refusals, in our words. */
function fromFastify(error: unknown, request: FastifyRequest): ServerError {
  const e = error as {
    code?: string
    statusCode?: number
    message: string
    validation?: { instancePath: string; params: any; keyword: string }[]
  }
  if (error instanceof ServerError) return error
  if (e.validation !== undefined) return validationError(e.validation[0], e.message)
  if (e.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new ServerError('TOO_LARGE', {
      what: 'body',
      size: request.headers['content-length'] ?? 'too many',
      limit: request.routeOptions.bodyLimit ?? 0,
    })
  if (e.statusCode !== undefined && e.statusCode >= 400 && e.statusCode < 500)
    return new ServerError('BAD_REQUEST', { field: 'body', reason: e.message })
  return asServerError(error)
}

function validationError(fault: { instancePath: string; params: any; keyword: string }, message: string): ServerError {
  const extra = fault.params.additionalProperty ?? fault.params.missingProperty
  const field = [...fault.instancePath.split('/').slice(1), ...(extra === undefined ? [] : [extra])].join('.') || 'body'
  const reason = fault.keyword === 'additionalProperties' ? 'unknown key' : fault.keyword === 'required' ? 'missing' : message
  return new ServerError('BAD_REQUEST', { field, reason })
}
