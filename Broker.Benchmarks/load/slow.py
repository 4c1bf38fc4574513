"""Subscribers that do not read, or read little.

slow.py PORT CONNECTIONS stopped|slow

Subscribes, prints "ready", and then reads nothing, or 256 KB a second; until it is ended by its pid.
"""
import sys
import time

import clients

# What a segment holds on Ethernet: with loopback's, each connection would take megabytes before the broker notices anything.
SEGMENT = 1400
KILOBYTES_A_TURN, TURNS_A_SECOND = 64, 4


def main():
    port, count, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    open_ones = clients.connect_all(count, lambda _: clients.Client(port, ["public.x"], segment=SEGMENT))
    print("ready", flush=True)
    while True:
        time.sleep(1 / TURNS_A_SECOND)
        if kind == "slow":
            open_ones = [client for client in open_ones if reads_on(client)]


def reads_on(client):
    try:
        if client.socket.recv(KILOBYTES_A_TURN * 1024):
            return True
    except BlockingIOError:
        return True
    except ConnectionResetError:
        pass
    client.socket.close()
    return False


if __name__ == "__main__":
    main()
