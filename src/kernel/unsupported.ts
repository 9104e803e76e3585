/** Counts of what programs asked for and netdouble has not built (DESIGN rule 9); tests can assert that it is empty. */
export class unsupported_counts {
  counts = new Map<string, number>()
  /** `kind` names the door (rtnetlink, ioctl, setsockopt, sysctl …), `what` the message, request or attribute. */
  count(kind: string, what: string): void {
    const key = `${kind} ${what}`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
  }
  toJson(): { kind: string; what: string; count: number }[] {
    return [...this.counts].map(([key, count]) => {
      const space = key.indexOf(' ')
      return { kind: key.slice(0, space), what: key.slice(space + 1), count }
    })
  }
}
