"""Waves of clients that connect, subscribe, publish and leave, each in its own way, while the broker's memory and descriptors are read.

churn.py PORT PID SECONDS EVERY

Each wave has channels of its own, besides one that all share. Samples are taken when all clients of a wave have gone. Exits with 1 when
the broker grew, or when a publication did not come.
"""
import select
import socket
import statistics
import struct
import sys
import time

import clients

WAVE, CHANNELS, PUBLICATIONS = 400, 40, 20
ENOUGH_SAMPLES = 8


def main():
    port, pid, seconds, every = (int(argument) for argument in sys.argv[1:5])
    api, samples, lost, wave = clients.Api(port), [], 0, 0
    begun = time.monotonic()
    print("  seconds   waves  clients  resident_kb  descriptors  lost")
    while time.monotonic() - begun < seconds:
        lost += run_wave(api, port, wave)
        wave += 1
        wait_until_gone(api)
        if time.monotonic() - begun >= every * (len(samples) + 1):
            samples.append((clients.resident_kb(pid), clients.descriptors(pid)))
            print("%9d%8d%9d%13d%13d%6d" % (time.monotonic() - begun, wave, wave * WAVE, *samples[-1], lost), flush=True)
    print(f"{wave * WAVE} clients in {wave} waves, lost {lost}")
    grew = verdict(samples)
    sys.exit(1 if grew or lost else 0)


def run_wave(api, port, wave):
    own = [f"public.churn-{wave}-{i}" for i in range(CHANNELS)]
    vanish_early(port)
    members = clients.connect_all(WAVE, lambda i: clients.Client(port, ["public.churn", own[i % CHANNELS]]))
    for i in range(PUBLICATIONS):
        api.publish("public.churn", f"to all, {i}")
    for member, channel in zip(members, own):
        member.send('{"id":9,"publish":{"channel":"%s","data":{"t":0}}}' % channel)
    lost = WAVE * (PUBLICATIONS + 1) - receive(members, WAVE * (PUBLICATIONS + 1))
    for i, member in enumerate(members):
        leave(member, i, own[i % CHANNELS])
    return lost


def vanish_early(port):
    """Connections that end before, or in the middle of, the upgrade."""
    for request in (b"", b"GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgr"):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", port)) as early:
                early.sendall(request)


def receive(members, expected):
    """Reads until all has come, or nothing more for five seconds."""
    poll, by_descriptor = select.epoll(), {member.socket.fileno(): member for member in members}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    received, quiet = 0, time.monotonic()
    while received < expected and time.monotonic() - quiet < 5:
        for descriptor, _ in poll.poll(0.1):
            if not by_descriptor[descriptor].read():
                poll.unregister(descriptor)
            quiet = time.monotonic()
        received = sum(member.received for member in members)
    poll.close()
    return received


def leave(member, number, channel):
    """By a close frame, by closing, after unsubscribing, or by a reset."""
    way = number % 4
    if way == 0:
        member.socket.send(clients.frame("\x03\xe8", opcode=8))
    elif way == 1:
        member.send('{"id":10,"unsubscribe":{"channel":"%s"}}' % channel)
    elif way == 2:
        member.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    member.socket.close()


def wait_until_gone(api):
    until = time.monotonic() + 20
    while (left := api.clients()) > 0:
        if time.monotonic() > until:
            sys.exit(f"the broker still counts {left} clients, 20 seconds after all of them left")
        time.sleep(0.05)


def verdict(samples):
    """Flat, after a first quarter that does not count: see docs/explanation/performance.md."""
    counted = samples[len(samples) // 4:]
    if len(samples) < ENOUGH_SAMPLES:
        print(f"no verdict: {len(samples)} samples, {ENOUGH_SAMPLES} are needed")
        return False
    first, second = counted[:len(counted) // 2], counted[len(counted) // 2:]
    before, after = (statistics.median(memory for memory, _ in half) for half in (first, second))
    most, then = (max(count for _, count in half) for half in (first, second))
    grew = after > before * 1.1 or then > most + 8
    print(f"{'NOT flat' if grew else 'flat'}: resident {before:.0f} -> {after:.0f} KB (up to 1.1 times), descriptors {most} -> {then} (up to 8 more)")
    return grew


if __name__ == "__main__":
    main()
