/** Distinct requests that are told apart: names and numbers in them are the programs' own, without end. */
const MOST_KEYS = 4096

/** Counts of what programs asked for and netdouble has not built (DESIGN rule 9); tests can assert that it is empty. */
export class unsupported_counts {
  counts = new Map<string, number>()
  /** `kind` names the door (rtnetlink, ioctl, setsockopt, sysctl …), `what` the message, request or attribute. */
  count(kind: string, what: string): void {
    const own = `${kind} ${what}`
    const key = this.counts.size < MOST_KEYS || this.counts.has(own) ? own : `${kind} others`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
  toJson(): { kind: string; what: string; count: number }[] {
    return [...this.counts].map(([key, count]) => {
      const space = key.indexOf(' ')
      return { kind: key.slice(0, space), what: key.slice(space + 1), count }
    })
  }
}
