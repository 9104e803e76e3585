ip xfrm state
ip xfrm policy
ip xfrm state count
ip -s xfrm state count
ip xfrm policy count
ip -s xfrm policy count
ip xfrm state flush
ip xfrm state flush proto esp
ip xfrm policy flush
ip xfrm policy flush ptype main
ip xfrm state get src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1
ip xfrm state delete src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1
ip xfrm state delete src 192.0.2.1 dst 192.0.2.2 proto tcp
ip xfrm state deleteall
ip xfrm policy deleteall
ip xfrm policy get src 192.0.2.0/24 dst 198.51.100.0/24 dir in
ip xfrm policy delete src 192.0.2.0/24 dst 198.51.100.0/24 dir out
ip xfrm policy get index 9 dir in
ip xfrm policy getdefault
ip -6 xfrm state
ip -6 xfrm policy
asuser ip xfrm state
asuser ip xfrm state flush
ip xfrm policy setdefault in block
ip xfrm policy getdefault
ip xfrm policy setdefault in accept out accept fwd accept
ip xfrm policy getdefault
ip xfrm policy set hthresh4 24 32
ip -s xfrm policy count
ip xfrm policy set hthresh4 33 32
ip xfrm policy set hthresh6 64 128
ip -s xfrm policy count
grep -c . /proc/net/xfrm_stat
cat /proc/net/xfrm_stat
sysctl net.core.xfrm_acq_expires net.core.xfrm_aevent_etime net.core.xfrm_aevent_rseqth net.core.xfrm_larval_drop
