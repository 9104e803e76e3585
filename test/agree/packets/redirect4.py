"""Redirects of IPv4 and path MTUs: which are believed (RFC 1122 3.2.2.2, RFC 1191), and for how long."""
from rig import *

sh('ip link set lo up')
t0 = Tap('t0', 1)
conf6(disable_ipv6=1)
sh('''ip addr add 10.0.0.1/24 dev t0
ip neigh add 10.0.0.9 lladdr 02:00:00:00:00:81 dev t0
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:82 dev t0
ip route add default via 10.0.0.9''')
US, FAR = '10.0.0.1', '198.51.100.5'
start(1)
u = socket.socket(2, 2)
u.bind((US, 5000))
u.connect((FAR, 6000))
AGE = [(r'expires \S+', 'expires N'), (r'age \S+', 'age N')]
inners = {
    'udp of a socket': ip4(udp(US, FAR, sport=5000, dport=6000), src=US, dst=FAR),
    'udp of nobody': ip4(udp(US, FAR, sport=5001, dport=6000), src=US, dst=FAR),
    'an echo': ip4(icmp(8), 1, src=US, dst=FAR),
    'an answer': ip4(icmp(0), 1, src=US, dst=FAR),
    'another protocol': ip4(bytes(8), 200, src=US, dst=FAR),
    'tcp': ip4(struct.pack('>HHLLBBHHH', 5000, 80, 1, 0, 0x50, 2, 100, 0, 0), 6, src=US, dst=FAR),
}


def redirect(title, inner=inners['udp of a socket'], gw='10.0.0.8', code=1, src='10.0.0.9'):
    t0.ip4(icmp(5, code, a4(gw), inner), 1, src=src, dst=US)
    now(title)
    show(f'ip route get {FAR}', AGE)
    show('ip route show cache', AGE)
    sh('ip route flush cache')


for which, inner in inners.items():
    redirect(which, inner)
for code in range(5):
    redirect(f'code {code}', code=code)
redirect('from another router', src='10.0.0.7')
for gw in ('10.0.0.1', '224.0.0.1', '255.255.255.255', '0.0.0.0', '10.0.0.255', '127.0.0.1', '10.0.0.9'):
    redirect(f'to {gw}', gw=gw)
for accept_all, accept, forward in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, 1)):
    put('ipv4/ip_forward', forward)
    conf4('all', accept_redirects=accept_all)
    conf4(accept_redirects=accept)
    redirect(f'accept {accept_all} {accept} forward {forward}')
put('ipv4/ip_forward', 0)
conf4('all', accept_redirects=1)
conf4(accept_redirects=1)
for secure, shared in ((0, 0), (1, 0), (0, 1), (1, 1)):
    conf4('all', secure_redirects=secure, shared_media=shared)
    conf4(secure_redirects=secure, shared_media=shared)
    redirect(f'secure {secure} shared {shared}')
sh('ip route add 203.0.113.0/24 via 10.0.0.8')
redirect('secure, to a gateway that is known')


def too_big(title, mtu, inner=inners['udp of a socket']):
    t0.ip4(icmp(3, 4, struct.pack('>HH', 0, mtu), inner), 1, src='10.0.0.9', dst=US)
    now(title)
    show(f'ip route get {FAR}', AGE)
    show('ip route show cache', AGE)


for which, inner in inners.items():
    too_big(f'too big: {which}', 1400, inner)
    sh('ip route flush cache')
for mtu in (1400, 1300, 1350, 600, 552, 551, 100, 0, 1500, 9000):
    too_big(f'mtu {mtu}', mtu)
sh('ip route flush cache')
for title, args in {'of 1200': dict(payload=bytes(1172)), 'of 300': dict(payload=bytes(272))}.items():
    too_big(f'0 about a packet {title}', 0, ip4(udp(US, FAR, bytes(len(args['payload'])), 5000, 6000), src=US, dst=FAR))
    sh('ip route flush cache')
for no in (0, 1, 2, 3):
    put('ipv4/ip_no_pmtu_disc', no)
    too_big(f'no_pmtu_disc {no}', 1300)
    sh('ip route flush cache')
put('ipv4/ip_no_pmtu_disc', 0)
too_big('in pieces', 1300)
for how in (0, 1, 2):
    s = socket.socket(2, 2)
    s.bind((US, 5100 + how))
    s.setsockopt(0, 10, how)
    try:
        s.sendto(bytes(1390), (FAR, 6000))
    except OSError as error:
        print(error.strerror)
    now(f'IP_MTU_DISCOVER {how}')
put('ipv4/route/mtu_expires', 2)
put('ipv4/route/min_pmtu', 600)
sh('ip route flush cache')
too_big('min_pmtu', 580)
sh('ip route flush cache')
too_big('expires', 1300)
time.sleep(3)
show(f'ip route get {FAR}')
show('ip route show cache', AGE)
put('ipv4/route/min_adv_mss', 300)
put('ipv4/route/min_pmtu', 552)
put('ipv4/route/mtu_expires', 600)
sh('ip route replace default via 10.0.0.9 mtu lock 1450')
too_big('locked', 1300)
