#@ settle 200
# ping with each of its options, over a veth
ip netns add a
ip netns add b
ip link add va address 02:00:00:00:00:0a netns a type veth peer name vb address 02:00:00:00:00:0b netns b
ip -n a link set lo up
ip -n b link set lo up
ip -n a link set va up
ip -n b link set vb up
ip -n a addr add 10.0.0.1/24 brd + dev va
ip -n b addr add 10.0.0.2/24 brd + dev vb
ip -n a addr add 2001:db8::1/64 dev va nodad
ip -n b addr add 2001:db8::2/64 dev vb nodad
sleep 3
ip netns exec a ping -c2 -i0.2 10.0.0.2
ip netns exec a ping -c2 -i0.2 -q 10.0.0.2
ip netns exec a ping -c2 -i0.2 -n -v 10.0.0.2
ip netns exec a ping -4 -c1 -s 0 10.0.0.2
ip netns exec a ping -c1 -s 8 10.0.0.2
ip netns exec a ping -c1 -s 1472 -M do 10.0.0.2
ip netns exec a ping -c1 -s 1473 -M do -W1 10.0.0.2
ip netns exec a ping -c1 -s 1473 -M dont 10.0.0.2
ip netns exec a ping -c1 -s 4000 -M want 10.0.0.2
ip netns exec a ping -c1 -s 65507 10.0.0.2
ip netns exec a ping -c1 -s 65508 10.0.0.2
ip netns exec a ping -c1 -p ff00 10.0.0.2
ip netns exec a ping -c1 -Q 0x10 10.0.0.2
ip netns exec a ping -c1 -t 1 10.0.0.2
ip netns exec a ping -c1 -R 10.0.0.2
ip netns exec a ping -c1 -T tsonly 10.0.0.2
ip netns exec a ping -c1 -T tsandaddr 10.0.0.2
ip netns exec a ping -c1 -T tsprespec 10.0.0.2 10.0.0.1 10.0.0.2
ip netns exec a ping -c1 -r 10.0.0.2
ip netns exec a ping -c1 -r 10.9.9.9
ip netns exec a ping -c1 -I va 10.0.0.2
ip netns exec a ping -c1 -I 10.0.0.1 10.0.0.2
ip netns exec a ping -c1 -I 10.0.0.9 10.0.0.2
ip netns exec a ping -c1 -I nodev 10.0.0.2
ip netns exec a ping -c1 -B 10.0.0.2
ip netns exec a ping -c3 -A 10.0.0.2
ip netns exec a ping -c10 -f -q 10.0.0.2
ip netns exec a ping -c4 -l 3 -q 10.0.0.2
ip netns exec a ping -c1 -m 7 10.0.0.2
ip netns exec a ping -c2 -i0.2 -D 10.0.0.2
ip netns exec a ping -c2 -i0.2 -O -W1 10.0.0.99
ip netns exec a ping -c1 -U 10.0.0.2
ip netns exec a ping -c1 -S 20000 10.0.0.2
ip netns exec a ping -c1 -e 77 10.0.0.2
ip netns exec a ping -w 1 -i 0.3 -q 10.0.0.2
ip netns exec a ping -c1 -W1 10.0.0.99
ip netns exec a ping -c1 10.9.9.9
ip netns exec a ping -c1 10.0.0.255
ip netns exec a ping -c2 -i 0.2 -b 10.0.0.255
ip netns exec a ping -c1 -b 255.255.255.255
ip netns exec a ping -c1 -W1 224.0.0.1
ip netns exec a ping -c2 -i 0.2 -W1 -L -I va 224.0.0.1
ip netns exec a ping -c1 10.0.0.1
ip netns exec a ping -c1 127.0.0.1
ip netns exec a ping -c1 127.1.2.3
ip netns exec a ping -c1 0
ip netns exec a ping -c1 -I 127.0.0.1 10.0.0.2
ip netns exec a ping -c1 nosuchname
ip netns exec a ping -6 -c2 -i0.2 2001:db8::2
ip netns exec a ping -6 -c1 -s 0 2001:db8::2
ip netns exec a ping -6 -c1 -s 1452 -M do 2001:db8::2
ip netns exec a ping -6 -c1 -s 1453 -M do -W1 2001:db8::2
ip netns exec a ping -6 -c1 -s 1453 2001:db8::2
ip netns exec a ping -6 -c1 -s 8000 2001:db8::2
ip netns exec a ping -6 -c1 -p a5 2001:db8::2
ip netns exec a ping -6 -c1 -Q 0x20 2001:db8::2
ip netns exec a ping -6 -c1 -F 0x12345 2001:db8::2
ip netns exec a ping -6 -c1 -t 1 2001:db8::2
ip netns exec a ping -6 -c1 -I va fe80::ff:fe00:b
ip netns exec a ping -6 -c1 fe80::ff:fe00:b%va
ip netns exec a ping -6 -c1 fe80::ff:fe00:b
ip netns exec a ping -6 -c1 -I 2001:db8::1 2001:db8::2
ip netns exec a ping -6 -c1 -I 2001:db8::9 2001:db8::2
ip netns exec a ping -6 -c5 -f -q 2001:db8::2
ip netns exec a ping -6 -c2 -i0.2 ff02::1%va
ip netns exec a ping -6 -c2 -i0.2 -L ff02::1%va
ip netns exec a ping -6 -c1 -W1 2001:db8::99
ip netns exec a ping -6 -c1 2001:db8:9::1
ip netns exec a ping -6 -c1 ::1
ip netns exec a ping -6 -c1 -N name 2001:db8::2
ip netns exec a ping -6 -c1 -W1 -N ipv6-all 2001:db8::2
ip netns exec a ping -6 -c1 10.0.0.2
ip netns exec a ping -4 -c1 2001:db8::2
ip netns exec a ping -c1 2001:db8::2
ip netns exec a ping -h
ip netns exec a asuser ping -c1 10.0.0.2
ip netns exec a asuser ping -c1 -f 10.0.0.2
ip netns exec a asuser ping -i 0.01 -c1 10.0.0.2
ip netns exec a cat /proc/net/snmp
ip netns exec a cat /proc/net/snmp6
ip netns exec a cat /proc/net/dev
ip -n a -s -s link show va
ip -n b -s -s link show vb
ip -n a neigh show
ip -n b neigh show
