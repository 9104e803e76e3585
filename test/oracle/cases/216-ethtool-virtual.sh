#@ settle 100
#@ timeout 30
ip link add d0 type dummy; ip link add v0 type veth peer name v1; ip link add br0 type bridge; ip link add bond0 type bond; ip link add link v0 name v0.5 type vlan id 5; ip tuntap add t0 mode tap; ip link add mv0 link v0 type macvlan; ip link add vx0 type vxlan id 5 dstport 4789 local 192.0.2.1; ip link set v1 up; ip link set v0 up; ip link set d0 up; sleep 1
ethtool lo
ethtool d0
ethtool v0
ethtool br0
ethtool bond0
ethtool v0.5
ethtool t0
ethtool mv0
ethtool vx0
ethtool -i lo; ethtool -i d0; ethtool -i v0; ethtool -i br0; ethtool -i bond0; ethtool -i v0.5; ethtool -i t0; ethtool -i mv0; ethtool -i vx0
ethtool -k lo
ethtool -k d0
ethtool -k v0
ethtool -k br0
ethtool -k bond0
ethtool -k v0.5
ethtool -k t0
ethtool -k mv0
ethtool -k vx0
ethtool -S d0; ethtool -S v0; ethtool -S lo; ethtool -S v0.5; ethtool -S bond0
ethtool -g v0; ethtool -a v0; ethtool -c v0; ethtool -l v0; ethtool -x v0; ethtool -n v0; ethtool -m v0; ethtool -d v0; ethtool -e v0; ethtool -t v0; ethtool -P v0; ethtool -T v0; ethtool --show-priv-flags v0; ethtool --show-eee v0; ethtool --show-fec v0; ethtool --phy-statistics v0; ethtool --show-module v0; ethtool --show-tunnels v0; ethtool --show-features v1 | head -3
ethtool -g d0; ethtool -a d0; ethtool -c d0; ethtool -l d0; ethtool -x d0; ethtool -n d0; ethtool -m d0; ethtool -d d0; ethtool -e d0; ethtool -t d0; ethtool -P d0; ethtool -T d0; ethtool --show-priv-flags d0; ethtool --show-eee d0; ethtool --show-fec d0
ethtool -T lo; ethtool -P lo; ethtool -T v0.5; ethtool -P v0.5; ethtool -T bond0; ethtool -P bond0; ethtool -T t0; ethtool -P br0; ethtool -T vx0; ethtool --show-tunnels vx0
ethtool -K d0 tso off
ethtool -K d0 sg off
ethtool -k d0
ethtool -K d0 sg on tso on
ethtool -K v0 rx off tx off
ethtool -K v0 rx on tx on gro on
ethtool -K d0 rx off
ethtool -K d0 rx-checksum on; ethtool -K d0 foo on; ethtool -K nodev tso off
ethtool -K br0 gro off lro on
ethtool -s d0 speed 100; ethtool -s v0 speed 1000 duplex full autoneg off; ethtool -s d0 msglvl 7; ethtool -s d0 wol g
ethtool -s t0 speed 100 duplex full autoneg off port tp
ethtool t0
ethtool -s t0 msglvl 5; ethtool -s t0 msglvl drv on
ethtool -c t0; ethtool -C t0 rx-frames 4; ethtool -c t0; ethtool -C t0 rx-usecs 4
ethtool -L v0 rx 1; ethtool -L v0 rx 2 tx 2; ethtool -G v0 rx 100; ethtool -A v0 rx on; ethtool -C v0 rx-usecs 3; ethtool -r v0; ethtool -p v0 1; ethtool --set-eee v0 eee on; ethtool --set-priv-flags v0 foo on; ethtool --reset v0 all; ethtool -X v0 equal 1; ethtool -N v0 flow-type tcp4 action 1; ethtool -E v0 magic 1 offset 0 value 1; ethtool -f v0 x
ethtool -L d0 combined 1; ethtool -G d0 rx 100; ethtool -A d0 rx on; ethtool -C d0 rx-usecs 3; ethtool -r d0; ethtool --set-fec d0 encoding auto
ethtool -L bond0 combined 1; ethtool -r bond0; ethtool -s bond0 speed 100 duplex full
ethtool --debug 0 -I --json -S d0; ethtool --json -k v0 | head -20; ethtool --json d0
ethtool -S d0 --all-groups; ethtool -S v0 --groups eth-mac
ethtool nodev; ethtool -i nodev; ethtool -k nodev; ethtool -S nodev
asuser ethtool v0; asuser ethtool -i v0; asuser ethtool -k v0; asuser ethtool -K v0 tso off; asuser ethtool -g v0; asuser ethtool -d v0; asuser ethtool -s v0 speed 10; asuser ethtool -e v0
timeout 2 ethtool --monitor & sleep 1; ethtool -K d0 tso off; ethtool -K d0 tso on; wait
ip link del v0; ethtool v1
