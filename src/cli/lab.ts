/** The lab that a command is asked for. What only some commands need is imported when they do: most runs are short. */
import type { Lab } from '../lab/lab.ts'
import { labFromTopology } from '../lab/topology.ts'
import { type LabFlags, labOptionsOf } from './options.ts'

/** Programs live in real time, so that is what a command's lab has unless its file or an option says otherwise. */
export async function labFromFlags(flags: LabFlags): Promise<Lab> {
  const topology = flags.topology === undefined ? {} : (await import('../server/topologyFile.ts')).readTopology(flags.topology)
  const options = labOptionsOf(flags)
  const time = options.time ?? topology.time ?? 'real'
  const lab = labFromTopology(topology, { ...options, time }, { initcall_debug: flags.initcallDebug ?? false })
  if (flags.topology !== undefined) await (await import('../server/runner.ts')).runSetup(lab, topology)
  return process.env.NETDOUBLE_DEBUG === undefined ? lab : (await import('../server/debug.ts')).debugLab(lab)
}
