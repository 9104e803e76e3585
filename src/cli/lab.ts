/** The lab that a command is asked for. */
import type { Lab } from '../lab/lab.ts'
import type { Topology } from '../lab/topology.ts'
import { debugLab } from '../server/debug.ts'
import { labFromTopology, readTopology } from '../server/topologyFile.ts'
import { type LabFlags, labOptionsOf } from './options.ts'

/** Programs live in real time, so that is what a command's lab has unless its file or an option says otherwise. */
export function labFromFlags(flags: LabFlags): Lab {
  const topology: Topology = flags.topology === undefined ? {} : readTopology(flags.topology)
  const options = labOptionsOf(flags)
  const time = options.time ?? topology.time ?? 'real'
  return debugLab(labFromTopology(topology, { ...options, time }, { initcall_debug: flags.initcallDebug ?? false }))
}
