#@ fresh-vm
ip link add gtp0 type gtp
ip link add bu0 type bareudp dstport 6635 ethertype mpls_uc
ip link add bu0 type bareudp dstport 6635 ethertype ipv4 multiproto srcportmin 1000
ip -d link show bu0
modprobe gtp
cat /proc/net/genetlink
ls /sys/class/net
