#@ netns init
#@ fresh-vm
lsmod | grep -E '^(dummy|veth|ifb|bonding|8021q|bridge|vxlan|macvlan|ip_gre|ipip|sit|tunnel4) ' | sort
ip link add x0 type dummy
lsmod | grep -E '^dummy '
cat /sys/module/dummy/parameters/numdummies
modprobe ipip
lsmod | grep -E '^(ipip|tunnel4|ip_tunnel) ' | sort
ip -br link
modprobe -r ipip
rmmod dummy
ip -br link
lsmod | grep -E '^(ipip|tunnel4|ip_tunnel|dummy) ' | sort
modprobe dummy numdummies=2
ip -br link
modprobe nonesuch
rmmod nonesuch
modprobe -n -v ip_gre
ip link add name ifbx type ifb
ip -br link
modinfo -F description dummy
asuser modprobe vcan
