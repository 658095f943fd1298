#!/usr/bin/env python3
"""Tell when an address was silent, from 50 echo requests a second: a second opinion on drops.

    witness.py ADDRESS [SHORTEST_SILENCE_IN_SECONDS]

Prints a JSON line for each silence when it is over, and one for a silence that lasts when the
witness is ended with SIGTERM (its "first_reply" is null).  A request is lost when nothing has
answered it within three seconds.
"""

import ctypes
import json
import select
import signal
import socket
import struct
import sys
import time

PERIOD = 0.02
PATIENCE = 3.0
PR_SET_TIMERSLACK, SLACK_NS = 29, 1000


def main():
    address = sys.argv[1]
    shortest = float(sys.argv[2]) if len(sys.argv) > 2 else 0.5
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, SLACK_NS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    witness = Witness(address, shortest)
    try:
        witness.run()
    finally:
        witness.close()


class Witness:
    def __init__(self, address, shortest):
        v6 = ":" in address
        family, protocol = ((socket.AF_INET6, socket.IPPROTO_ICMPV6) if v6
                            else (socket.AF_INET, socket.IPPROTO_ICMP))
        self.request_type, self.reply_type = (128, 129) if v6 else (8, 0)
        self.socket = socket.socket(family, socket.SOCK_DGRAM, protocol)
        self.socket.setblocking(False)
        self.address, self.shortest = address, shortest
        self.sent = []              # [when sent, when answered or None] of request n
        self.judged = 0             # requests before this one are settled
        self.last_answered = None
        self.lost = []              # when the requests since were sent, all lost

    def run(self):
        start = time.time()
        print(json.dumps({"ready": start}), flush=True)
        while True:
            due = start + len(self.sent) * PERIOD
            if (wait := due - time.time()) > 0:
                if select.select([self.socket], [], [], wait)[0]:
                    self.receive()
                continue
            self.send()
            self.judge(time.time())

    def send(self):
        number = len(self.sent)
        packet = struct.pack("!BBHHHQ", self.request_type, 0, 0, 0, number & 0xFFFF, number)
        self.sent.append([time.time(), None])
        try:
            self.socket.sendto(packet, (self.address, 0))
        except OSError:             # no route, no carrier: as good as lost
            pass

    def receive(self):
        try:
            packet = self.socket.recv(1500)
        except OSError:             # an ICMP error that came for a request
            return
        now = time.time()
        if len(packet) >= 16 and packet[0] == self.reply_type:
            number = struct.unpack("!Q", packet[8:16])[0]
            if number < len(self.sent) and self.sent[number][1] is None:
                self.sent[number][1] = now

    def judge(self, now):
        """Settle requests in the order they were sent."""
        while self.judged < len(self.sent):
            sent, answered = self.sent[self.judged]
            if answered is not None and answered - sent <= PATIENCE:
                self.end_silence(answered)
                self.last_answered = sent
            elif now - sent > PATIENCE:
                self.lost.append(sent)
            else:
                return
            self.judged += 1

    def end_silence(self, reply):
        if self.lost and self.lost[-1] - self.lost[0] >= self.shortest:
            print(json.dumps({"last_answered": self.last_answered, "first_lost": self.lost[0],
                              "last_lost": self.lost[-1], "first_reply": reply}), flush=True)
        self.lost = []

    def close(self):
        """At the end, what has not been answered counts as lost."""
        self.judge(float("inf"))
        self.end_silence(None)


if __name__ == "__main__":
    main()
