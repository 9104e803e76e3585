/**
 * Names for what modules export: saved state refers to functions, classes and ops tables by `module.export`, and to a
 * member of an exported table by its path (`net/core/x.ops[2].doit`).
 */
export type Modules = readonly (readonly [name: string, exports: object])[]

/** Tables are shallow; what lies deeper is not named. */
const MAX_DEPTH = 4

export class Constants {
  private readonly names = new Map<object, string>()
  private readonly values = new Map<string, object>()

  constructor(modules: Modules) {
    const exported = modules.flatMap(([module, exports]) =>
      Object.entries(exports).map(([key, value]) => [`${module}.${key}`, value] as const),
    )
    // exports first: an ops table that another table holds too keeps its own name
    for (const [name, value] of exported) if (isNameable(value)) this.add(name, value)
    for (const [name, value] of exported) if (isTable(value)) this.members(name, value, 1)
  }

  nameOf(value: object): string | undefined {
    return this.names.get(value)
  }
  byName(name: string): object | undefined {
    return this.values.get(name)
  }

  private add(name: string, value: object): boolean {
    this.values.set(name, value)
    if (this.names.has(value)) return false
    this.names.set(value, name)
    return true
  }

  private members(name: string, table: object, depth: number): void {
    for (const [key, value] of Object.entries(table)) {
      if (!isNameable(value)) continue
      const path = Array.isArray(table) ? `${name}[${key}]` : `${name}.${key}`
      if (this.add(path, value) && depth < MAX_DEPTH && isTable(value)) this.members(path, value, depth + 1)
    }
  }
}

function isNameable(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Map) && !(value instanceof Set)
}
