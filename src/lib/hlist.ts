/** A list as the kernel's hlists are used: who comes stands first, anyone can leave, and both cost the same however many there are. */
export class hlist<T> {
  private readonly members = new Set<T>()
  /** The newest first, as long as nobody has come or gone. */
  private listed: readonly T[] | undefined = undefined

  /** Replaced, never written to: a walk goes on while members come and go. */
  get items(): readonly T[] {
    return (this.listed ??= [...this.members].reverse())
  }
  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]()
  }
  get size(): number {
    return this.members.size
  }
  includes(member: T): boolean {
    return this.members.has(member)
  }
  add_head(member: T): void {
    this.members.add(member)
    this.listed = undefined
  }
  /** False: it was not in the list. */
  del(member: T): boolean {
    this.listed = undefined
    return this.members.delete(member)
  }
}
