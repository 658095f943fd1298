#!/usr/bin/env python3
"""A region's link returns, and its lines send what waited: the table of docs/scale.md, simulated. No packet is sent.

Each line has requests to send, one after the other, half of the time. A receiver takes so many requests a second
and refuses the rest; who is refused pauses 5 s, doubled up to 300 s, from half of it on by chance.
"""
import heapq
import random
from collections import Counter

ROUND = 0.3       # seconds for a request; as long is the rest after it
REQUESTS = 10     # of 5,000 samples each: two hours of 399 samples a minute
STEADY = 13.3     # requests a second: 66,500 samples of 10,000 lines, in addition to the steady rate


def play(lines, wait, chance=True, capacity=STEADY, seed=1):
    random.seed(seed)
    due = [(random.uniform(0, wait), line) for line in range(lines)]
    heapq.heapify(due)
    left, failures = [REQUESTS] * lines, [0] * lines
    free, before, refused, served, asked = capacity, 0.0, 0, [], Counter()
    while due:
        now, line = heapq.heappop(due)
        free, before = min(capacity, free + (now - before) * capacity), now
        asked[int(now)] += 1
        if free >= 1:
            free -= 1
            failures[line] = 0
            left[line] -= 1
            if left[line]:
                heapq.heappush(due, (now + 2 * ROUND, line))
            else:
                served.append(now / 60)
        else:
            refused += 1
            failures[line] += 1
            pause = min(300, 5 * 2 ** min(failures[line] - 1, 16))
            heapq.heappush(due, (now + (pause / 2 + random.random() * pause / 2 if chance else pause), line))
    served.sort()
    return refused / lines, max(asked.values()), served[lines // 2], served[-1]


def main():
    print("lines   wait, s  chance  refused a line  most a second  half served, min  all served, min")
    for lines, wait, chance in [
        (1_000, 0, False), (1_000, 0, True), (1_000, 120, True), (1_000, 720, True), (1_000, 7_200, True),
        (10_000, 120, True), (10_000, 7_200, True),
    ]:
        refused, most, half, last = play(lines, wait, chance)
        print(f"{lines:<7} {wait:<8} {'yes' if chance else 'no':<7} {refused:<15.1f} {most:<14} {half:<17.0f} {last:.0f}")


if __name__ == "__main__":
    main()
