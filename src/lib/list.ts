/** What a member of a list carries: its neighbours there. */
export interface list_member<T> {
  list_prev: T | undefined
  list_next: T | undefined
}

/** A list as the kernel's own are: who comes stands anywhere, anyone can leave, and both cost the same however many there are. */
export class list<T extends list_member<T>> {
  first: T | undefined = undefined
  last: T | undefined = undefined
  /** In order, as long as nobody has come, gone or moved. */
  private listed: readonly T[] | undefined = undefined

  /** Replaced, never written to: a walk goes on while members come and go. Whoever asks between any two changes pays for all. */
  get items(): readonly T[] {
    if (this.listed !== undefined) return this.listed
    const items: T[] = []
    for (let at = this.first; at !== undefined; at = at.list_next) items.push(at)
    this.listed = items
    return items
  }
  includes(member: T): boolean {
    return this.first === member || member.list_prev !== undefined
  }
  /** Behind `place`; undefined: in front of all. */
  add_behind(member: T, place: T | undefined): void {
    const next = place === undefined ? this.first : place.list_next
    member.list_prev = place
    member.list_next = next
    if (place === undefined) this.first = member
    else place.list_next = member
    if (next === undefined) this.last = member
    else next.list_prev = member
    this.listed = undefined
  }
  /** False: it was not in the list. */
  del(member: T): boolean {
    if (!this.includes(member)) return false
    const { list_prev: prev, list_next: next } = member
    if (prev === undefined) this.first = next
    else prev.list_next = next
    if (next === undefined) this.last = prev
    else next.list_prev = prev
    member.list_prev = member.list_next = undefined
    this.listed = undefined
    return true
  }
}
