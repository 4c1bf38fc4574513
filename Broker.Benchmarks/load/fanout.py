"""A fan-out to subscribers, plain or over TLS: the same client for both, so that what differs is the server's work.

fanout.py PORT PID plain|tls CONNECTIONS [MESSAGES WINDOW]

Prints figures as wsload does: CPU of the server per connect and per delivery, what was lost, and without MESSAGES the server's memory
after five seconds. With 0 messages it only connects.
"""
import select
import sys
import time

import clients

CHANNEL = "public.x"
TEXT = "x" * 100
WARM = 50
# Publications in one request: they are on their way together.
BATCH = 16


def main():
    port, pid, kind, count = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    tls = clients.trusting_tls() if kind == "tls" else None
    before, begun = clients.cpu_seconds(pid), time.monotonic()
    subscribers = clients.connect_all(count, lambda _: clients.Client(port, [CHANNEL], tls))
    seconds = time.monotonic() - begun
    time.sleep(0.5)
    cpu = clients.cpu_seconds(pid) - before
    print(f"connects_per_s={count / seconds:.0f} server_cpu_us_per_connect={cpu * 1e6 / count:.1f}")
    if len(sys.argv) == 5:
        time.sleep(5)
        print(f"rss_after_kb={clients.resident_kb(pid)}")
    elif int(sys.argv[5]) > 0:
        fan_out(clients.Api(port, tls), pid, subscribers, int(sys.argv[5]), int(sys.argv[6]))


def fan_out(api, pid, subscribers, messages, window):
    poll, by_descriptor = select.epoll(), {}
    for client in subscribers:
        by_descriptor[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    publish_and_count(api, poll, by_descriptor, WARM, window)
    before = clients.cpu_seconds(pid)
    delivered = publish_and_count(api, poll, by_descriptor, messages, window)
    cpu = clients.cpu_seconds(pid) - before
    print(f"us_per_delivery={cpu * 1e6 / max(delivered, 1):.3f} lost={messages * len(subscribers) - delivered}")


def publish_and_count(api, poll, by_descriptor, messages, window):
    """Publishes with at most so many on the way; gives up when nothing has come for five seconds."""
    sent = delivered = 0
    quiet = time.monotonic()
    while delivered < messages * len(by_descriptor) and time.monotonic() - quiet < 5:
        while sent < messages and (sent - window) * len(by_descriptor) < delivered:
            batch = min(window, messages - sent, BATCH)
            api.publish(CHANNEL, TEXT, batch)
            sent += batch
        for descriptor, _ in poll.poll(0.1):
            client, had = by_descriptor[descriptor], by_descriptor[descriptor].received
            if not client.read():
                poll.unregister(descriptor)
            if client.received > had:
                delivered += client.received - had
                quiet = time.monotonic()
    return delivered


if __name__ == "__main__":
    main()
