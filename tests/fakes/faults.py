"""A server that stands before another one and gets in the way, as networks and services in trouble do."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

_NOT_PASSED_ON = {"connection", "content-length", "date", "server", "transfer-encoding"}
_DRIP_S = 0.05


class Faults:
    """What goes wrong: nothing, until it is told to. Each lasts until `cease`."""

    def __init__(self) -> None:
        self.over = Event()
        self.cease()

    def cease(self) -> None:
        """Let all go well from now on, and whoever hangs go on."""
        self.over.set()
        self.over = Event()
        self.latency_s = 0.0
        self.refusal: tuple[int, str] | None = None  # a status and a code of S3
        self.refused_share = 1.0
        self.resets = False  # the connection, before an answer
        self.drips = False  # what is read comes byte by byte
        self.missing_bytes = 0  # how much less of what is read comes than is promised
        self.alters: Callable[[bytes], bytes] | None = None  # what is read, together with its checksum


class FaultyProxy:
    """Passes requests on to a server, with faults."""

    def __init__(self, upstream_url: str) -> None:
        self.faults = Faults()
        self.upstream = urlsplit(upstream_url).netloc
        self.random = Random(7)
        self.lock = Lock()
        self.asked = 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._server: _Server | None = None
        self.listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def listen(self) -> None:
        """Take connections."""
        if self._server is None:
            self._server = _Server(self)
            Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def refuse(self) -> None:
        """Take no connections, and drop those that are open."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def is_refused(self) -> bool:
        """Whether the next request is one of the share."""
        with self.lock:
            self.asked += 1
            return self.faults.refusal is not None and self.random.random() < self.faults.refused_share


@contextmanager
def faulty_proxy(upstream_url: str) -> Iterator[FaultyProxy]:
    """A proxy before the server of a URL."""
    proxy = FaultyProxy(upstream_url)
    try:
        yield proxy
    finally:
        proxy.faults.cease()
        proxy.refuse()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, proxy: FaultyProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", proxy.port), _Handler)

    def handle_error(self, *_: object) -> None:
        """Say nothing: callers go away, as they should."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer a request as the server behind does, unless something goes wrong."""
        proxy = self.server.proxy
        faults, over = proxy.faults, proxy.faults.over
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_refused = proxy.is_refused()
        if faults.latency_s:
            over.wait(faults.latency_s)
        if faults.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        if is_refused and faults.refusal:
            status, code = faults.refusal
            self._answer(status, {"Content-Type": "application/xml"}, f"<Error><Code>{code}</Code></Error>".encode())
            return
        upstream = HTTPConnection(proxy.upstream, timeout=30)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        headers, read = dict(answer.getheaders()), answer.read()
        upstream.close()
        is_value = self.command == "GET" and answer.status == 200
        if is_value and faults.alters:
            read = faults.alters(read)
            headers = {name: value for name, value in headers.items() if "checksum" not in name.lower()}
        self._answer(answer.status, headers, read, faults.missing_bytes if is_value else 0, is_value and faults.drips)

    do_PUT = do_DELETE = do_HEAD = do_GET

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, missing_bytes: int = 0, drips: bool = False
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # so that none outlives a refusal
        self.end_headers()
        body = body[: len(body) - missing_bytes]
        for start in range(len(body)) if drips else ():
            self.wfile.write(body[start : start + 1])
            self.server.proxy.faults.over.wait(_DRIP_S)
        if not drips:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
