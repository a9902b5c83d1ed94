"""A server of the application on loopback, and a client that sends what it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import uvicorn
from starlette.types import ASGIApp

from handler.app import create_app
from handler.wiring import Services


@contextmanager
def served(services: Services) -> Iterator[str]:
    """A server of the application; gives its URL."""
    with running(create_app(services)) as url:
        yield url


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """A server of some application, run as `python -m handler serve` runs it; gives its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            server.should_exit = True
            thread.join()


def ask(
    url: str, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Send a request as it is, whatever is in its path, and give status, headers and body; `_` is `-` in a name."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=30)
    try:
        connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
        for name, value in {"content_length": str(len(body)), **headers}.items():
            connection.putheader(name.replace("_", "-"), value.encode())
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()
