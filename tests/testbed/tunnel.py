#!/usr/bin/env python3
"""A tunnel in UDP, as a VPN makes one: an interface in this host, and packets to and from the other end.

    tunnel.py NAME ADDRESS/BITS server PORT
    tunnel.py NAME ADDRESS/BITS client HOST PORT
"""
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def main():
    name, address, role, *rest = sys.argv[1:]
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.check_call(["ip", "addr", "add", address, "dev", name])
    subprocess.check_call(["ip", "link", "set", name, "up", "mtu", "1380"])
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer = None
    if role == "server":
        line.bind(("0.0.0.0", int(rest[0])))
    else:
        peer = (rest[0], int(rest[1]))
    print("up", flush=True)
    while True:
        for ready in select.select([tunnel, line], [], [])[0]:
            try:
                if ready is line:
                    packet, sender = line.recvfrom(2048)
                    peer = sender if role == "server" else peer
                    os.write(tunnel, packet)
                elif peer:
                    line.sendto(os.read(tunnel, 2048), peer)
                else:
                    os.read(tunnel, 2048)
            except OSError:
                pass  # the other end is not there: packets are lost


main()
