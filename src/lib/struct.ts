/** C structs declared once: layout by natural alignment as the x86-64 ABI has it, typed reading and writing. */
import type { Bytes } from './bytes.ts'
import type { FixedType } from './types.ts'

export type Fields = Record<string, FixedType<any>>
export type StructValue<F extends Fields> = { [K in keyof F]: F[K] extends FixedType<infer T> ? T : never }

/** One field at its place; `get`/`put` take the offset of the struct's first byte. */
export class Field<T> {
  readonly name: string
  readonly type: FixedType<T>
  readonly offset: number
  constructor(name: string, type: FixedType<T>, offset: number) {
    this.name = name
    this.type = type
    this.offset = offset
  }
  get(b: Bytes, at: number): T {
    return this.type.get(b, at + this.offset, this.type.size)
  }
  put(b: Bytes, at: number, value: T): void {
    this.type.put(b, at + this.offset, value)
  }
}

export class Struct<F extends Fields> implements FixedType<StructValue<F>> {
  readonly kind: string
  readonly size: number
  readonly align: number
  readonly field: { readonly [K in keyof F]: Field<F[K] extends FixedType<infer T> ? T : never> }
  readonly fields: readonly Field<any>[]

  constructor(name: string, fields: F, packed: boolean) {
    this.kind = name
    const list: Field<any>[] = []
    let offset = 0
    let align = 1
    for (const [key, type] of Object.entries(fields)) {
      const a = packed ? 1 : type.align
      offset = Math.ceil(offset / a) * a
      align = Math.max(align, a)
      list.push(new Field(key, type, offset))
      offset += type.size
    }
    this.fields = list
    this.field = Object.fromEntries(list.map((f) => [f.name, f])) as typeof this.field
    this.align = align
    this.size = Math.ceil(offset / align) * align
  }

  get(b: Bytes, at: number): StructValue<F> {
    const out: Record<string, unknown> = {}
    for (const f of this.fields) out[f.name] = f.type.get(b, at + f.offset, f.type.size)
    return out as StructValue<F>
  }

  /** Missing fields are zero; padding is zeroed. */
  put(b: Bytes, at: number, value: Partial<StructValue<F>>): void {
    b.fill(0, at, at + this.size)
    for (const f of this.fields) {
      const v = value[f.name as keyof F]
      if (v !== undefined) f.type.put(b, at + f.offset, v)
    }
  }

  /** A new array of `size` bytes that holds `value`. */
  encode(value: Partial<StructValue<F>>): Uint8Array {
    const b = new Uint8Array(this.size)
    this.put(b, 0, value)
    return b
  }

  sizeOf(): number {
    return this.size
  }

  toJson(value: StructValue<F>): unknown {
    return Object.fromEntries(this.fields.filter((f) => !f.name.startsWith('__')).map((f) => [f.name, f.type.toJson(value[f.name])]))
  }
}

/** Declares a struct; fields whose name starts with `__` are padding. */
export function struct<F extends Fields>(name: string, fields: F): Struct<F> {
  return new Struct(name, fields, false)
}
export function packedStruct<F extends Fields>(name: string, fields: F): Struct<F> {
  return new Struct(name, fields, true)
}

/** `count` values of one type, as a struct's array field. */
export function array<T>(type: FixedType<T>, count: number): FixedType<T[]> {
  const size = type.size * count
  return {
    kind: `${type.kind}[${count}]`,
    size,
    align: type.align,
    get: (b, o) => Array.from({ length: count }, (_, i) => type.get(b, o + i * type.size, type.size)),
    put: (b, o, v) => {
      for (let i = 0; i < count && i < v.length; i++) type.put(b, o + i * type.size, v[i])
    },
    sizeOf: () => size,
    toJson: (v) => v.map((x) => type.toJson(x)),
  }
}
