/** A binary heap ordered by (`expires`, `seq`) whose members know their place, so that removal is O(log n). */
export interface HeapItem {
  expires: number
  seq: number
  /** Index in the heap, -1 outside; kept by the heap. */
  slot: number
}

function before(a: HeapItem, b: HeapItem): boolean {
  return a.expires < b.expires || (a.expires === b.expires && a.seq < b.seq)
}

export class Heap<T extends HeapItem> {
  items: T[] = []

  get size(): number {
    return this.items.length
  }
  peek(): T | undefined {
    return this.items[0]
  }
  push(item: T): void {
    item.slot = this.items.length
    this.items.push(item)
    this.up(item.slot)
  }
  pop(): T | undefined {
    const top = this.items[0]
    if (top !== undefined) this.remove(top)
    return top
  }
  /** No effect when `item` is not in the heap. */
  remove(item: T): void {
    const i = item.slot
    if (i < 0) return
    const last = this.items.pop() as T
    item.slot = -1
    if (last === item) return
    this.items[i] = last
    last.slot = i
    this.up(i)
    this.down(last.slot)
  }

  private up(from: number): void {
    let i = from
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(this.items[i], this.items[parent])) break
      this.swap(i, parent)
      i = parent
    }
  }
  private down(from: number): void {
    let i = from
    for (;;) {
      const left = 2 * i + 1
      if (left >= this.items.length) break
      const right = left + 1
      const child = right < this.items.length && before(this.items[right], this.items[left]) ? right : left
      if (!before(this.items[child], this.items[i])) break
      this.swap(i, child)
      i = child
    }
  }
  private swap(i: number, j: number): void {
    const a = this.items[i]
    const b = this.items[j]
    this.items[i] = b
    this.items[j] = a
    b.slot = i
    a.slot = j
  }
}
