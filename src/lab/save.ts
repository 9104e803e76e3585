/**
 * Saving and loading: one walker for all of a lab's state. State is data (numbers, strings, typed arrays, arrays, Maps,
 * Sets, plain objects, instances of exported classes) and references to exported constants, which are saved by name.
 *
 * Form: a JSON document `{ netdouble, version, root, nodes }`. A value that is no plain JSON scalar is an array:
 * `["u"]` undefined, `["n", "12"]` bigint, `["f", "NaN"]` a number that JSON lacks, `["c", name]` an exported constant,
 * `["r", i]` node i, `["h"]` a hole of an array. Objects are nodes, so that shared and circular references survive.
 */
import type { Constants } from './constants.ts'

export type Scalar = null | boolean | number | string
export type Encoded = Scalar | [string] | [string, string | number]
export type Node =
  | { k: 'object'; v: [string, Encoded][] }
  | { k: 'instance'; c: string; v: [string, Encoded][] }
  | { k: 'array'; v: Encoded[] }
  | { k: 'map'; v: [Encoded, Encoded][] }
  | { k: 'set'; v: Encoded[] }
  | { k: 'typed'; c: string; v: string }
  /** A field's worth of fresh value: see `Handles.fresh`. */
  | { k: 'fresh'; c: string }

export interface Document {
  netdouble: 'save'
  version: 1
  root: Encoded
  nodes: Node[]
}

/** What belongs to the outside, and so is not saved. */
export interface Handles {
  /** By class and field: the value that the field has after loading. */
  fields: ReadonlyMap<unknown, Record<string, unknown>>
  /** Classes of which a fresh instance stands for any (scratch memory). */
  fresh: ReadonlyMap<unknown, () => object>
}

/** State that cannot be saved, or a document that cannot be loaded; the message names the place. */
export class SaveError extends Error {
  override name = 'SaveError'
}

const typedArrays = { Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, BigUint64Array, BigInt64Array, Float64Array }
type TypedName = keyof typeof typedArrays

interface Pending {
  object: object
  id: number
  parent: Pending | undefined
  key: string
}

class Walker {
  nodes: Node[] = []
  private ids = new Map<object, number>()
  private todo: Pending[] = []
  private current: Pending | undefined = undefined
  private readonly constants: Constants
  private readonly handles: Handles
  constructor(constants: Constants, handles: Handles) {
    this.constants = constants
    this.handles = handles
  }

  run(root: unknown): Encoded {
    const encoded = this.value(root, '')
    // a work list, not recursion: chains of references may be long
    for (let i = 0; i < this.todo.length; i++) {
      this.current = this.todo[i]
      this.nodes[this.current.id] = this.node(this.current.object)
    }
    return encoded
  }

  private value(v: unknown, key: string): Encoded {
    switch (typeof v) {
      case 'undefined':
        return ['u']
      case 'boolean':
      case 'string':
        return v
      case 'number':
        return Number.isFinite(v) && !Object.is(v, -0) ? v : ['f', Object.is(v, -0) ? '-0' : String(v)]
      case 'bigint':
        return ['n', v.toString()]
      case 'object':
        return v === null ? null : this.reference(v, key)
      case 'function':
        return this.constant(v, key, `function ${v.name || '(anonymous)'}`)
      default:
        throw new SaveError(`${this.path(key)}: a ${typeof v} cannot be saved`)
    }
  }

  private constant(v: object, key: string, what: string): Encoded {
    const name = this.constants.nameOf(v)
    if (name === undefined) throw new SaveError(`${this.path(key)}: ${what} is not an exported constant of any room that holds state`)
    return ['c', name]
  }

  private reference(v: object, key: string): Encoded {
    const name = this.constants.nameOf(v)
    if (name !== undefined) return ['c', name]
    let id = this.ids.get(v)
    if (id === undefined) {
      id = this.ids.size
      this.ids.set(v, id)
      this.todo.push({ object: v, id, parent: this.current, key })
    }
    return ['r', id]
  }

  private node(o: object): Node {
    if (Array.isArray(o)) return { k: 'array', v: Array.from(o, (v, i) => (i in o ? this.value(v, `[${i}]`) : ['h'])) }
    if (o instanceof Map)
      return { k: 'map', v: Array.from(o, ([k, v], i) => [this.value(k, `[key ${i}]`), this.value(v, `[${label(k, i)}]`)]) }
    if (o instanceof Set) return { k: 'set', v: Array.from(o, (v, i) => this.value(v, `[${i}]`)) }
    if (ArrayBuffer.isView(o)) return this.typed(o)
    const proto = Object.getPrototypeOf(o)
    if (proto === Object.prototype || proto === null) return { k: 'object', v: this.fields(o, {}) }
    return this.instance(o, proto.constructor)
  }

  private typed(o: ArrayBufferView): Node {
    const name = o instanceof Uint8Array ? 'Uint8Array' : o.constructor.name
    if (!(name in typedArrays)) throw new SaveError(`${this.path('')}: a ${name} cannot be saved`)
    return { k: 'typed', c: name, v: Buffer.from(o.buffer, o.byteOffset, o.byteLength).toString('base64') }
  }

