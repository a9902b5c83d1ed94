"""Webhooks over HTTP, signed, to hosts that are listed and to addresses that were checked."""

import base64
import binascii
import hashlib
import hmac
import http.client
import re
import socket
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread, Timer
from typing import TYPE_CHECKING, Self, TypeVar

from services.errors import InvalidOption, WebhookFailed

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

Result = TypeVar("Result")
Resolve = Callable[[str], Collection[str]]

MAX_URL_CHARS = 2000
_DEFAULT_PORTS = {"https": 443, "http": 80}
_PASSING = frozenset({408, 425, 429})  # the statuses 4xx that may be others next time

# What is no such URL is refused, rather than read as some parser or other would: no user info, fragment or IP literal.
_URL = re.compile(r"([A-Za-z]+)://([^\s/?#@:\\\[\]]+)(?::([0-9]{1,5}))?([/?][^#\\\"<>^`{|}\x00-\x20\x7f-\U0010ffff]*)?")
_ENTRY = re.compile(r"(\*\.)?([^\s/?#@:\\\[\]*]+)(?::([0-9]{1,5}))?")
# The last label begins with a letter, so that no way to write an IPv4 address (decimal, octal, hex) is a name.
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")
_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

# By IANA's special-purpose registries. All other IPv6 addresses are mapped, translated (NAT64), local or unassigned.
_IPV6_UNICAST = ip_network("2000::/3")
_SPECIAL = [  # `is_global` tells not all of these apart, and which depends on the Python
    *map(ip_network, ("0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3")),
    *map(ip_network, ("2001::/23", "2002::/16", "3fff::/20")),
]
_PRIVATE = [
    *map(ip_network, ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    *map(ip_network, ("::1/128", "fc00::/7")),
]
_CLOUD = ip_network("fd00:ec2::/32")  # EC2's metadata, among others; 169.254.0.0/16 in IPv6


def signing_key(secret: str) -> bytes:
    """The key in `whsec_` and base64, of 24 to 64 bytes. Raises ValueError."""
    match = _SECRET.fullmatch(secret)
    with suppress(binascii.Error):
        key = base64.b64decode(match[1], validate=True) if match else b""
        if 24 <= len(key) <= 64:
            return key
    raise ValueError("a webhook secret is whsec_ and the base64 of 24 to 64 random bytes")


@dataclass(frozen=True, slots=True)
class HostRule:
    """A host that webhooks may go to, or all below it (`*.example.org`), on the scheme's own port or on another."""

    name: str
    below: bool
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> Self:
        """A rule from `name`, `name:port`, `*.name` or `*.name:port`. Raises ValueError."""
        match = _ENTRY.fullmatch(entry)
        name = _ascii_name(match[2]) if match else None
        port = int(match[3]) if match and match[3] else None
        if not match or not name or (port is not None and not 0 < port < 65536):
            raise ValueError(f"{entry!r} is not a host for webhooks: name, name:port, *.name or *.name:port")
        return cls(name, bool(match[1]), port)

    def allows(self, target: "Target") -> bool:
        """Whether a webhook may go there, by its name and port."""
        named = target.host.endswith(f".{self.name}") if self.below else target.host == self.name
        return named and target.port == (self.port or _DEFAULT_PORTS[target.scheme])


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's URL, in parts: the host is a name in ASCII and small letters, the path has its query."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """The parts of a URL. Raises InvalidOption, which quotes nothing of it: a URL may hold credentials."""
        if len(url) > MAX_URL_CHARS:
            raise _refused(f"the webhook URL has more than {MAX_URL_CHARS} characters")
        match = _URL.fullmatch(url)
        scheme = match[1].lower() if match else ""
        if not match or scheme not in _DEFAULT_PORTS:
            raise _refused("the webhook URL is no https URL, or has spaces, user info, a fragment or an IPv6 address")
        host = _ascii_name(match[2])
        if not host:
            raise _refused("the webhook URL names its host, and not by an address")
        path = match[4] or "/"
        port = int(match[3] or _DEFAULT_PORTS[scheme])
        return cls(scheme, host, port, path if path.startswith("/") else f"/{path}")

    @property
    def authority(self) -> str:
        """The host, with its port where that is not the scheme's own."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


class NoWebhooks:
    """For installations without webhooks."""

    def check(self, url: str) -> None:
        """Raises InvalidOption, whatever the URL."""
        raise _refused("webhooks are not configured here")

    def deliver(self, url: str, event_id: str, body: bytes) -> None:
        """Raises WebhookFailed: the job was accepted by an installation that had webhooks."""
        raise WebhookFailed("webhooks are not configured here", retryable=False)


def _addresses(host: str) -> list[str]:
    return [str(place[0]) for *_, place in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class HttpWebhooks:
    """Calls listed hosts over https, at global addresses; with `private`, over http and at private addresses too.

    Signed by Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md),
    symmetric: its sender's half is the three lines of `_signed_headers`, which a dependency would only wrap.

    A name is resolved once and the connection goes to an address that was checked, so that a name which resolves to
    another one a moment later gains nothing. Redirects and the environment's proxies are ignored, and nothing is tried
    twice. No answer is read beyond its headers.
    """

    def __init__(
        self,
        key: bytes,
        hosts: Collection[HostRule],
        private: bool = False,
        timeout_s: float = 8,
        resolve: Resolve = _addresses,
    ) -> None:
        self._key = key
        self._hosts = tuple(hosts)
        self._private = private
        self._timeout_s = timeout_s
        self._resolve = resolve

    def check(self, url: str) -> None:
        """Raises InvalidOption when the URL may not be called, by how it is written: no name is resolved yet."""
        self._target(url)

    def deliver(self, url: str, event_id: str, body: bytes) -> None:
        """Post a JSON body, within `timeout_s` in all. Raises WebhookFailed, and ValueError for an id that is none."""
        if not _EVENT_ID.fullmatch(event_id):  # a full stop in it would make the signature ambiguous
            raise ValueError("an event id is letters, digits, _ and -")
        deadline = time.monotonic() + self._timeout_s
        try:
            target = self._target(url)
        except InvalidOption as exc:
            raise WebhookFailed(exc.detail, retryable=False) from exc
        with _translated():
            address = self._checked_address(target.host, deadline)
            status = _post(target, address, self._signed_headers(target, event_id, body), body, deadline)
        if not 200 <= status < 300:
            final = 400 <= status < 500 and status not in _PASSING
            raise WebhookFailed(f"the webhook was answered with {status}", retryable=not final, status=status)

    def _target(self, url: str) -> Target:
        target = Target.parse(url)
        if target.scheme != "https" and not self._private:
            raise _refused("webhooks go over https here")
        if not any(rule.allows(target) for rule in self._hosts):
            raise _refused("webhooks may not go to that host and port here")
        return target

    def _checked_address(self, host: str, deadline: float) -> str:
        addresses = _in_time(lambda: self._resolve(host), deadline)
        if not addresses:
            raise OSError("the name has no address")
        if not all(_may_be_called(ip_address(address), self._private) for address in addresses):
            raise WebhookFailed("the webhook's host has an address that may not be called here", retryable=False)
        return next(iter(addresses))

    def _signed_headers(self, target: Target, event_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        digest = hmac.digest(self._key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256)
        return {
            "Host": target.authority,
            "User-Agent": "Interlede",
            "Connection": "close",
            "Content-Type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }


def _refused(detail: str) -> InvalidOption:
    return InvalidOption(detail, option="webhook")


def _ascii_name(host: str) -> str | None:
    """The host as DNS knows it; None if it is no name."""
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode()
        except UnicodeError:  # IDNAError is one
            return None
    host = host.lower()
    return host if len(host) <= 253 and _NAME.fullmatch(host) else None


def _may_be_called(address: IPv4Address | IPv6Address, private: bool) -> bool:
    if private and address not in _CLOUD and any(address in network for network in _PRIVATE):
        return True
    globally = address.is_global and (address.version == 4 or address in _IPV6_UNICAST)
    return globally and not any(address in network for network in _SPECIAL)


def _post(target: Target, address: str, headers: dict[str, str], body: bytes, deadline: float) -> int:
    """The status of the answer."""
    with closing(_connection(target, address, _left(deadline) / 2)) as connection:
        connection.connect()  # half the time for TCP, half for TLS
        connection.timeout = _left(deadline)
        sock = connection.sock
        with _cut_off(sock, deadline):
            connection.request("POST", target.path, body, headers)
            # Not urllib3's own, which logs the URL when the answer's headers are malformed.
            with closing(http.client.HTTPConnection.getresponse(connection)) as answer:
                _left(deadline)  # headers that are cut off look like whole ones
                return answer.status


def _connection(target: Target, address: str, timeout_s: float) -> "HTTPConnection":
    """A connection to the address that is the host's own; TLS asks for the host's name and verifies it."""
    from urllib3.connection import HTTPConnection, HTTPSConnection

    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout_s)
    return HTTPSConnection(
        address, target.port, timeout=timeout_s, server_hostname=target.host, cert_reqs="CERT_REQUIRED"
    )


@contextmanager
def _cut_off(sock: socket.socket, deadline: float) -> Iterator[None]:
    """Ends the connection at the deadline: a socket's own timeout starts anew with each byte that drips in."""

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # a TLS socket's own would go on without encryption

    timer = Timer(_left(deadline), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _in_time(work: Callable[[], Result], deadline: float) -> Result:
    """What the work gives, unless it takes too long: getaddrinfo has no timeout of its own."""
    done: Future[Result] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as exc:
            done.set_exception(exc)

    Thread(target=run, daemon=True).start()
    return done.result(_left(deadline))


def _left(deadline: float) -> float:
    """The seconds to the deadline, more than 0. Raises TimeoutError."""
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("the webhook took too long")
    return left_s


@contextmanager
def _translated() -> Iterator[None]:
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (OSError, HTTPError, http.client.HTTPException) as exc:
        raise WebhookFailed("the webhook got no answer", retryable=True, cause=type(exc).__name__) from exc
