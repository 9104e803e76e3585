/**
 * The index files that depmod makes and libkmod reads (modules.dep.bin, modules.alias.bin …): a trie of names, big-endian,
 * each node after its children. A node's offset carries in its upper bits which parts it has: a prefix, a range of
 * children by their first byte, and values with a priority. Aliases hold wildcards, which are ordinary bytes here.
 */
const MAGIC = 0xb007f457
const VERSION = 0x00020001
const PREFIX = 0x80000000
const VALUES = 0x40000000
const CHILDREN = 0x20000000

interface Node {
  readonly children: Map<number, Node>
  readonly values: string[]
}

/** `entries`: key and value; several of one key are tried in their order. */
export function moduleIndex(entries: Iterable<readonly [key: string, value: string]>): Uint8Array {
  const root: Node = { children: new Map(), values: [] }
  for (const [key, value] of entries) {
    let node = root
    for (const byte of Buffer.from(key)) {
      const next = node.children.get(byte) ?? { children: new Map(), values: [] }
      node.children.set(byte, next)
      node = next
    }
    node.values.push(value)
  }
  const out = new IndexWriter()
  const at = out.node(root, '')
  return out.finish(at)
}

class IndexWriter {
  private readonly parts: Buffer[] = []
  private length = 12

  /** Writes a node behind its children; where it is, with the bits of what it has. A lone child joins the prefix. */
  node(node: Node, prefix: string): number {
    if (node.values.length === 0 && node.children.size === 1) {
      const [[byte, child]] = node.children
      return this.node(child, prefix + String.fromCharCode(byte))
    }
    const bytes = [...node.children.keys()].sort((a, b) => a - b)
    const offsets = bytes.map((byte) => this.node(node.children.get(byte) as Node, ''))
    const at = this.length
    if (prefix !== '') this.put(Buffer.from(`${prefix}\0`, 'latin1'))
    if (bytes.length > 0) this.put(childTable(bytes, offsets))
    if (node.values.length > 0) {
      this.put(word(node.values.length))
      for (const [priority, value] of node.values.entries()) this.put(Buffer.concat([word(priority), Buffer.from(`${value}\0`, 'latin1')]))
    }
    const bits = (prefix === '' ? 0 : PREFIX) + (node.values.length > 0 ? VALUES : 0) + (bytes.length > 0 ? CHILDREN : 0)
    return bits + at
  }

  finish(root: number): Uint8Array {
    return Buffer.concat([word(MAGIC), word(VERSION), word(root), ...this.parts])
  }

  private put(part: Buffer): void {
    this.parts.push(part)
    this.length += part.length
  }
}

/** The first and the last byte, and an offset for each from one to the other; 0: no such child. */
function childTable(bytes: number[], offsets: number[]): Buffer {
  const [first, last] = [bytes[0], bytes[bytes.length - 1]]
  const table = Buffer.alloc(2 + 4 * (last - first + 1))
  table[0] = first
  table[1] = last
  for (const [i, byte] of bytes.entries()) table.writeUInt32BE(offsets[i], 2 + 4 * (byte - first))
  return table
}

function word(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}