  private instance(o: object, type: { name?: string }): Node {
    const name = this.constants.nameOf(type)
    if (name === undefined)
      throw new SaveError(`${this.path('')}: class ${type.name || '(anonymous)'} is not exported by any room that holds state`)
    if (this.handles.fresh.has(type)) return { k: 'fresh', c: name }
    return { k: 'instance', c: name, v: this.fields(o, handleFields(this.handles, type)) }
  }

  private fields(o: object, skipped: Record<string, unknown>): [string, Encoded][] {
    return Object.entries(o)
      .filter(([key]) => !(key in skipped))
      .map(([key, v]) => [key, this.value(v, `.${key}`)])
  }

  private path(key: string): string {
    let text = key
    for (let at = this.current; at !== undefined; at = at.parent) text = at.key + text
    return text.replace(/^\./, '') || 'state'
  }
}

function label(key: unknown, i: number): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key === 'number' ? String(key) : `value ${i}`
}

/** Handle fields of a class and of those it extends. */
function handleFields(handles: Handles, type: unknown): Record<string, unknown> {
  const all: Record<string, unknown> = {}
  for (let c = type; typeof c === 'function'; c = Object.getPrototypeOf(c)) Object.assign(all, handles.fields.get(c))
  return all
}

export function saveState(root: unknown, constants: Constants, handles: Handles): Uint8Array {
  const walker = new Walker(constants, handles)
  const encoded = walker.run(root)
  const document: Document = { netdouble: 'save', version: 1, root: encoded, nodes: walker.nodes }
  return new TextEncoder().encode(JSON.stringify(document))
}

class Loader {
  private readonly document: Document
  readonly objects: object[] = []
  private readonly constants: Constants
  private readonly handles: Handles
  constructor(document: Document, constants: Constants, handles: Handles) {
    this.document = document
    this.constants = constants
    this.handles = handles
  }

  /** Two passes: first every object empty, then its members, so that circles close. */
  run(): unknown {
    for (const node of this.document.nodes) this.objects.push(this.empty(node))
    this.document.nodes.forEach((node, i) => this.fill(node, this.objects[i]))
    return this.value(this.document.root)
  }

  private named(name: string): any {
    const found = this.constants.byName(name)
    if (found === undefined) throw new SaveError(`saved state names ${name}, which this version does not have`)
    return found
  }

  private empty(node: Node): object {
    switch (node.k) {
      case 'object':
        return {}
      case 'array':
        return []
      case 'map':
        return new Map()
      case 'set':
        return new Set()
      case 'typed':
        return typedFrom(node.c, node.v)
      case 'instance':
        return Object.create(this.named(node.c).prototype)
      case 'fresh':
        return (this.handles.fresh.get(this.named(node.c)) as () => object)()
      default:
        throw new SaveError(`saved state has a node of unknown kind ${JSON.stringify((node as { k: unknown }).k)}`)
    }
  }

  private fill(node: Node, o: any): void {
    switch (node.k) {
      case 'instance':
      case 'object':
        // handles first: they were declared before the rest, and every instance has the same shape
        if (node.k === 'instance') Object.assign(o, handleFields(this.handles, this.named(node.c)))
        for (const [key, v] of node.v) o[key] = this.value(v)
        break
      case 'array':
        node.v.forEach((v, i) => {
          if (!(Array.isArray(v) && v[0] === 'h')) o[i] = this.value(v)
        })
        o.length = node.v.length
        break
      case 'map':
        for (const [key, v] of node.v) o.set(this.value(key), this.value(v))
        break
      case 'set':
        for (const v of node.v) o.add(this.value(v))
        break
    }
  }

  private value(v: Encoded): unknown {
    if (!Array.isArray(v)) return v
    switch (v[0]) {
      case 'u':
        return undefined
      case 'n':
        return BigInt(v[1] as string)
      case 'f':
        return Number(v[1])
      case 'c':
        return this.named(v[1] as string)
      case 'r':
        return this.objects[v[1] as number]
      default:
        throw new SaveError(`saved state has a value of unknown kind ${JSON.stringify(v[0])}`)
    }
  }
}

function typedFrom(name: string, base64: string): object {
  const type = typedArrays[name as TypedName]
  if (type === undefined) throw new SaveError(`saved state has an array of unknown type ${name}`)
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  return new type(bytes.buffer)
}

/** The saved value, and all objects in it. */
export function loadState(bytes: Uint8Array, constants: Constants, handles: Handles): { root: unknown; objects: readonly object[] } {
  const loader = new Loader(parseDocument(bytes), constants, handles)
  return { root: loader.run(), objects: loader.objects }
}

function parseDocument(bytes: Uint8Array): Document {
  let document: Partial<Document>
  try {
    document = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    throw new SaveError(`not a saved lab: ${(error as Error).message}`)
  }
  if (document?.netdouble !== 'save' || !Array.isArray(document.nodes)) throw new SaveError('not a saved lab')
  if (document.version !== 1) throw new SaveError(`saved by another version (${document.version}); this one reads version 1`)
  return document as Document
}
