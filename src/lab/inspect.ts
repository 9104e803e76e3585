/**
 * Looking into a lab by path, read-only, the way `crash` looks into a kernel: `init_net.dev_base_head[0].name`. Maps take
 * their key in brackets or behind a dot (`dev_name_head.eth0`), arrays and sets an index.
 */
import type { Constants } from './constants.ts'

/** A path that leads nowhere; the message says how far it went. */
export class PathError extends Error {
  override name = 'PathError'
}

export function parsePath(path: string): string[] {
  const steps: string[] = []
  const step = /\.?([A-Za-z_$][\w$-]*)|\[(\d+|-\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  while (step.lastIndex < path.length) {
    const at = step.lastIndex
    const found = step.exec(path)
    if (found === null)
      throw new PathError(`path: cannot read ${JSON.stringify(path.slice(at))} (after ${JSON.stringify(path.slice(0, at))})`)
    steps.push(found[1] ?? found[2] ?? (JSON.parse(found[3]) as string))
  }
  return steps
}

/** The value at the path, from `root`. */
export function follow(root: unknown, steps: readonly string[]): unknown {
  let value = root
  steps.forEach((step, i) => {
    const next = member(value, step)
    if (next === missing)
      throw new PathError(`path: ${steps.slice(0, i).join('.') || 'the root'} (${kindOf(value)}) has no ${step}${candidates(value)}`)
    value = next
  })
  return value
}

const missing = Symbol('missing')

function member(value: unknown, step: string): unknown {
  if (value instanceof Map) {
    for (const key of value.keys()) if (String(key) === step) return value.get(key)
    return missing
  }
  if (value instanceof Set) return indexed([...value], step)
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return step === 'length' ? (value as unknown[]).length : indexed(value as unknown[], step)
  if (typeof value !== 'object' || value === null || !(Object.hasOwn(value, step) || isGetter(value, step))) return missing
  return (value as Record<string, unknown>)[step]
}

/** Of a class: dev_base_head. */
function isGetter(value: object, step: string): boolean {
  return Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value), step)?.get !== undefined
}

function indexed(list: ArrayLike<unknown>, step: string): unknown {
  const i = Number(step)
  return Number.isInteger(i) && i >= 0 && i < list.length ? list[i] : missing
}

function candidates(value: unknown): string {
  const keys = value instanceof Map ? [...value.keys()].map(String) : typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (Array.isArray(value) || value instanceof Set) return `: ${keys.length} entries`
  return keys.length === 0 ? '' : `; it has ${keys.slice(0, 40).join(', ')}${keys.length > 40 ? ', …' : ''}`
}

function kindOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return typeof value
  return value.constructor?.name ?? 'object'
}

/** JSON of a value, `depth` levels of objects deep; what lies deeper is summed up in a word. */
export function render(value: unknown, constants: Constants, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'function') return constants.nameOf(value) ?? `function ${value.name}`
  if (typeof value !== 'object' || value === null) return value ?? null
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
  if (ArrayBuffer.isView(value)) return `${kindOf(value)}(${(value as unknown as ArrayLike<number>).length})`
  const name = constants.nameOf(value)
  if (name !== undefined) return name
  if (depth <= 0) return summary(value)
  if (Array.isArray(value)) return value.map((v) => render(v, constants, depth - 1))
  if (value instanceof Set) return [...value].map((v) => render(v, constants, depth - 1))
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [keyText(k), render(v, constants, depth - 1)]))
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, render(v, constants, depth - 1)]))
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null ? summary(key) : String(key)
}

/** One line for an object: its class and what names it. */
function summary(value: object): string {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
    const n = Array.isArray(value) ? value.length : value.size
    return `${kindOf(value)}(${n})`
  }
  const named = value as Record<string, unknown>
  const id = ['name', 'hostname', 'ifindex', 'inum', 'portid', 'pid'].filter(
    (key) => typeof named[key] === 'string' || typeof named[key] === 'number',
  )
  return `${kindOf(value)} {${id.map((key) => `${key}: ${named[key]}`).join(', ')}}`
}
