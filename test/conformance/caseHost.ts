/** The simulated machine that a case runs on: what its recording says of Linux's command line and NICs. */
import type { Host } from '../../src/lab/host.ts'
import { Lab, type LabTime } from '../../src/lab/lab.ts'
import { caseDirectives, type Recording } from '../oracle/recordings.ts'

/** The oracle's emulated NICs; the first is an e1000 with bounds of its own. */
const E1000_MTU = { min: 46, max: 16110 }
const NICS = [
  { name: 'eth0', mac: '52:54:00:12:34:56' },
  { name: 'eth1', mac: '52:54:00:12:34:57' },
]

export function caseHost(golden: Recording, time: LabTime): Host {
  const { initNetns, nics, fbTunnels } = caseDirectives(golden)
  const ipv6 = !/\bipv6\.disable=1\b/.test(golden.kernel_args ?? '')
  const devices = NICS.filter(({ name }) => initNetns || nics.includes(name))
  const host = new Lab({ seed: 1, time, transcript: 0 }).addHost('linux', { ipv6, devices })
  const e1000 = host.kernel.init_net.dev_name_head.get('eth0')
  if (e1000 !== undefined) {
    e1000.min_mtu = E1000_MTU.min
    e1000.max_mtu = E1000_MTU.max
  }
  // the runner's setting for cases in a namespace of their own, which here is the first
  if (!initNetns) host.kernel.net_core.fb_tunnels_only_for_init_net = fbTunnels
  return host
}
