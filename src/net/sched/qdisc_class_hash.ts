/** net/sched/sch_api.c qdisc_class_hash_insert(): a discipline's classes by number. The order of its lists is what dumps show. */

/** What each class has. */
export interface Qdisc_class_common {
  readonly classid: number
}
function qdisc_class_hash_of(id: number, mask: number): number {
  let hash = id ^ (id >>> 8)
  hash ^= hash >>> 4
  return hash & mask
}

/** State. The newest is first in its list; with more classes there are more lists. */
export class Qdisc_class_hash<T extends Qdisc_class_common> {
  hash: T[][] = [[], [], [], []]

  find(id: number): T | undefined {
    return this.hash[qdisc_class_hash_of(id, this.hash.length - 1)].find((cl) => cl.classid === id)
  }
  insert(cl: T): void {
    this.hash[qdisc_class_hash_of(cl.classid, this.hash.length - 1)].unshift(cl)
  }
  remove(cl: T): void {
    const list = this.hash[qdisc_class_hash_of(cl.classid, this.hash.length - 1)]
    list.splice(list.indexOf(cl), 1)
  }
  all(): T[] {
    return this.hash.flat()
  }
  /** qdisc_class_hash_grow(), when three quarters are full. */
  grow(): void {
    const classes = this.all()
    const size = this.hash.length
    if (classes.length * 4 <= size * 3) return
    this.hash = Array.from({ length: size * 2 }, () => [])
    for (const cl of classes) this.insert(cl)
  }
}
