#@ netns init
#@ settle 60
cat /proc/sys/net/core/default_qdisc
sysctl -w net.core.default_qdisc=pfifo
cat /proc/sys/net/core/default_qdisc
ip link add i0 address 02:00:00:00:01:00 type ifb
ip link set i0 up
tc -d qdisc show dev i0
ip link del i0
sysctl -w net.core.default_qdisc=bfifo
cat /proc/sys/net/core/default_qdisc
ip link add i1 address 02:00:00:00:01:01 type ifb
ip link set i1 up
tc -d qdisc show dev i1
ip link del i1
sysctl -w net.core.default_qdisc=pfifo_head_drop
cat /proc/sys/net/core/default_qdisc
ip link add i2 address 02:00:00:00:01:02 type ifb
ip link set i2 up
tc -d qdisc show dev i2
ip link del i2
sysctl -w net.core.default_qdisc=pfifo_fast
cat /proc/sys/net/core/default_qdisc
ip link add i3 address 02:00:00:00:01:03 type ifb
ip link set i3 up
tc -d qdisc show dev i3
ip link del i3
sysctl -w net.core.default_qdisc=prio
cat /proc/sys/net/core/default_qdisc
ip link add i4 address 02:00:00:00:01:04 type ifb
ip link set i4 up
tc -d qdisc show dev i4
ip link del i4
sysctl -w net.core.default_qdisc=fq
cat /proc/sys/net/core/default_qdisc
ip link add i5 address 02:00:00:00:01:05 type ifb
ip link set i5 up
tc -d qdisc show dev i5
ip link del i5
sysctl -w net.core.default_qdisc=sfq
cat /proc/sys/net/core/default_qdisc
ip link add i6 address 02:00:00:00:01:06 type ifb
ip link set i6 up
tc -d qdisc show dev i6
ip link del i6
sysctl -w net.core.default_qdisc=codel
cat /proc/sys/net/core/default_qdisc
ip link add i7 address 02:00:00:00:01:07 type ifb
ip link set i7 up
tc -d qdisc show dev i7
ip link del i7
sysctl -w net.core.default_qdisc=tbf
cat /proc/sys/net/core/default_qdisc
ip link add i8 address 02:00:00:00:01:08 type ifb
ip link set i8 up
tc -d qdisc show dev i8
ip link del i8
sysctl -w net.core.default_qdisc=netem
cat /proc/sys/net/core/default_qdisc
ip link add i9 address 02:00:00:00:01:09 type ifb
ip link set i9 up
tc -d qdisc show dev i9
ip link del i9
sysctl -w net.core.default_qdisc=mq
cat /proc/sys/net/core/default_qdisc
ip link add i10 address 02:00:00:00:01:0a type ifb
ip link set i10 up
tc -d qdisc show dev i10
ip link del i10
sysctl -w net.core.default_qdisc=noqueue
cat /proc/sys/net/core/default_qdisc
ip link add i11 address 02:00:00:00:01:0b type ifb
ip link set i11 up
tc -d qdisc show dev i11
ip link del i11
sysctl -w net.core.default_qdisc=ingress
cat /proc/sys/net/core/default_qdisc
ip link add i12 address 02:00:00:00:01:0c type ifb
ip link set i12 up
tc -d qdisc show dev i12
ip link del i12
sysctl -w net.core.default_qdisc=bogus
cat /proc/sys/net/core/default_qdisc
ip link add i13 address 02:00:00:00:01:0d type ifb
ip link set i13 up
tc -d qdisc show dev i13
ip link del i13
sysctl -w net.core.default_qdisc=fq_codel
cat /proc/sys/net/core/default_qdisc
ip link add i14 address 02:00:00:00:01:0e type ifb
ip link set i14 up
tc -d qdisc show dev i14
ip link del i14
sysctl -w net.core.default_qdisc=pfifo_fast
ip link add m0 address 02:00:00:00:02:01 numtxqueues 2 type ifb
ip link set m0 up
tc qdisc show dev m0
printf "%s" averyveryverylongname > /proc/sys/net/core/default_qdisc
printf "" > /proc/sys/net/core/default_qdisc
cat /proc/sys/net/core/default_qdisc
tc qdisc show
