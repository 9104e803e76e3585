/** The lowest number below `end` for which `holds`, as it does for all above it; `end` if for none. */
export function lowest(end: number, holds: (i: number) => boolean): number {
  let low = 0
  let high = end
  while (low < high) {
    const mid = (low + high) >> 1
    if (holds(mid)) high = mid
    else low = mid + 1
  }
  return low
}
