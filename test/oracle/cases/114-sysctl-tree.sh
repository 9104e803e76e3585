sysctl -a -r '^net\.'
find /proc/sys/net -type f | sort
find /proc/sys/net -type d | sort
find /proc/sys/net -type f -perm 644 | wc -l
find /proc/sys/net -type f -printf '%m %p\n' | sort
grep -r . /proc/sys/net/core 2>/dev/null | sort
asuser find /proc/sys/net -type f -readable | sort | md5sum
sysctl -w net.ipv4.fib_multipath_hash_policy=3
sysctl -w net.ipv4.fib_multipath_hash_policy=4
sysctl -w net.ipv4.fib_multipath_hash_fields=0x37
sysctl net.ipv4.fib_multipath_hash_fields
sysctl -w net.ipv4.fib_multipath_hash_fields=70000
sysctl -w net.ipv4.nexthop_compat_mode=0
sysctl -w net.ipv4.nexthop_compat_mode=2
sysctl -w net.ipv4.icmp_ratelimit=50
sysctl net.ipv4.icmp_ratelimit net.ipv6.icmp.ratelimit
sysctl -w net.ipv4.icmp_ratemask=5
sysctl -w net.ipv4.ping_group_range='0 1000'
sysctl net.ipv4.ping_group_range
sysctl -w net.ipv4.ip_local_port_range='1024 2000'
sysctl -w net.ipv4.ip_local_port_range='2000 1024'
sysctl net.ipv4.ip_local_port_range
sysctl -w net.ipv4.ip_local_reserved_ports=8080,9000-9002
sysctl net.ipv4.ip_local_reserved_ports
sysctl -w net.ipv4.ip_unprivileged_port_start=80
sysctl -w net.ipv4.ip_default_ttl=0
sysctl -w net.ipv4.ip_default_ttl=65
sysctl -w net.ipv4.tcp_rmem='4096 8192 16384'
sysctl net.ipv4.tcp_rmem
sysctl -w net.ipv4.tcp_congestion_control=reno
sysctl -w net.ipv4.tcp_congestion_control=nope
sysctl -w net.core.somaxconn=128
sysctl -w net.core.default_qdisc=fq
sysctl -w net.core.default_qdisc=nope
sysctl -w net.ipv6.route.gc_thresh=1000
sysctl -w net.ipv6.route.flush=1
sysctl net.ipv6.route.flush
sysctl -w net.ipv6.bindv6only=1
sysctl -w net.ipv6.bindv6only=2
sysctl net.ipv6.bindv6only
sysctl -w net.ipv4.neigh.default.gc_thresh1=10
sysctl -w net.ipv6.neigh.default.gc_thresh3=2000
sysctl net.ipv4.neigh.default.gc_thresh1
