/** Where the local kernel (6.18) is not the one that netdouble is (6.12), lacks an option, or has what is not built: with reasons. */
import type { Difference } from './differential.ts'

interface Known {
  /** Of the message type. */
  name: RegExp
  /** Of the request as `describe` shows it. */
  request?: RegExp
  real?: RegExp
  ours?: RegExp
  reason: string
}
export const knownDifferences: readonly Known[] = [
  { name: /LINK/, request: /#6[5-9]|IFLA_DPLL_PIN/, reason: '6.18 knows more attributes of links and refuses some; 6.12 ends at 65' },
  { name: /LINK/, request: /IFLA_TXQLEN/, ours: /integer out of range/, reason: '6.12.117 bounds it, as asked of 6.12 itself' },
  { name: /NEWLINK/, real: /ifindex can't be negative/, reason: '6.18 looks at the peer of a veth before anything else' },
  { name: /ROUTE/, request: /#31/, reason: '6.18 has RTA_FLOWLABEL' },
  { name: /RULE/, request: /#2[6-9]|#3[0-9]/, reason: '6.18 has more selectors of rules' },
  {
    name: /NEXTHOP/,
    real: /ONLINK flag can not be set|LWT encapsulation type is missing|No other attributes can be set|must be set|can only/,
    reason: '6.18 looks at what is asked before it looks for devices',
  },
  { name: /ROUTE/, real: /Device only routes can not be added/, reason: '6.18 checks hops of IPv6 before it looks for devices' },
  { name: /ROUTE/, request: /ENCAP/, reason: 'the local kernel has other encapsulations built in' },
  { name: /NEXTHOP/, request: /ENCAP/, reason: 'the local kernel has other encapsulations built in' },
  { name: /GETMULTICAST|GETANYCAST/, reason: '6.18 dumps IPv4 groups too and tells of changes' },
  { name: /ROUTE|LINK/, request: /flags=\w+ 8[01]/, reason: 'the local kernel has no multicast routing' },
  { name: /LINK/, request: /IFLA_BR(IDGE|PORT)?_(VLAN|MCAST|MULTI|MST)/, reason: 'its bridges have neither VLANs nor snooping' },
  { name: /ROUTE|NETCONF/, request: /flags=\w+ 1c/, reason: 'the local kernel has no MPLS' },
  { name: /VLAN|MDB|look 114|look 86/, reason: 'the local kernel has bridges without VLANs' },
]

export function known(d: Difference): boolean {
  return knownDifferences.some(
    (k) => k.name.test(d.name) && (k.request?.test(d.request) ?? true) && (k.real?.test(d.real) ?? true) && (k.ours?.test(d.ours) ?? true),
  )
}
