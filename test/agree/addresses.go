// A static Go program: lists interfaces and addresses through net (netlink by raw system calls) and adds an address
// with a hand-made RTM_NEWADDR. Usage: addresses [add DEVICE A.B.C.D/LEN]
package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"syscall"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func attribute(kind uint16, value []byte) []byte {
	out := make([]byte, 4, 4+len(value))
	binary.LittleEndian.PutUint16(out, uint16(4+len(value)))
	binary.LittleEndian.PutUint16(out[2:], kind)
	return append(out, value...)
}

func add(device, cidr string) {
	ip, subnet, err := net.ParseCIDR(cidr)
	check(err)
	link, err := net.InterfaceByName(device)
	check(err)
	length, _ := subnet.Mask.Size()
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	check(err)
	defer syscall.Close(fd)
	body := []byte{syscall.AF_INET, byte(length), 0, 0, 0, 0, 0, 0}
	binary.LittleEndian.PutUint32(body[4:], uint32(link.Index))
	body = append(body, attribute(syscall.IFA_LOCAL, ip.To4())...)
	body = append(body, attribute(syscall.IFA_ADDRESS, ip.To4())...)
	header := make([]byte, 16)
	binary.LittleEndian.PutUint32(header, uint32(16+len(body)))
	binary.LittleEndian.PutUint16(header[4:], syscall.RTM_NEWADDR)
	binary.LittleEndian.PutUint16(header[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_ACK|syscall.NLM_F_CREATE|syscall.NLM_F_EXCL)
	check(syscall.Sendto(fd, append(header, body...), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}))
	answer := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, answer, 0)
	check(err)
	messages, err := syscall.ParseNetlinkMessage(answer[:n])
	check(err)
	code := int32(binary.LittleEndian.Uint32(messages[0].Data))
	if code != 0 {
		check(syscall.Errno(-code))
	}
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "add" {
		add(os.Args[2], os.Args[3])
		return
	}
	links, err := net.Interfaces()
	check(err)
	for _, link := range links {
		addresses, err := link.Addrs()
		check(err)
		fmt.Println(link.Index, link.Name, link.MTU, link.HardwareAddr, addresses)
	}
}
