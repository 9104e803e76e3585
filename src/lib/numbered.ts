import { lowest } from './lowest.ts'

/** Members by number, found at once and walked in ascending order: what the kernel has trees and sparse arrays for. */
export class numbered<T> {
  private readonly members = new Map<number, T>()
  /** Their numbers in order, as long as none has come or gone. */
  private order: readonly number[] | undefined = undefined

  get size(): number {
    return this.members.size
  }
  get(nr: number): T | undefined {
    return this.members.get(nr)
  }
  has(nr: number): boolean {
    return this.members.has(nr)
  }
  set(nr: number, member: T): void {
    if (!this.members.has(nr)) this.order = undefined
    this.members.set(nr, member)
  }
  delete(nr: number): void {
    if (this.members.delete(nr)) this.order = undefined
  }
  /** Those that are there now, without those that go meanwhile. */
  *from(least: number): IterableIterator<[number, T]> {
    const order = (this.order ??= [...this.members.keys()].sort((a, b) => a - b))
    for (let i = lowest(order.length, (at) => order[at] >= least); i < order.length; i++) {
      const member = this.members.get(order[i])
      if (member !== undefined) yield [order[i], member]
    }
  }
}
