# names, alternative names, aliases, groups, queues, carriers, flags and their bounds
#@ settle 60
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add d1 address 02:00:00:00:00:02 type dummy
ip link add d0 type dummy
ip link add abcdefghijklmno type dummy
ip link add abcdefghijklmnop type dummy
ip link add 'a b' type dummy
ip link add a/b type dummy
ip link add . type dummy
ip link add 'x%d' address 02:00:00:00:00:05 type dummy
ip link add 'x%d' address 02:00:00:00:00:06 type dummy
ip link add '%d%d' type dummy
ip link add '%s' type dummy
ip link add type dummy address 02:00:00:00:00:07
ip link property add dev d0 altname alt1 altname alt2 altname alt1
ip link property add dev d0 altname alt1
ip link property add dev d1 altname alt1
ip link property add dev d1 altname d0
ip link property add dev d1 altname d1
ip link property add dev d1 altname "$(printf 'n%.0s' {1..127})"
ip link property add dev d1 altname "$(printf 'n%.0s' {1..128})"
ip link property add dev d1 altname ''
ip link property add dev d1 altname 'a b'
ip link property del dev d1 altname alt1
ip link property del dev d0 altname d0
ip link property del dev alt1 altname alt1
ip link set alt2 name alt3
ip link set d0 name alt2
ip link add alt2 type dummy
ip link show alt2
ip -j link show d1 
ip link set alt3 name d0
ip link set d0 alias "$(printf 'a%.0s' {1..255})"
ip link set d0 alias "$(printf 'a%.0s' {1..256})"
ip link set d0 alias ''
ip link set d0 alias short
ip link set d0 group 5
ip link set d1 group default
ip link set group 5 up
ip link set group 5 mtu 900
ip link set group 5 name zz
ip link set group 6 up
ip link show group 5
ip link set d0 mtu 67
ip link set d0 mtu 65536
ip link set d0 mtu 0
ip link set d0 mtu 4294967295
ip link set d0 txqueuelen 0
ip link set d0 txqueuelen 4294967295
ip link set d0 txqueuelen 2000000000
ip link set d0 address 01:00:00:00:00:01
ip link set d0 address 00:00:00:00:00:00
ip link set d0 address 02:00:00:00:00
ip link set d0 address 02:00:00:00:00:01:02:03
ip link set d0 broadcast 02:00:00:00:00:ff
ip link set d0 broadcast 02:00:00:00:00
ip link set lo address 02:00:00:00:00:01
ip -d link show d0
ip link set d0 carrier off
ip link show d0
ip link set d0 carrier on
ip link set d0 up carrier off
ip link set d0 carrier 2
ip link set lo carrier off
ip link set d0 state dormant
ip link set d0 mode dormant
ip link show d0
ip link set d0 state up
ip link set d0 state lowerlayerdown
ip link set d0 state testing
ip link set d0 mode default
ip link set d0 mode bogus
ip link show d0
ip link set d0 protodown on
ip link set d0 protodown_reason 3 on
ip link set d0 arp off multicast off allmulticast on promisc on dynamic on trailers on
ip link show d0
ip link set d0 arp on multicast on allmulticast off promisc off dynamic off trailers off
ip link set d0 gso_max_size 65537
ip link set d0 gso_max_size 600000
ip link set d0 gso_max_size 100 gso_max_segs 70000
ip link set d0 gso_max_size 1000 gso_max_segs 7 gro_max_size 1000
ip link set d0 gro_max_size 600000
ip -d link show d0
ip link set d0 vf 0 mac 02:00:00:00:00:09
ip link set d0 vf 0 vlan 5 qos 3 rate 100 spoofchk on trust on state auto
ip link set d0 vf 0 max_tx_rate 10 min_tx_rate 20
ip link set d0 xdp off
ip link set d0 xdpgeneric off
ip link set d0 xdpoffload off
ip link set d0 netns nosuch
ip link set d0 nomaster
ip link set d0 master nosuch
ip link set d0 master d1
ip link set d0 type bogus
ip link set d0 type dummy bogus
ip link set d0 type vlan id 5
ip link add d5 index 3 type dummy
ip link add d5 index 0 type dummy
ip link add d5 index -5 type dummy
ip link add d5 numtxqueues 0 type dummy
ip link add d5 numtxqueues 4097 type dummy
ip link add d5 numrxqueues 4097 type dummy
ip link add d5 txqueuelen 7 mtu 20 type dummy
ip link add d5 txqueuelen 7 mtu 200 group 9 numtxqueues 4096 broadcast 02:00:00:00:00:fe arp off type dummy
ip link show d5
ip link del group 9
ip link del group 9
ip link del d0 type veth
ip link del nosuch
ip link del lo
ip -echo link add e0 address 02:00:00:00:00:0e type dummy
ip -echo link set e0 up
ip -echo addr add 10.0.0.1/24 dev e0
ip -echo route add 10.1.0.0/16 via 10.0.0.2
ip -echo rule add pref 5 table 9
ip -echo nexthop add id 5 dev e0
ip -echo neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev e0
ip -echo link del e0
ip -o link
