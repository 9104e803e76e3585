/** The rules_list of net/core/fib_rules.c: a namespace's rules of one family, by ascending priority, the older of equal ones first. */
import { lowest } from '../../lib/lowest.ts'
import type { fib_rule } from './fib_rules.ts'

/** A chunk that has grown to this many is halved. */
const CHUNK = 512

/** In chunks, so that a rule that comes or goes moves few others; to walk them is to walk arrays. */
export class fib_rule_list {
  /** None of them is empty. */
  readonly chunks: fib_rule[][] = []
  /** By source (src_key), in the same order: a request that names one need not look at the others of its priority. */
  private readonly sources = new Map<string, fib_rule[]>()

  /** The first chunk that ends with a priority of `pref` or above. */
  chunk_of(pref: number): number {
    const { chunks } = this
    return lowest(chunks.length, (i) => chunks[i][chunks[i].length - 1].pref >= pref)
  }
  [Symbol.iterator](): Iterator<fib_rule> {
    return this.walk(0, 0)
  }
  /** From the first rule whose priority is `pref` or above. */
  from(pref: number): IterableIterator<fib_rule> {
    const chunk = this.chunk_of(pref)
    return this.walk(chunk, chunk < this.chunks.length ? place_of(this.chunks[chunk], pref) : 0)
  }
  /** Those of a source. */
  of_source(src_key: string): readonly fib_rule[] {
    return this.sources.get(src_key) ?? []
  }
  /** From the rule that `skip` others stand before. */
  *after(skip: number): IterableIterator<fib_rule> {
    let chunk = 0
    let i = skip
    while (chunk < this.chunks.length && i >= this.chunks[chunk].length) i -= this.chunks[chunk++].length
    yield* this.walk(chunk, i)
  }
  /** The first of just this priority. */
  first_of(pref: number): fib_rule | undefined {
    const chunk = this.chunks[this.chunk_of(pref)]
    const rule = chunk?.[place_of(chunk, pref)]
    return rule?.pref === pref ? rule : undefined
  }

  /** Behind those of equal priority. */
  add(rule: fib_rule): void {
    const { chunks } = this
    const at = Math.min(this.chunk_of(rule.pref + 1), Math.max(chunks.length - 1, 0))
    const chunk = (chunks[at] ??= [])
    chunk.splice(place_of(chunk, rule.pref + 1), 0, rule)
    if (chunk.length === CHUNK) chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2))
    if (rule.src_key === '') return
    const same = this.sources.get(rule.src_key)
    if (same === undefined) this.sources.set(rule.src_key, [rule])
    else same.splice(place_of(same, rule.pref + 1), 0, rule)
  }
  del(rule: fib_rule): void {
    const { chunks } = this
    for (let at = this.chunk_of(rule.pref); at < chunks.length; at++) {
      const i = chunks[at].indexOf(rule)
      if (i < 0) continue
      chunks[at].splice(i, 1)
      if (chunks[at].length === 0) chunks.splice(at, 1)
      this.leave_source(rule)
      return
    }
  }
  private leave_source(rule: fib_rule): void {
    const same = this.sources.get(rule.src_key)
    if (same === undefined) return
    same.splice(same.indexOf(rule), 1)
    if (same.length === 0) this.sources.delete(rule.src_key)
  }

  private *walk(chunk: number, from: number): IterableIterator<fib_rule> {
    const { chunks } = this
    for (let i = from; chunk < chunks.length; chunk++, i = 0) while (i < chunks[chunk].length) yield chunks[chunk][i++]
  }
}

/** Of the first rule whose priority is `pref` or above. */
export function place_of(chunk: readonly fib_rule[], pref: number): number {
  return lowest(chunk.length, (i) => chunk[i].pref >= pref)
}
