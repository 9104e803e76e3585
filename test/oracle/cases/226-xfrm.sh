ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 mode tunnel reqid 7 auth 'hmac(sha256)' 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef enc 'cbc(aes)' 0x0123456789abcdef0123456789abcdef
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 mode tunnel auth sha1 0x01 enc aes 0x0123456789abcdef0123456789abcdef
ip xfrm state add src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x101 mode transport aead 'rfc4106(gcm(aes))' 0x0123456789abcdef0123456789abcdef01234567 128 replay-window 32 flag noecn if_id 5 mark 3 mask 0xf output-mark 9
ip xfrm state add src 2001:db8::1 dst 2001:db8::2 proto ah spi 0x102 mode transport auth-trunc 'hmac(sha256)' 0x0123456789abcdef0123456789abcdef 128
ip xfrm state add src 10.0.0.1 dst 10.0.0.3 proto comp spi 0x103 mode tunnel comp deflate
ip xfrm state add src 10.0.0.1 dst 10.0.0.4 proto esp spi 0x104 mode tunnel enc 'cbc(aes)' 0x0123456789abcdef0123456789abcdef encap espinudp 4500 4500 0.0.0.0 limit time-soft 2 limit time-hard 4
ip xfrm state add src 10.0.0.1 dst 10.0.0.5 proto esp spi 0x105 mode tunnel enc 'cbc(aes)' 0x0123456789abcdef0123456789abcdef flag esn replay-window 64
ip xfrm state
ip -s xfrm state
ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100
ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1
ip xfrm state list proto ah
ip xfrm state list src 10.0.0.1 dst 10.0.0.2
ip xfrm state count
ip -s xfrm state count
ip xfrm state update src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 mode tunnel auth sha1 0x01 enc aes 0x0123456789abcdef0123456789abcdef limit byte-soft 1000 limit packet-hard 9
ip xfrm state update src 10.0.0.1 dst 10.0.0.9 proto esp spi 0x100 mode tunnel auth sha1 0x01 enc aes 0x0123456789abcdef0123456789abcdef
ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100
ip xfrm state allocspi src 10.0.0.6 dst 10.0.0.7 proto esp mode tunnel reqid 3 min 0x200 max 0x200
ip xfrm state list src 10.0.0.6
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x106 mode tunnel
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x106 mode tunnel enc nope 0x01
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x106 mode tunnel auth nope 0x01
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x106 mode tunnel enc 'cbc(aes)' 0x0123
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x106 mode tunnel aead 'rfc4106(gcm(aes))' 0x0123456789abcdef0123456789abcdef01234567 127
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto ah spi 0x106 mode tunnel enc 'cbc(aes)' 0x0123456789abcdef0123456789abcdef
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto comp spi 0x10600 mode tunnel comp deflate
ip xfrm state add src 10.0.0.1 dst 10.0.0.8 proto esp spi 0x106 mode tunnel enc 'cbc(aes)' 0x0123456789abcdef0123456789abcdef sel src 10.0.0.0/24 dst 2001:db8::/64
sleep 5
ip xfrm state list src 10.0.0.1 dst 10.0.0.4
ip xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100
ip xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100
ip xfrm state deleteall proto ah
ip xfrm state flush proto comp
ip xfrm state count
ip xfrm state flush
ip xfrm state
ip xfrm policy add src 10.0.0.0/24 dst 10.1.0.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp mode tunnel
ip xfrm policy add src 10.0.0.0/24 dst 10.1.0.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp mode tunnel
ip xfrm policy add src 10.1.0.0/24 dst 10.0.0.0/24 dir in priority 5 action block
ip xfrm policy add src 10.1.0.0/24 dst 10.0.0.0/24 dir fwd mark 1 mask 3 if_id 4 tmpl src 10.0.0.2 dst 10.0.0.1 proto esp spi 5 mode tunnel reqid 2 level use tmpl proto ah mode transport
ip xfrm policy add src 2001:db8::/64 dst 2001:db8:1::/64 proto tcp sport 80 dport 443 dir in index 0x1000 flag icmp limit time-soft 100
ip xfrm policy add src 2001:db8::/64 dst 2001:db8:1::/64 dir in index 0x1001
ip xfrm policy
ip -s xfrm policy
ip xfrm policy count
ip -s xfrm policy count
ip xfrm policy get src 10.0.0.0/24 dst 10.1.0.0/24 dir out
ip xfrm policy get dir in index 0x1000
ip xfrm policy get src 10.9.0.0/24 dst 10.1.0.0/24 dir out
ip xfrm policy update src 10.0.0.0/24 dst 10.1.0.0/24 dir out priority 9
ip xfrm policy list dir out
ip xfrm policy delete dir in index 0x1000
ip xfrm policy delete src 10.0.0.0/24 dst 10.1.0.0/24 dir out
ip xfrm policy delete src 10.0.0.0/24 dst 10.1.0.0/24 dir out
ip xfrm policy add src 10.0.0.0/33 dst 10.1.0.0/24 dir out
ip xfrm policy add dir out tmpl src 10.0.0.1 dst 2001:db8::1 proto esp mode transport
ip xfrm policy setdefault
ip xfrm policy getdefault
ip xfrm policy setdefault in block fwd block out accept
ip xfrm policy getdefault
ip xfrm policy setdefault in accept fwd accept out accept
ip xfrm policy flush
ip xfrm policy
ip link add xf1 type xfrm if_id 6
ip link add xf2 type xfrm if_id 6
ip link add xf3 type xfrm
ip -d link show type xfrm
lsmod | sort
