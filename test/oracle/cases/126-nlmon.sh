#@ settle 60
ip link add nm0 type nlmon
ip -s link show nm0
cat /proc/net/ptype
ip link set nm0 up
cat /proc/net/ptype
ip -s link show nm0
ip -s link show nm0
ip link add d0 address 02:00:00:00:00:01 type dummy
ip -s link show nm0
ip link set nm0 down
ip -s link show nm0
ip -s link show nm0
ip link set nm0 up
timeout 3 ip monitor link & sleep 0.7; ip link set d0 up; wait
ip -s link show nm0
ip link add nm1 type nlmon
ip link set nm1 up
ip -s link show
cat /proc/net/dev
ip link set nm0 mtu 100
ip link set nm0 mtu 15
ip link set nm0 address 02:00:00:00:00:01
ip addr add 10.0.0.1/24 dev nm0
ip -d link show nm0
ip link del nm0
ip -s link show nm1
ip link add nm2 address 02:00:00:00:00:01 type nlmon
cat /proc/net/ptype
