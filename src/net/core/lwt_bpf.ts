/** net/core/lwt_bpf.c: programs that see packets of a route. */
import type { Kernel } from '../../kernel/kernel.ts'
import { eachAttr, NLA_HDRLEN } from '../../lib/attrs.ts'
import { get16 } from '../../lib/bytes.ts'
import type { MessageBuilder } from '../../lib/message.ts'
import { EINVAL, type Errno } from '../../uapi/errno.ts'
import { LWTUNNEL_ENCAP_BPF } from '../../uapi/linux/lwtunnel.ts'
import { type lwtunnel_encap_ops, lwtunnel_encap_add_ops, type lwtunnel_request } from './lwtunnel.ts'

const LWT_BPF_XMIT = 3
const LWT_BPF_PROG_NAME = 2
/** Programs by name; what they do is not looked at, which is counted. */
export function bpf_build_state({ buf, net }: lwtunnel_request, at: number, _family: number, out: MessageBuilder): Errno | undefined {
  net.kernel.unsupported.count('rtnetlink', 'programs of RTA_ENCAP')
  let any = false
  eachAttr(buf, at + NLA_HDRLEN, at + get16(buf, at), (nr, o) => {
    if (nr > LWT_BPF_XMIT || nr === 0) return
    any = true
    const nest = out.nestNoflag(nr)
    eachAttr(buf, o + NLA_HDRLEN, o + get16(buf, o), (inner, p) => {
      if (inner === LWT_BPF_PROG_NAME) out.putBytes(inner, buf.subarray(p + NLA_HDRLEN, p + get16(buf, p)))
    })
    out.nestEnd(nest)
  })
  return any ? undefined : EINVAL
}

export const bpf_encap_ops: lwtunnel_encap_ops = { name: 'bpf_encap_ops', build_state: bpf_build_state }
/** subsys_initcall */
export function bpf_lwt_init(kernel: Kernel): Errno | undefined {
  lwtunnel_encap_add_ops(kernel, bpf_encap_ops, LWTUNNEL_ENCAP_BPF)
  return undefined
}
