/** include/net/vxlan.h: the header (RFC 7348 5) with its extensions: group policy (GBP) and generic protocol (GPE). */
import { ETH_P_IP, ETH_P_IPV6, ETH_P_MPLS_UC, ETH_P_NSH, ETH_P_TEB } from '../../../uapi/linux/if_ether.ts'

export const VXLAN_HLEN = 8
export const VXLAN_HF_VNI = 0x08000000
/** GBP: the frame has a group, in the lower 16 bits; do not learn from it, and the policy has been applied to it. */
export const VXLAN_HF_GBP = 0x80000000
export const VXLAN_GBP_DONT_LEARN = 0x400000
export const VXLAN_GBP_POLICY_APPLIED = 0x080000
export const VXLAN_GBP_MASK = VXLAN_GBP_DONT_LEARN | VXLAN_GBP_POLICY_APPLIED | 0xffff
export const VXLAN_GBP_USED_BITS = 0x80ffffff
/** GPE: in the first byte, that the last one says the protocol; in the word: version, that, maintenance, and the protocol. */
export const VXLAN_GPE_NP = 0x04
export const VXLAN_HF_GPE_NP = 0x04000000
export const VXLAN_HF_GPE_OAM = 0x01000000
export const VXLAN_HF_GPE_VER = 0x30000000
export const VXLAN_GPE_USED_BITS = VXLAN_HF_GPE_VER | VXLAN_HF_GPE_NP | VXLAN_HF_GPE_OAM | 0xff

/** include/net/tun_proto.h: the numbers 1 to 5. */
const tunnel_protocols = [0, ETH_P_IP, ETH_P_IPV6, ETH_P_TEB, ETH_P_NSH, ETH_P_MPLS_UC]

/** Undefined: a protocol that has no number. */
export function tun_p_from_eth_p(proto: number): number | undefined {
  const nr = tunnel_protocols.indexOf(proto, 1)
  return nr < 0 ? undefined : nr
}
export function tun_p_to_eth_p(nr: number): number | undefined {
  return nr === 0 ? undefined : tunnel_protocols[nr]
}
