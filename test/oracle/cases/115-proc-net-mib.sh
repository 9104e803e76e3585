cat /proc/net/snmp
cat /proc/net/snmp6
cat /proc/net/netstat
cat /proc/net/sockstat
cat /proc/net/sockstat6
cat /proc/net/protocols
cat /proc/net/tcp /proc/net/tcp6
cat /proc/net/udp /proc/net/udp6 /proc/net/udplite /proc/net/udplite6
cat /proc/net/raw /proc/net/raw6 /proc/net/icmp /proc/net/icmp6
cat /proc/net/netlink | cut -c18-
cat /proc/net/packet
cat /proc/net/ip_tables_names
cat /proc/net/stat/rt_cache /proc/net/stat/arp_cache /proc/net/stat/ndisc_cache
cat /proc/net/rt_cache /proc/net/rt_acct
cat /proc/net/ip_mr_cache /proc/net/ip_mr_vif /proc/net/ip6_mr_cache /proc/net/ip6_mr_vif
cat /proc/net/ip6_flowlabel /proc/net/rt6_stats /proc/net/anycast6
cat /proc/net/dev_snmp6/lo
ls /proc/net/ /proc/net/stat /proc/net/dev_snmp6
nstat -asz
nstat -az IpInReceives
netstat -s
ss -s
ss -tuln
ss -tulnp
ss -a -A tcp,udp,raw,icmp4,mptcp,dccp,sctp,packet
ss -xa | head -1
ss -o state established
ss -0
ss --netlink | head -3
netstat -tuln
netstat -rn
netstat -i
ss -tan 'sport = :22'
ss -4 -t -a -e -m -i
ss -K dst 10.0.0.1
asuser ss -tan
