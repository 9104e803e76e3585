#@ fresh-vm
#@ settle 150
# offloads of virtual devices of each kind, and what changing them does
ip link add d0 address 02:00:00:00:00:01 type dummy
ip link add v0 address 02:00:00:00:00:02 type veth peer name v1 address 02:00:00:00:00:03
ip link add br0 address 02:00:00:00:00:04 type bridge
ip link add bond0 address 02:00:00:00:00:05 type bond
ip link add vx0 address 02:00:00:00:00:06 type vxlan id 5 dstport 4789
ip link add mv0 address 02:00:00:00:00:07 link v0 type macvlan
ip link add vl0 link v0 type vlan id 5
ip link add ifb0 address 02:00:00:00:00:08 type ifb
ip link add vrf0 address 02:00:00:00:00:09 type vrf table 9
ip link add gre1 type gre remote 10.0.0.9 local 10.0.0.1
ip link add gt0 address 02:00:00:00:00:0a type gretap remote 10.0.0.9 local 10.0.0.1
ip link add ipip1 type ipip remote 10.0.0.9 local 10.0.0.1
ip link add sit1 type sit remote 10.0.0.9 local 10.0.0.1
ip link add tnl1 type ip6tnl remote 2001:db8::9 local 2001:db8::1
ip link add gnv0 address 02:00:00:00:00:0b type geneve id 7 remote 10.0.0.9
ip link add team0 address 02:00:00:00:00:0c type team
ip tuntap add tap0 mode tap
ip tuntap add tun0 mode tun
ip link add nlm0 type nlmon
ip link add ipv0 link d0 type ipvlan
for d in lo d0 v0 br0 bond0; do ethtool -k $d; done
for d in vx0 mv0 vl0 ifb0 vrf0; do ethtool -k $d; done
for d in gre1 gt0 ipip1 sit1 tnl1; do ethtool -k $d; done
for d in gnv0 team0 tap0 tun0 nlm0 ipv0; do ethtool -k $d; done
for d in lo d0 v0 br0 bond0 vx0 mv0 vl0 ifb0 vrf0 gre1 gt0 ipip1 sit1 tnl1 gnv0 team0 tap0 tun0 nlm0 ipv0; do ethtool -i $d; done
for d in lo d0 v0 br0 bond0 vx0 mv0 vl0 ifb0 vrf0 gre1 team0 tap0 tun0 ipv0; do ethtool $d; done
for d in lo d0 v0 br0 bond0 vx0 mv0 vl0 tap0 ipv0; do ethtool -T $d; done
for d in lo d0 v0 br0 bond0 vx0 mv0 vl0 tap0 ipv0; do ethtool -l $d; ethtool -g $d; ethtool -c $d; ethtool -a $d; done
for d in lo d0 v0 br0 bond0 vx0 mv0 vl0 tap0 ipv0; do ethtool -S $d; ethtool -P $d; ethtool -n $d; ethtool -x $d; done
ethtool -K v0 tso off
ethtool -k v0
ethtool -K v0 tx off
ethtool -k v0
ethtool -K v0 sg off
ethtool -K v0 gro on
ethtool -k v0
ethtool -K v0 tx on sg on tso on gso on
ethtool -k vl0
ethtool -K v0 rx off
ethtool -K v0 lro on
ethtool -K v0 rxvlan off txvlan off
ethtool -K v0 highdma off
ethtool -K v0 hw-tc-offload on
ethtool -K d0 tso off gso off
ethtool -k d0
ethtool -K br0 tx off
ethtool -k br0
ip link set v0 master br0
ethtool -k br0
ethtool -K bond0 gro off
ethtool -K lo tx off
ethtool -k lo
ethtool -K lo loopback off
ethtool -K tap0 tso off
ethtool -k tap0
ethtool -L v0 combined 1
ethtool -L v0 rx 2 tx 2
ethtool -L v0 rx 1 tx 1
ethtool -s d0 speed 100
ethtool -s tap0 speed 100 duplex half
ethtool tap0
ethtool -s v0 msglvl 1
ethtool -p v0 1
ethtool -t v0
ethtool -r v0
ethtool -d v0
ethtool -e v0
ethtool -A v0 rx on
ethtool -C tap0 rx-frames 60
ethtool -c tap0
ethtool --show-priv-flags v0
ethtool --show-eee v0
ethtool --show-fec v0
ethtool -m v0
ethtool --show-time-stamping v0
ethtool --include-statistics -a v0
ethtool nosuch
ethtool -k nosuch
ethtool -i nosuch
ethtool -S nosuch
