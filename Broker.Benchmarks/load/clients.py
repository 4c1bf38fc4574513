"""WebSocket clients for the loads of this folder: Centrifugo's JSON protocol, plain or over TLS, and the server's side of /proc."""
import concurrent.futures
import http.client
import json
import os
import socket
import ssl

MARKER = b'"t":'
PING = b"\x81\x02{}"


def frame(text, opcode=1):
    """A client's frame; its mask is zero, which leaves the payload as it is."""
    data = text.encode()
    length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + bytes(4) + data


class Client:
    """A subscriber that counts the publications it gets. A publication has the marker "t": once."""

    def __init__(self, port, channels, tls=None, segment=None):
        self.received = 0
        self._tail = b""
        self.socket = socket.socket()
        self.socket.settimeout(20)
        if segment:
            # Over loopback a segment has 64 KB, and the kernel's buffers megabytes; a network's are smaller.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket)
        self._upgrade()
        self._subscribe(channels)

    def _upgrade(self):
        self.socket.sendall(
            b"GET /connection/websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        answer = self._read_until(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(answer.decode(errors="replace"))

    def _subscribe(self, channels):
        commands = ['{"id":1,"connect":{}}']
        commands += ['{"id":%d,"subscribe":{"channel":"%s"}}' % (2 + i, channel) for i, channel in enumerate(channels)]
        self.send("\n".join(commands))
        answer = self._read_until(b'"id":%d,' % (1 + len(channels)))
        if b'"error"' in answer:
            raise ConnectionError(answer.decode(errors="replace"))

    def _read_until(self, end):
        data = b""
        while end not in data:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("closed after " + data.decode(errors="replace"))
            data += more
        return data

    def send(self, text):
        self.socket.sendall(frame(text))

    def read(self):
        """Reads what is there, counts it and answers a ping. False when the server has closed."""
        while True:
            try:
                data = self.socket.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                return True
            if not data:
                return False
            data = self._tail + data
            self.received += data.count(MARKER)
            if PING in data:
                self.socket.send(frame("{}"))
            self._tail = data[-3:]
            # TLS may hold decrypted bytes that no poll tells of.
            if not (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()):
                return True


def connect_all(count, make):
    """Makes clients, eight at a time; make gets the number of each."""
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        clients = list(threads.map(make, range(count)))
    for client in clients:
        client.socket.setblocking(False)
    return clients


class Api:
    """The server API over one connection that stays open."""

    def __init__(self, port, tls=None):
        self._http = http.client.HTTPSConnection("127.0.0.1", port, context=tls) if tls else http.client.HTTPConnection("127.0.0.1", port)
        self._http.connect()

    def call(self, method, params, times=1):
        """The same call so many times in one request; the answer to the first."""
        call = json.dumps({"method": method, "params": params}, separators=(",", ":"))
        self._http.request("POST", "/api", "\n".join([call] * times), {"X-API-Key": "bench", "Content-Type": "application/json"})
        answers = [json.loads(line) for line in self._http.getresponse().read().splitlines()]
        for answer in answers:
            if "error" in answer:
                raise ConnectionError(str(answer))
        return answers[0]["result"]

    def publish(self, channel, text, times=1):
        self.call("publish", {"channel": channel, "data": {"t": 0, "p": text}}, times)

    def clients(self):
        return sum(node.get("num_clients", 0) for node in self.call("info", {})["nodes"])


def trusting_tls():
    """The certificate is made for the run and signed by nobody."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kb(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
