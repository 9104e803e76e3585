/** A message as a box: a row for each header and TLV with offset, bytes, name and value. Driven by declarations only. */
import type { Bytes } from './bytes.ts'
import { type Part, type ProtocolDecl, splitMessages, takeApart } from './render.ts'

/** Bytes shown of one row; the rest is counted. */
const SHOWN = 12
const VALUE_WIDTH = 60

interface Row {
  offset: string
  bytes: string
  name: string
  value: string
}

/** Boxes for all messages of a datagram, one below the other, each line ended. */
export function dumpMessages(b: Bytes, protocol: ProtocolDecl): string {
  return splitMessages(b)
    .map((message) => dumpOne(message, protocol))
    .join('')
}

function dumpOne(b: Bytes, protocol: ProtocolDecl): string {
  const rows = takeApart(b, protocol).parts.flatMap((part) => rowsOf(b, part, 0))
  const width = (of: (row: Row) => string) => Math.max(...rows.map((row) => of(row).length))
  const widths = [width((r) => r.offset), width((r) => r.bytes), width((r) => r.name), width((r) => r.value)]
  const rule = (left: string, middle: string, right: string) => `${left}${widths.map((w) => '─'.repeat(w + 2)).join(middle)}${right}\n`
  const line = (row: Row) => {
    const cells = [row.offset.padStart(widths[0]), row.bytes.padEnd(widths[1]), row.name.padEnd(widths[2]), row.value.padEnd(widths[3])]
    return `│ ${cells.join(' │ ')} │\n`
  }
  return rule('┌', '┬', '┐') + rows.map(line).join('') + rule('└', '┴', '┘')
}

function rowsOf(b: Bytes, part: Part, depth: number): Row[] {
  const own: Row = {
    offset: String(part.offset),
    bytes: bytesText(b.subarray(part.offset, part.offset + part.own)),
    name: '  '.repeat(depth) + part.name,
    value: cut(valueText(part.value)),
  }
  return [own, ...part.children.flatMap((child) => rowsOf(b, child, depth + 1))]
}

function bytesText(b: Bytes): string {
  const shown = Array.from(b.subarray(0, SHOWN), (x) => x.toString(16).padStart(2, '0')).join(' ')
  return b.length > SHOWN ? `${shown} +${b.length - SHOWN}` : shown
}

/** A struct as `name=value` pairs, zeros left out; a list joined by '|'. */
function valueText(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map(valueText).join('|')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .filter(([, v]) => v !== 0 && v !== '' && !(Array.isArray(v) && v.length === 0))
    .map(([k, v]) => `${k}=${valueText(v)}`)
    .join(' ')
}
function cut(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '.')
  return printable.length > VALUE_WIDTH ? `${printable.slice(0, VALUE_WIDTH - 1)}…` : printable
}
