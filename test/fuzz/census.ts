/** How many objects hang from a lab: what stays behind when all that was made is gone. */
export function objectCount(root: object): number {
  const seen = new Set<unknown>([root])
  const stack: unknown[] = [root]
  const add = (value: unknown) => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return
    seen.add(value)
    stack.push(value)
  }
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) members(next as object, add)
  return seen.size
}
function members(value: object, add: (member: unknown) => void): void {
  if (ArrayBuffer.isView(value)) return
  const list = value instanceof Map ? [...value.keys(), ...value.values()] : value instanceof Set ? value : Object.values(value)
  for (const item of list) add(item)
}
