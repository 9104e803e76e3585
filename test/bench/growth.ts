/** How total cost grows with the number of objects: the slope of log cost over log n, from 1,000 to 100,000. */
import { type Figure, Program, prefix, seconds } from './routes.ts'

const sizes = [1000, 3000, 10_000, 30_000, 100_000]

/** Least squares through (log n, log cost). */
export function slope(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([n, cost]) => [Math.log(n), Math.log(cost)])
  const mean = (at: number) => logs.reduce((sum, p) => sum + p[at], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  return logs.reduce((sum, p) => sum + (p[0] - x) * (p[1] - y), 0) / logs.reduce((sum, p) => sum + (p[0] - x) ** 2, 0)
}
function program(): Program {
  const p = new Program()
  p.up()
  return p
}
function added(p: Program, n: number): Program {
  for (let i = 0; i < n; i++) p.add(prefix(i).dst, prefix(i).length)
  return p
}

export function growth(): Figure[] {
  added(program(), 50_000).dump()
  // small tables are filled several times, so that a clock's grain does not count
  const add = sizes.map((n) => {
    const rounds = Math.ceil(30_000 / n)
    const empty = Array.from({ length: rounds }, program)
    return [n, seconds(() => empty.forEach((p) => added(p, n))) / rounds] as const
  })
  const dump = sizes.map((n) => {
    const full = added(program(), n)
    const rounds = Math.ceil(100_000 / n)
    return [
      n,
      seconds(() => {
        for (let i = 0; i < rounds; i++) full.dump()
      }) / rounds,
    ] as const
  })
  return [
    { what: 'growth of route adds, exponent', ours: slope(add), unit: '', target: '<= 1.1' },
    { what: 'growth of a dump, exponent', ours: slope(dump), unit: '', target: '<= 1.1' },
  ]
}
