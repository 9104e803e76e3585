"""A router that gets packets made at random (made.py)."""
import made

# a redirect is sent once a second
made.DST6 = [dst for dst in made.DST6 if dst not in ('fe80::9', '2001:db8::77')]
made.run_made(2, 200, ipv4__ip_forward=1, ipv6__conf__all__forwarding=1, ipv6__conf__default__forwarding=1)
