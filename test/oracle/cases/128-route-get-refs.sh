# how many hold the answer of a lookup, which says whether the next hop keeps it
ip link add a1 type dummy
ip link set a1 up
ip addr add 10.1.1.1/24 dev a1
ip link set lo up
ip route add 10.9.0.0/16 via 10.1.1.9
ip route get 10.1.1.1
ip route get 10.1.1.1 oif a1
ip route get 10.1.1.1 oif lo
ip route get 127.0.0.1
ip route get 127.0.0.1 oif lo
ip route get 10.1.1.255
ip route get 10.1.1.7
ip route get 10.1.1.7 oif a1
ip route get 10.9.1.1
ip route get 10.9.1.1 oif a1
ip route get 10.9.1.1 oif lo
ip route get 224.0.0.1 oif a1
ip route get 224.1.2.3 oif a1
ip route get 255.255.255.255 oif a1
ip route get 255.255.255.255
ip route get 10.9.1.1 mark 5
ip route get 10.9.1.1 from 10.1.1.1
ip route get 10.9.1.1 from 10.1.1.1 iif a1
ip route get 10.1.1.1 from 10.1.1.7 iif a1
ip route get 10.1.1.255 from 10.1.1.7 iif a1
ip route get 10.1.1.7 iif lo
ip route get fibmatch 10.9.1.1
sysctl -w net.ipv4.ip_forward=1
ip route get 10.9.1.1 from 10.1.1.7 iif a1
ip route get 10.1.1.8 from 10.1.1.7 iif a1
ip route get 99.1.1.1
ip route get 99.1.1.1 oif a1
ip route get 0.0.0.0
ip route get 0.0.0.0 oif a1
