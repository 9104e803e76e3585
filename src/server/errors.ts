/** What the server's doors answer when they cannot do what was asked: one table for HTTP, WebSocket and the endpoint. */
const table = {
  BAD_JSON: { status: 400, text: 'the {what} is no JSON document: {reason}' },
  BAD_REQUEST: { status: 400, text: '{field}: {reason}' },
  UNAUTHORIZED: { status: 401, text: 'a token is required: Authorization: Bearer TOKEN, or ?token=TOKEN' },
  FORBIDDEN_ORIGIN: { status: 403, text: 'origin {origin} is not allowed; start the server with --origin {origin} to allow it' },
  UNKNOWN_ROUTE: { status: 404, text: 'there is no {method} {path}' },
  UNKNOWN_LAB: { status: 404, text: 'lab: there is no lab named {lab}' },
  UNKNOWN_HOST: { status: 404, text: 'host: lab {lab} has no host named {host}' },
  UNKNOWN_WIRE: { status: 404, text: 'wire: lab {lab} has no wire named {wire}' },
  UNKNOWN_DEVICE: { status: 404, text: 'device: host {host} has no device {device}' },
  UNKNOWN_NETNS: { status: 404, text: 'netns: host {host} has no network namespace {netns}' },
  BAD_PATH: { status: 404, text: '{reason}' },
  EXISTS: { status: 409, text: '{field}: {what} exists already' },
  REAL_TIME: { status: 409, text: 'lab {lab} follows the wall clock; only a lab under virtual time is stepped' },
  LIMIT: { status: 429, text: '{what}: at most {limit} are allowed' },
  TOO_LARGE: { status: 413, text: '{what}: {size} bytes, at most {limit} are allowed' },
  BAD_FRAME: { status: 400, text: 'frame: {reason}' },
  INTERNAL: { status: 500, text: 'netdouble failed: {reason}' },
} as const satisfies Record<string, { status: number; text: string }>

export type ErrorCode = keyof typeof table

export const errorCodes = Object.keys(table) as ErrorCode[]

export interface ErrorBody {
  error: { code: ErrorCode; message: string; field?: string }
}

export class ServerError extends Error {
  override name = 'ServerError'
  readonly code: ErrorCode
  readonly statusCode: number
  readonly field: string | undefined
  constructor(code: ErrorCode, values: Record<string, string | number> = {}) {
    super(table[code].text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? '?')))
    this.code = code
    this.statusCode = table[code].status
    this.field = typeof values.field === 'string' ? values.field : undefined
  }
  toJson(): ErrorBody {
    return { error: { code: this.code, message: this.message, ...(this.field === undefined ? {} : { field: this.field }) } }
  }
}

export function asServerError(error: unknown): ServerError {
  return error instanceof ServerError
    ? error
    : new ServerError('INTERNAL', { reason: error instanceof Error ? error.message : String(error) })
}
